import Foundation

/// The service manager that started us, told by datagrams what we are doing (`sd_notify(3)`).
///
/// Without one, every message goes nowhere and costs nothing.
package struct ServiceManager: Sendable {
    private let socketPath: String?
    /// How often the manager wants to hear from us; `nil`: it does not watch.
    package let watchdogInterval: Duration?

    /// - Parameters:
    ///   - environment: Holds `NOTIFY_SOCKET`, `WATCHDOG_USEC` and `WATCHDOG_PID`, if anything.
    ///   - process: Our own process id: a watchdog that was meant for our parent is none of ours.
    package init(
        environment: [String: String] = ProcessInfo.processInfo.environment,
        process: Int32 = getpid()
    ) {
        socketPath = environment["NOTIFY_SOCKET"].flatMap {
            $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil
        }
        let isOurs = environment["WATCHDOG_PID"].map { $0 == String(process) } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) } ?? 0
        // Half of the time, so that one late message is no reason to be killed.
        watchdogInterval = isOurs && microseconds > 0 ? .microseconds(microseconds / 2) : nil
    }

    /// Whether a manager listens.
    package var isThere: Bool { socketPath != nil }

    /// Configuration, lock and ledger are good; the work begins.
    package func ready(status: String) {
        send(["READY=1", "STATUS=\(line(status))"])
    }

    /// One line for `systemctl status`.
    package func status(_ status: String) {
        send(["STATUS=\(line(status))"])
    }

    /// The work has made progress; only ever called by the loop that does the work.
    package func progress() {
        guard watchdogInterval != nil else { return }
        send(["WATCHDOG=1"])
    }

    /// The end has begun.
    package func stopping() {
        send(["STOPPING=1"])
    }

    /// Sends one datagram.
    ///
    /// - Returns: Whether it was sent; nobody needs to do anything when it was not.
    @discardableResult
    package func send(_ lines: [String]) -> Bool {
        guard let socketPath else { return false }
        var bytes = Array(socketPath.utf8)
        // An abstract name begins with a NUL and ends with its last character.
        if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 } else { bytes.append(0) }
        var address = sockaddr_un()
        guard bytes.count <= MemoryLayout.size(ofValue: address.sun_path) else { return false }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let message = Array(lines.joined(separator: "\n").utf8)
        let sent = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, message, message.count, Int32(MSG_NOSIGNAL), $0, length)
            }
        }
        return sent == message.count
    }

    private func line(_ status: String) -> String {
        status.replacing("\n", with: " ")
    }
}
