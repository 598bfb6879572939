import Intake
import Ledger

/// Where a settled file goes on the server, and where its error report does.
struct DisposalTarget: Sendable {
    private static let longestName = 255
    private static let reportSuffix = Array(".errors.csv".utf8)

    /// The folder that holds `processed/` and `failed/`.
    private let home: RemotePath
    private let name: RemoteName
    /// `20250105T120000Z`.
    private let stamp: String

    init?(_ disposal: DueDisposal) {
        guard let path = RemotePath(bytes: disposal.path), let name = path.name else { return nil }
        self.name = name
        // PDFs, and files of a flat inbox without a pending folder, are dropped beside our folders.
        home = path.parent.name == "pending" ? path.parent.parent : path.parent
        stamp = disposal.slot.textInSeconds.filter { $0 != "-" && $0 != ":" }
    }

    /// The place in `processed/` or `failed/`.
    ///
    /// `attempt` 0 keeps the name, 1 puts the slot's time before the extension, and each further one counts up behind it.
    func place(in folder: RemoteName, attempt: Int) -> RemotePath? {
        home.appending(folder)?.appending(freeName(attempt: attempt))
    }

    /// The error report of a file that lies under a name.
    func report(of name: RemoteName) -> RemotePath? {
        let stem = name.bytes.prefix(Self.longestName - Self.reportSuffix.count)
        return home.appending("failed")?.appending(RemoteName(Array(stem) + Self.reportSuffix))
    }

    func freeName(attempt: Int) -> RemoteName {
        guard attempt > 0 else { return name }
        let bytes = name.bytes
        let dot = bytes.lastIndex(of: UInt8(ascii: ".")).flatMap { $0 == 0 ? nil : $0 } ?? bytes.count
        let mark = Array((attempt == 1 ? ".\(stamp)" : ".\(stamp)-\(attempt)").utf8)
        let tail = mark + bytes[dot...]
        return RemoteName(Array(bytes[..<dot].prefix(max(0, Self.longestName - tail.count))) + tail)
    }
}
