import Glibc
import Ledger

/// Whether the status log says what the events say: every line one event, in order, none missing and none twice.
struct StatusLogAudit {
    /// What is wrong, in words.
    private(set) var findings: [String] = []
    /// The number of the last event that is told; 0 for none.
    private(set) var lastTold: Int64 = 0
    /// Bytes behind the last whole line.
    private(set) var tornBytes = 0
    private(set) var lines: Int64 = 0

    private let events: EventQueries
    private var page: ArraySlice<StoredEvent> = []
    /// Where each gap ends that a restored ledger left.
    private let restored: [Int64]
    private var isLost = false

    /// How much of the log there is now.
    ///
    /// Asked before the ledger is looked at: what is told is committed, so that the ledger then knows every line.
    static func size(path: String) -> Int64 {
        FileStatus(of: path, followingLinks: true)?.size ?? 0
    }

    /// Reads the log up to `size`; one that is not there tells nothing.
    ///
    /// - Throws: ``CommandFailure`` when it cannot be read, `DatabaseError` when the ledger cannot.
    init(path: String, size: Int64, of ledger: Ledger) throws {
        events = EventQueries(ledger)
        restored = try events.restorations()
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard file >= 0 else {
            guard errno == ENOENT else { throw CommandFailure(.inputOutput, "status.log: \(Errno.text)") }
            return
        }
        defer { close(file) }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var rest: [UInt8] = []
        var left = size
        while left > 0, !isLost {
            let count = read(file, &buffer, Int(min(left, Int64(buffer.count))))
            guard count >= 0 else { throw CommandFailure(.inputOutput, "status.log: \(Errno.text)") }
            guard count > 0 else { break }
            left -= Int64(count)
            rest += buffer[..<count]
            var start = rest.startIndex
            while let end = rest[start...].firstIndex(of: 0x0A), !isLost {
                try compare(String(decoding: rest[start..<end], as: UTF8.self))
                start = end + 1
            }
            rest.removeSubrange(..<start)
        }
        tornBytes = isLost ? 0 : rest.count
    }

    private mutating func compare(_ line: String) throws {
        lines += 1
        guard let seq = Self.seq(of: line), line.hasSuffix("}"), line.utf8.allSatisfy({ $0 >= 0x20 }) else {
            return lose("line \(lines) of the status log is no event")
        }
        guard lastTold == 0 || seq == lastTold + 1 else {
            return lose("the status log goes from event \(lastTold) to \(seq)")
        }
        lastTold = seq
        if page.isEmpty || page.first.map({ $0.seq > seq }) == true && !isInGap(seq) {
            page = try events.after(seq - 1, limit: 1000)[...]
        }
        guard let event = page.first, event.seq == seq else {
            // Told before an older ledger was put in its place.
            if !isInGap(seq) { lose("the status log tells event \(seq), which the ledger does not know") }
            return
        }
        page.removeFirst()
        if JSONMembers(line)?.text("event") != event.event {
            lose("the status log tells event \(seq) otherwise than the ledger")
        }
    }

    private mutating func lose(_ finding: String) {
        findings.append(finding)
        isLost = true
    }

    private func isInGap(_ seq: Int64) -> Bool {
        guard let end = restored.first(where: { $0 > seq }) else { return false }
        return page.first.map { $0.seq >= end } ?? true
    }

    private static func seq(of line: String) -> Int64? {
        guard line.hasPrefix("{\"seq\":") else { return nil }
        return Int64(line.dropFirst(7).prefix { $0.isNumber })
    }
}
