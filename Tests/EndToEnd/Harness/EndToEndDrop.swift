import GRDB
import Glibc
import Synchronization
import TestSupport
import Testing

/// One customer's drop with nothing but real parts: an OpenSSH server, its client, a configuration file, the binary.
///
/// Nothing is shared between two of them, and everything goes with the last reference.
final class EndToEndDrop: Sendable {
    /// `etc/acme.yaml`, `state/` and what was staged for the client.
    let folder: TemporaryFolder
    let server: OpenSSHServer
    private let binary: String
    private let serial = Mutex(0)
    private let dropped = Mutex<[[UInt8]]>([])

    private init(folder: TemporaryFolder, server: OpenSSHServer, binary: String) {
        self.folder = folder
        self.server = server
        self.binary = binary
    }

    /// Starts the server, unless there is one, and writes the configuration.
    static func start(
        _ settings: DropSettings = DropSettings(),
        server options: OpenSSHServer.Options = OpenSSHServer.Options(),
        on running: OpenSSHServer? = nil
    ) async throws -> EndToEndDrop {
        let binary = try Program.path()
        let server: OpenSSHServer
        if let running { server = running } else { server = try await OpenSSHServer.start(options) }
        let folder = try TemporaryFolder("drop")
        try folder.makeFolder("etc/credentials/acme")
        try folder.makeFolder("tmp")
        let key = try TemporaryFolder.read(server.clientKey)
        try folder.write(key, to: "etc/credentials/acme/drop-key", mode: 0o600)
        let drop = EndToEndDrop(folder: folder, server: server, binary: binary)
        try drop.configure(settings)
        return drop
    }

    var configuration: String { folder.path("etc/acme.yaml") }

    /// Writes the configuration file anew.
    func configure(_ settings: DropSettings) throws {
        let url = "sftp://\(server.user)@\(server.host):\(settings.port ?? server.port)\(server.root)"
        let yaml = settings.yaml(state: folder.path("state"), url: url, pin: server.hostKeyPin)
        try folder.write(yaml, to: "etc/acme.yaml", mode: 0o600)
    }

    /// Uploads files in one session of the `sftp` client; it makes the folders as needed.
    func put(_ files: DroppedFile...) async throws { try await put(files) }

    func put(_ files: [DroppedFile]) async throws {
        let stage = "stage\(next())"
        for file in files {
            try folder.makeFolder("\(stage)/\(file.folder)")
            try folder.write(file.bytes, to: "\(stage)/\(file.path)")
        }
        dropped.withLock { $0 += files.map(\.bytes) }
        try await server.sftp(["put -r \(folder.path(stage))/*"])
    }

    /// Lays files into the served folder past the server, for a test that drops thousands.
    func place(_ files: DroppedFile...) throws {
        for file in files {
            try server.folder.makeFolder("inbox/\(file.folder)")
            try server.folder.write(file.bytes, to: "inbox/\(file.path)")
        }
        dropped.withLock { $0 += files.map(\.bytes) }
    }

    /// Takes note of a file that somebody has dropped without us.
    func note(_ bytes: [UInt8]) { dropped.withLock { $0.append(bytes) } }

    /// Makes an uploaded file longer, as a client does that goes on with an upload.
    func append(_ text: String, to file: DroppedFile) async throws {
        let whole = file.bytes + Array(text.utf8)
        let local = try folder.write(whole, to: "whole\(next())")
        dropped.withLock { $0 = $0.filter { $0 != file.bytes } + [whole] }
        try await server.sftp(["reput \(local) \(file.path)"])
    }

    /// What lies in a folder of the inbox, sorted; nothing if there is none.
    func listing(_ directory: String) throws -> [String] {
        guard access("\(server.root)/\(directory)", F_OK) == 0 else { return [] }
        return try server.folder.names(in: "inbox/\(directory)")
    }

    /// The one error report of a type.
    func report(_ type: String) throws -> String {
        let names = try listing("\(type)/failed").filter { $0.hasSuffix(".csv.errors.csv") }
        return try server.folder.text(
            "inbox/\(type)/failed/\(try #require(names.count == 1 ? names.first : nil))"
        )
    }

    /// Every byte string that was ever dropped.
    var everDropped: [[UInt8]] { dropped.withLock { $0 } }

    /// Runs a verb to its end; `--config` is added.
    func run(_ arguments: String...) async throws -> CommandResult { try await run(arguments) }

    /// Runs a verb to its end; `--config` is added.
    func run(_ arguments: [String]) async throws -> CommandResult {
        try await result(of: arguments + ["--config", configuration])
    }

    /// Runs a verb to its end that reads some text from its standard input.
    func run(_ arguments: String..., saying text: String) async throws -> CommandResult {
        let id = next()
        let input = try folder.write(text, to: "tmp/\(id).in", mode: 0o600)
        let program = try launch(arguments + ["--config", configuration], number: id, input: input)
        return try result(try await program.wait(), number: id)
    }

    /// Runs a verb that knows no drop to its end.
    func runBare(_ arguments: String...) async throws -> CommandResult { try await result(of: arguments) }

