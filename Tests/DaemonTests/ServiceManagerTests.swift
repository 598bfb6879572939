import Daemon
import Foundation
import Testing

struct ServiceManagerTests {
    private let folder = TemporaryFolder()

    @Test func `messages arrive as one datagram each`() throws {
        let listener = try DatagramListener(path: folder.path + "/notify")
        let manager = ServiceManager(
            environment: ["NOTIFY_SOCKET": listener.path, "WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "77"],
            process: 77
        )
        manager.ready(status: "waiting for\n11:00")
        manager.progress()
        manager.status("at work")
        manager.stopping()
        let messages = try (0..<4).map { _ in try listener.next() }
        #expect(
            messages == ["READY=1\nSTATUS=waiting for 11:00", "WATCHDOG=1", "STATUS=at work", "STOPPING=1"]
        )
        #expect(manager.watchdogInterval == .seconds(30))
    }

    @Test func `an abstract name is reached`() throws {
        let listener = try DatagramListener(path: "@ledgerdrop-\(UUID().uuidString)")
        ServiceManager(environment: ["NOTIFY_SOCKET": listener.path], process: 1).stopping()
        #expect(try listener.next() == "STOPPING=1")
    }

    @Test func `a watchdog that was meant for another process is not served`() {
        let manager = ServiceManager(
            environment: ["WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "78"],
            process: 77
        )
        #expect(manager.watchdogInterval == nil)
    }

    @Test(arguments: [nil, "", "relative", "/nowhere/at/all", "/" + String(repeating: "x", count: 200)])
    func `without a manager nothing is sent and nothing fails`(path: String?) {
        let manager = ServiceManager(environment: path.map { ["NOTIFY_SOCKET": $0] } ?? [:], process: 1)
        #expect(!manager.send(["READY=1"]))
    }
}

private struct NothingArrived: Error {}

/// The other end of a notification: what systemd itself opens.
private final class DatagramListener: Sendable {
    let path: String
    private let descriptor: Int32

    init(path: String) throws {
        self.path = path
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var bytes = Array(path.utf8)
        if path.hasPrefix("@") { bytes[0] = 0 } else { bytes.append(0) }
        var address = sockaddr_un()
        try #require(bytes.count <= MemoryLayout.size(ofValue: address.sun_path))
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        try #require(bound == 0)
    }

    deinit {
        close(descriptor)
    }

    /// The next message; an error when there is none.
    func next() throws -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        guard count > 0 else { throw NothingArrived() }
        return String(decoding: buffer[..<count], as: UTF8.self)
    }
}
