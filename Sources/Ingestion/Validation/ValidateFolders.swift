import Intake
import Receivables

/// The folders in which senders have files looked at that are not meant to be loaded: `validate/TYPE/`.
///
/// They are listed apart from the drop and never counted in a run: whatever lies in them, or cannot be listed, changes
/// nothing for the drop's own files.
struct ValidateFolders: Sendable {
    /// The folder of all; part of the layout where it is a directory.
    static let name: RemoteName = "validate"
    /// Where a file goes once its report is written.
    static let done: RemoteName = "done"
    private static let reportSuffix = Array(".report.csv".utf8)

    let inbox: any Inbox
    private let types: [RemotePath: RecordType]

    init(inbox: any Inbox) {
        self.inbox = inbox
        let pairs = Catalogue.types.compactMap { type in
            RemotePath("validate/\(type.name)").map { ($0, type) }
        }
        types = Dictionary(pairs) { first, _ in first }
    }

    /// The type of the files in a folder.
    func type(of directory: RemotePath) -> RecordType? { types[directory] }

    /// The files to look at; none where the inbox has no such folder, or does not let us see it.
    ///
    /// - Parameter listing: The drop's own listing, by which the folder is known.
    /// - Throws: `CancellationError`.
    func files(beside listing: [RemotePath: [InboxEntry]]) async throws -> [InboxEntry] {
        let isThere = (listing[.root] ?? []).contains { $0.name == Self.name && $0.kind == .directory }
        guard isThere else { return [] }
        do {
            return try await inbox.list(Array(types.keys)).values.joined().filter(isFile)
        } catch InboxFailure.cancelled {
            throw CancellationError()
        } catch {
            return []
        }
    }

    private func isFile(_ entry: InboxEntry) -> Bool {
        guard entry.kind == .file, !entry.name.isHostile, let type = types[entry.directory],
            !entry.name.bytes.suffix(Self.reportSuffix.count).elementsEqual(Self.reportSuffix)
        else { return false }
        let text = String(decoding: entry.name.bytes, as: UTF8.self)
        return IgnoredName.reason(for: text, in: type) == nil
    }

    /// Where a file's report goes; further attempts count up behind the stamp.
    static func report(of entry: InboxEntry, stamp: String, attempt: Int) -> RemotePath? {
        let mark = attempt == 0 ? [] : Array((attempt == 1 ? ".\(stamp)" : ".\(stamp)-\(attempt)").utf8)
        let tail = mark + reportSuffix
        return entry.directory.appending(RemoteName(Array(entry.name.bytes.prefix(255 - tail.count)) + tail))
    }

    /// Where the file itself goes.
    static func place(of entry: InboxEntry, stamp: String, attempt: Int) -> RemotePath? {
        let head = attempt == 0 ? [] : Array((attempt == 1 ? "\(stamp)." : "\(stamp)-\(attempt).").utf8)
        return entry.directory.appending(done)?
            .appending(RemoteName(head + entry.name.bytes.prefix(255 - head.count)))
    }
}
