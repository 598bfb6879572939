import Foundation
import Glibc
import Ledger

/// The end of a status log, and what is added to it, also after it was rotated.
package struct LogTail: ~Copyable {
    private let path: String
    private var file: Int32
    private var rest: [UInt8] = []

    /// Begins `last` lines before the end.
    ///
    /// - Throws: ``CommandFailure`` when there is no log.
    package init(_ path: String, last: Int) throws(CommandFailure) {
        self.path = path
        file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else {
            throw CommandFailure(.noInput, "\(DisplayText(path, limit: 4096).escaped): \(Errno.text)")
        }
        lseek(file, Self.start(of: last, in: file), SEEK_SET)
    }

    deinit {
        close(file)
    }

    /// The complete lines since the last call.
    package mutating func next() throws(CommandFailure) -> [String] {
        try readOn()
        if try isReplaced() { try readOn() }
        var lines: [String] = []
        while let end = rest.firstIndex(of: 0x0A) {
            lines.append(String(decoding: rest[..<end], as: UTF8.self))
            rest.removeSubrange(...end)
        }
        return lines
    }

    private mutating func readOn() throws(CommandFailure) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(file, &buffer, buffer.count)
            guard count >= 0 else { throw CommandFailure(.inputOutput, Errno.text) }
            guard count > 0 else { return }
            rest += buffer[..<count]
        }
    }

    /// Opens the new file when ours was rotated away; until there is one, ours will do.
    private mutating func isReplaced() throws(CommandFailure) -> Bool {
        guard let ours = FileStatus(of: file), let theirs = FileStatus(of: path, followingLinks: true),
            ours.inode != theirs.inode
        else {
            return false
        }
        let next = open(path, O_RDONLY | O_CLOEXEC)
        guard next >= 0 else { return false }
        close(file)
        file = next
        return true
    }

    /// The offset at which the last lines begin.
    private static func start(of lines: Int, in file: Int32) -> off_t {
        var end = lseek(file, 0, SEEK_END)
        var left = lines
        var buffer = [UInt8](repeating: 0, count: 65536)
        var isFirst = true
        while end > 0 {
            let start = max(0, end - off_t(buffer.count))
            let count = pread(file, &buffer, Int(end - start), start)
            guard count > 0 else { return 0 }
            for index in stride(from: count - 1, through: 0, by: -1) where buffer[index] == 0x0A {
                if isFirst, start + off_t(index) + 1 == end {
                    isFirst = false
                    if left == 0 { return end }
                    continue
                }
                left -= 1
                if left <= 0 { return start + off_t(index) + 1 }
            }
            isFirst = false
            end = start
        }
        return 0
    }
}
