import Foundation
import Glibc
import Ingestion
package import Ledger
import Receivables
import Threads

/// `ledgerdrop check PATH...`: loads local files into a private copy of the ledger and throws that away.
///
/// So they are judged by everything that a real load knows, the files before them on the command line included.
package enum CheckVerb {
    /// What is shown of each file.
    package struct Manner: Sendable {
        package var isJSON: Bool
        /// Whether the text lists what would change, too; JSON always does.
        package var listsChanges: Bool
        package var scope: Difference.Scope

        package init(isJSON: Bool, listsChanges: Bool, perKind: Int?, showsValues: Bool) {
            self.isJSON = isJSON
            self.listsChanges = listsChanges
            let perKind = isJSON || listsChanges ? perKind : 0
            scope = Difference.Scope(perKind: perKind, showsValues: showsValues, issues: .max)
        }
    }

    /// Blocks the thread of a command, which has nothing else to do.
    ///
    /// - Parameter write: Is given the output, piece by piece.
    /// - Returns: ``ExitStatus/dataError`` when at least one row or file would not load.
    /// - Throws: ``CommandFailure`` when a file cannot be read or its type cannot be told.
    package static func check(
        _ paths: [String],
        type: String?,
        _ configuration: Configuration,
        _ manner: Manner,
        progress: WorkProgress.Teller?,
        write: @escaping @Sendable (String) -> Void
    ) async throws -> ExitStatus {
        let files = try paths.map { try LocalFile($0, type: type, configuration) }
        return try await onOwnThread {
            let scratch = try makeFolder()
            // What is left of it, should this fail, is for the system's own cleaning.
            defer { try? FileManager.default.removeItem(atPath: scratch) }
            let bench = try Bench(files, configuration, scratch: scratch)
            return try bench.check(manner, progress: progress, write: write)
        }
    }

    private static func makeFolder() throws -> String {
        var template = Array("\(NSTemporaryDirectory())/ledgerdrop-check-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw CommandFailure(.cannotCreate, "a temporary folder: \(Errno.text)")
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// The files, received by a copy of the ledger.
private struct Bench {
    private let loader: Loader
    private let batch: Batch
    private let received: [Int64: LocalFile]
    private let time: Timestamp

    init(_ files: [LocalFile], _ configuration: Configuration, scratch: String) throws {
        time = HostTime().now
        let path = "\(configuration.stateDirectory)/ledger.sqlite"
        let original = access(path, F_OK) == 0 ? try Ledger.openReadOnly(path: path) : nil
        let drop = Drop(name: configuration.name, inboxURL: configuration.inbox.url)
        let ledger = try Ledger.scratch(of: original, drop: drop, in: scratch, at: time)
        guard let day = Day(at: Int(clamping: time.seconds), in: configuration.zone) else {
            throw CommandFailure(.configuration, "zone cannot be used")
        }
        var received: [Int64: LocalFile] = [:]
        var members: [ReceivedFile] = []
        for file in files {
            let arrival = LocalArrival(name: file.name, type: file.type.name, size: file.size)
            let id = try ledger.receive(arrival, at: time)
            received[id] = file
            members.append(file.received(as: id))
        }
        self.received = received
        batch = Batch(run: nil, slot: time, day: day, files: members)
        loader = Loader(ledger: ledger, settings: LoadSettings(configuration))
    }

    func check(
        _ manner: CheckVerb.Manner,
        progress: WorkProgress.Teller?,
        write: (String) -> Void
    ) throws -> ExitStatus {
        var status = ExitStatus.ok
        if manner.isJSON { write("[") }
        for (index, member) in batch.files.enumerated() {
            guard let file = received[member.fileID] else { continue }
            let shown = DisplayText(file.path, limit: 4096).escaped
            if manner.isJSON {
                write(
                    "\(index > 0 ? "," : "")\(JSONValue.json(of: [("path", .text(file.path))]).dropLast()),\"rows\":["
                )
            }
            var isFirst = true
            let tell: @Sendable (LoadProgress) -> Void = { progress?(WorkProgress($0)) }
            let difference = try loader.loadTelling(
                member,
                in: batch,
                at: time,
                scope: manner.scope,
                progress: tell
            ) { row in
                write(
                    manner.isJSON ? "\(isFirst ? "" : ",")\(row.jsonValue.json)" : "\(shown): \(row.text)\n"
                )
                isFirst = false
                return true
            }
            if manner.isJSON {
                let issues = ("issues", JSONValue.list(difference.issues.map(\.jsonValue)))
                write("],\(JSONValue.json(of: difference.members + [issues]).dropFirst())")
            } else {
                write(Self.text(of: difference, as: shown, manner))
            }
            if !difference.isWhole { status = .dataError }
        }
        if manner.isJSON { write("]\n") }
        return status
    }

    /// One line for each issue, as a compiler prints it, and nothing for a clean file.
    private static func text(of difference: Difference, as shown: String, _ manner: CheckVerb.Manner)
        -> String
    {
        let issues = difference.issues.map { "\(shown):\($0.line == nil ? " " : "")\($0.text)\n" }
        var text = issues.joined()
        if difference.state == .held { text += "\(shown): would be held: \(difference.reason ?? "")\n" }
        guard manner.listsChanges else { return text }
        if let omission = difference.omission { text += "\(shown): \(omission)\n" }
        return text + "\(shown): \(difference.summary)\n"
    }
}

/// A file on this host that wants to be checked.
private struct LocalFile: Sendable {
    let path: String
    /// Where it really lies.
    let target: String
    let name: String
    let type: RecordType
    let size: Int64

    init(_ path: String, type named: String?, _ configuration: Configuration) throws {
        self.path = path
        let shown = DisplayText(path, limit: 4096).escaped
        guard let target = realpath(path, nil) else {
            throw CommandFailure(.noInput, "\(shown): \(Errno.text)")
        }
        defer { free(target) }
        self.target = String(cString: target)
        guard let status = FileStatus(of: self.target, followingLinks: true), status.isFile else {
            throw CommandFailure(.noInput, "\(shown): is not a file")
        }
        size = status.size
        name = URL(fileURLWithPath: path).lastPathComponent
        let folders = URL(fileURLWithPath: self.target).deletingLastPathComponent().pathComponents.suffix(2)
        let type =
            named.map { Catalogue.type(named: $0) }
            ?? folders.reversed().lazy.compactMap { Catalogue.type(named: $0) }.first
            ?? FlatLayout(patterns: configuration.inbox.patterns).type(of: name)
        guard let type else {
            let types = Catalogue.types.map(\.name).joined(separator: ", ")
            throw CommandFailure(
                .noInput,
                "\(shown): its record type cannot be told; use --type with one of \(types)"
            )
        }
        self.type = type
    }

    func received(as id: Int64) -> ReceivedFile {
        ReceivedFile(
            fileID: id,
            type: type,
            name: name,
            mtime: nil,
            size: size,
            sha256: "",
            spoolPath: target
        )
    }
}
