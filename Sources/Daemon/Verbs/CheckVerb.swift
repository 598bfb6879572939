import Foundation
import Glibc
import Ingestion
import Ledger
import Receivables

/// `ledgerdrop check PATH...`: loads local files into a private copy of the ledger and throws that away.
///
/// So they are judged by everything that a real load knows, the files before them on the command line included.
package enum CheckVerb {
    /// What would become of the files.
    package struct Verdict: Report {
        /// ``ExitStatus/dataError`` when at least one row or file would not load.
        package fileprivate(set) var status = ExitStatus.ok
        fileprivate var files: [CheckedFile] = []

        package var text: String { files.map(\.text).joined() }
        package var json: String { JSONValue.list(files.map(\.jsonValue)).json }
    }

    /// Blocks the thread of a command, which has nothing else to do.
    ///
    /// - Throws: ``CommandFailure`` when a file cannot be read or its type cannot be told.
    package static func check(
        _ paths: [String],
        type: String?,
        _ configuration: Configuration,
        progress: WorkProgress.Teller?
    ) async throws -> Verdict {
        let files = try paths.map { try LocalFile($0, type: type, configuration) }
        return try await Blocking.run {
            let scratch = try makeFolder()
            // What is left of it, should this fail, is for the system's own cleaning.
            defer { try? FileManager.default.removeItem(atPath: scratch) }
            return try load(files, configuration, scratch: scratch, progress: progress)
        }
    }

    private static func makeFolder() throws -> String {
        var template = Array("\(NSTemporaryDirectory())/ledgerdrop-check-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else {
            throw CommandFailure(.cannotCreate, "a temporary folder: \(Errno.text)")
        }
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func load(
        _ files: [LocalFile],
        _ configuration: Configuration,
        scratch: String,
        progress: WorkProgress.Teller?
    ) throws -> Verdict {
        let time = HostTime().now
        let path = "\(configuration.stateDirectory)/ledger.sqlite"
        let original = access(path, F_OK) == 0 ? try Ledger.openReadOnly(path: path) : nil
        let drop = Drop(name: configuration.name, inboxURL: configuration.inbox.url)
        let ledger = try Ledger.scratch(of: original, drop: drop, in: scratch, at: time)
        guard let day = Day(at: Int(clamping: time.seconds), in: configuration.zone) else {
            throw CommandFailure(.configuration, "zone cannot be used")
        }
        var received: [Int64: LocalFile] = [:]
        let members = try files.map { file in
            let id = try ledger.receiveLocal(name: file.name, type: file.type.name, size: file.size, at: time)
            received[id] = file
            return file.received(as: id)
        }
        let batch = Batch(run: nil, slot: time, day: day, files: members)
        let loader = Loader(ledger: ledger, settings: LoadSettings(configuration))
        var verdict = Verdict()
        for member in batch.files {
            guard let file = received[member.fileID] else { continue }
            let outcome = try loader.load(member, in: batch, at: time) { progress?(WorkProgress($0)) }
            let issues = try FileQueries(ledger).issues(of: member.fileID, limit: .max)
            verdict.files.append(
                CheckedFile(path: file.path, type: file.type.name, outcome: outcome, issues: issues)
            )
            if outcome.state != .loaded, outcome.state != .duplicate { verdict.status = .dataError }
        }
        return verdict
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

/// What would become of one file.
private struct CheckedFile: Sendable {
    let path: String
    let type: String
    let outcome: FileOutcome
    let issues: [IssueRow]

    /// One line for each issue, as a compiler prints it, and nothing for a clean file.
    var text: String {
        let shown = DisplayText(path, limit: 4096).escaped
        var text = issues.map { "\(shown):\($0.line == nil ? " " : "")\($0.text)\n" }.joined()
        if outcome.state == .held { text += "\(shown): would be held: \(outcome.reason ?? "")\n" }
        return text
    }

    var jsonValue: JSONValue {
        var members: [(key: String, value: JSONValue)] = [
            ("path", .text(path)), ("type", .text(type)), ("state", .text(outcome.state.rawValue)),
        ]
        if let reason = outcome.reason { members.append(("reason", .text(reason))) }
        members += outcome.counts.detail
        members.append(("issues", .list(issues.map(\.jsonValue))))
        return .object(members)
    }
}
