import CLinux
import Foundation
import Glibc
package import Ledger

/// The journal of systemd, written to in its own form, so that its fields can be asked for.
package struct Journal: Sendable {
    private static let socketPath = "/run/systemd/journal/socket"
    private let path: String

    /// `path` is that of the journal's socket.
    package init(path: String) { self.path = path }

    /// The journal, if it is what our standard error leads to; `nil` for a terminal, a file or another's pipe.
    package static func ofStandardError(
        environment: [String: String] = ProcessInfo.processInfo.environment
    ) -> Journal? {
        var status = ld_file_status()
        guard let stream = environment["JOURNAL_STREAM"], ld_look_at_open(STDERR_FILENO, &status) == 0,
            // All sockets have one device, so that the number alone is theirs.
            status.mode & S_IFMT == S_IFSOCK, stream.hasSuffix(":\(status.inode)"),
            access(socketPath, W_OK) == 0
        else { return nil }
        return Journal(path: socketPath)
    }

    /// Writes one entry.
    ///
    /// - Parameters:
    ///   - message: For people, one line.
    ///   - priority: 2 to 7, as syslog has them.
    ///   - identity: Says what kind of entry it is: the name of an event; `nil` for anything else.
    ///   - fields: Each by its name, `run` for `LEDGERDROP_RUN`; values hold no line end.
    /// - Returns: Whether the journal took it.
    package func write(
        _ message: String,
        priority: Int,
        identity: EventName?,
        fields: [(name: String, value: String)]
    ) -> Bool {
        var entry = "PRIORITY=\(priority)\nSYSLOG_IDENTIFIER=ledgerdrop\nMESSAGE=\(message)\n"
        if let identity { entry += "MESSAGE_ID=\(Self.id(of: identity))\n" }
        for field in fields {
            let name = field.name.uppercased().utf8.map { byte in
                (0x41...0x5A).contains(byte) || (0x30...0x39).contains(byte) ? byte : UInt8(ascii: "_")
            }
            entry += "LEDGERDROP_\(String(decoding: name.prefix(48), as: UTF8.self))=\(field.value)\n"
        }
        return send(Array(entry.utf8))
    }

    /// The same for ever: 128 bits made of the event's name.
    package static func id(of event: EventName) -> String {
        // FNV-1a, twice with different beginnings.
        let halves = [0xCBF2_9CE4_8422_2325, 0x6C65_6467_6572_6472] as [UInt64]
        return halves.map { start in
            let hash = event.rawValue.utf8.reduce(start) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
            let digits = String(hash, radix: 16)
            return String(repeating: "0", count: 16 - digits.count) + digits
        }.joined()
    }

    private func send(_ bytes: [UInt8]) -> Bool {
        var address = sockaddr_un()
        let name = Array(path.utf8) + [0]
        guard name.count <= MemoryLayout.size(ofValue: address.sun_path) else { return false }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + name.count)
        let sent = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                // A journal that is stopped must not stop us.
                sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL | MSG_DONTWAIT), $0, length)
            }
        }
        return sent == bytes.count
    }
}