    private func result(of arguments: [String]) async throws -> CommandResult {
        let id = next()
        let program = try launch(arguments, number: id)
        let status = try await program.wait()
        return try result(status, number: id)
    }

    /// Runs a verb to its end on this very thread, for checks that are not asynchronous.
    func runBlocking(_ arguments: String...) throws -> CommandResult {
        let id = next()
        let program = try launch(arguments + ["--config", configuration], number: id)
        while program.isRunning { usleep(2000) }
        return try result(program.exitStatus ?? -1, number: id)
    }

    private func result(_ status: Int, number: Int) throws -> CommandResult {
        CommandResult(
            status: status,
            output: try folder.text("tmp/\(number).out"),
            errors: try folder.text("tmp/\(number).err")
        )
    }

    /// Makes one run and expects it to end so.
    @discardableResult
    func poll(_ expected: Int = 0, sourceLocation: SourceLocation = #_sourceLocation) async throws
        -> CommandResult
    {
        let result = try await run("poll")
        #expect(result.status == expected, "\(result.errors)\(result.output)", sourceLocation: sourceLocation)
        return result
    }

    /// Starts a verb and leaves it running.
    func launch(_ arguments: String..., environment: [String: String] = [:]) throws -> ChildProcess {
        try launch(arguments + ["--config", configuration], number: next(), environment: environment)
    }

    /// What the verb that was started last has said on its standard error.
    func lastComplaint() -> String { (try? folder.text("tmp/\(serial.withLock(\.self)).err")) ?? "" }

    private func launch(
        _ arguments: [String],
        number: Int,
        input: String = "/dev/null",
        environment: [String: String] = [:]
    ) throws -> ChildProcess {
        try ChildProcess(
            [binary] + arguments,
            input: input,
            output: folder.path("tmp/\(number).out"),
            errors: folder.path("tmp/\(number).err"),
            environment: environment
        )
    }

    private func next() -> Int {
        serial.withLock {
            $0 += 1
            return $0
        }
    }

    /// Rows of a query, their values joined by `|`, NULL as `-`.
    func query(_ sql: String) throws -> [String] { try query(sql, in: "state") }

    /// As ``query(_:)``, in another state directory.
    func query(_ sql: String, in state: String) throws -> [String] {
        try read(in: state) { db in
            try Row.fetchAll(db, sql: sql).map { row in
                row.databaseValues.map { $0.isNull ? "-" : "\($0.storage.value ?? "")" }.joined(
                    separator: "|"
                )
            }
        }
    }

    /// Expects a query to have these rows.
    func expect(_ sql: String, gives rows: [String], sourceLocation: SourceLocation = #_sourceLocation) throws
    {
        let found = try query(sql)
        #expect(found == rows, sourceLocation: sourceLocation)
    }

    /// Reads the ledger as any SQLite tool does: read-only, and without functions of ours.
    func read<Value>(in state: String = "state", _ body: (Database) throws -> Value) throws -> Value {
        var configuration = GRDB.Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(5)
        return try DatabaseQueue(path: folder.path("\(state)/ledger.sqlite"), configuration: configuration)
            .read(body)
    }

    /// Changes the ledger by hand, while nobody holds it.
    func write(_ sql: String) throws {
        try DatabaseQueue(path: folder.path("state/ledger.sqlite")).writeWithoutTransaction {
            try $0.execute(sql: sql)
        }
    }

    /// `state|reason|total=inserted+updated+unchanged+rejected+parked` for each file of a type, in order.
    func files(_ type: String) throws -> [String] {
        try query(
            """
            SELECT state, reason, rows_total || '=' || rows_inserted || '+' || rows_updated || '+' || rows_unchanged
                   || '+' || rows_rejected || '+' || rows_parked
              FROM files WHERE type = '\(type)' ORDER BY file_id
            """
        )
    }

    /// Expects the newest file to have these issues, as `record|severity|code|column`.
    func expectIssues(_ issues: [String], sourceLocation: SourceLocation = #_sourceLocation) throws {
        let sql = """
            SELECT record, severity, code, column_name FROM row_issues
             WHERE file_id = (SELECT max(file_id) FROM files) ORDER BY record, code, column_name
            """
        try expect(sql, gives: issues, sourceLocation: sourceLocation)
    }

    func statusLog() throws -> [LogLine] { try LogLine.all(in: folder.text("state/status.log")) }

    /// The lines of one event.
    func log(_ event: String) throws -> [LogLine] { try statusLog().filter { $0.event == event } }

    /// The mails that left, oldest first.
    func mails() throws -> [ReceivedMail] {
        guard folder.contains("state/mail") else { return [] }
        let names = try folder.names(in: "state/mail").filter { $0.hasSuffix(".eml") }
        let mails = try names.map { ReceivedMail(try folder.read("state/mail/\($0)")) }
        return mails.sorted { $0.number < $1.number }
    }

    /// The kinds of the mails, oldest first.
    func mailKinds() throws -> [String] { try query("SELECT kind FROM mail_queue ORDER BY mail_id") }
}
