import Foundation
import Glibc
import Ledger

/// The rows of a difference, written beside an answer: they may be too many for it.
///
/// `ID.rows` in the folder of the requests, mode 0600; whoever asked takes it away.
package final class RowsFile {
    /// No more is written; the rest is only counted.
    private static let limit = 256 << 20
    private static let chunk = 1 << 16

    package enum Form: String, Sendable, Codable {
        /// One line a row.
        case text
        /// JSON objects joined by commas.
        case json
    }

    private let form: Form
    private let path: String
    private let descriptor: Int32
    private var buffer: [UInt8] = []
    private var size = 0

    /// - Throws: ``StateDirectoryFailure`` when it cannot be made.
    init(_ path: String, form: Form) throws(StateDirectoryFailure) {
        self.path = path
        self.form = form
        descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw StateDirectoryFailure(path: path, code: errno) }
        buffer.reserveCapacity(2 * Self.chunk)
    }

    deinit { close(descriptor) }

    /// - Returns: Whether there was room.
    func take(_ row: Difference.Row) throws -> Bool {
        guard size < Self.limit else { return false }
        switch form {
        case .text: try append("\(row.text)\n")
        case .json: try append(size == 0 ? row.jsonValue.json : ",\(row.jsonValue.json)")
        }
        return true
    }

    /// Ends with what was left out, for people.
    func finish(_ omission: String?) throws {
        if form == .text, let omission { try append("\(omission)\n") }
        try flush()
    }

    private func append(_ text: String) throws {
        let before = buffer.count
        buffer += text.utf8
        size += buffer.count - before
        if buffer.count >= Self.chunk { try flush() }
    }

    private func flush() throws {
        guard AtomicFile.writeAll(buffer[...], to: descriptor) else {
            throw StateDirectoryFailure(path: path, code: errno)
        }
        buffer.removeAll(keepingCapacity: true)
    }
}
