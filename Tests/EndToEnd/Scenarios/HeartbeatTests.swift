import Glibc
import TestSupport
import Testing

/// The service outside that is told of every run.
@Suite(.timeLimit(.minutes(5)))
struct HeartbeatTests {
    private let drop: EndToEndDrop
    private let listener: HeartbeatListener

    init() async throws {
        drop = try await EndToEndDrop.start()
        listener = try await HeartbeatListener.start()
        var settings = DropSettings()
        settings.more = ["heartbeat: { url: \"http://127.0.0.1:\(listener.port)/ping/secret-check\" }"]
        try drop.configure(settings)
    }

    private func daemon() async throws -> ChildProcess {
        let daemon = try drop.launch("run")
        try await TestSupport.poll("the lock") {
            (try? drop.log("daemon.started"))?.isEmpty == false ? true : nil
        }
        return daemon
    }

    /// The path's last part and the body of each call.
    private func words() throws -> [String] {
        try listener.calls().map { call in
            let parts = call.split(separator: " ", maxSplits: 2)
            let path = parts[1].split(separator: "?")[0].split(separator: "/").last ?? ""
            return ([parts[0], path] + parts.dropFirst(2)).joined(separator: " ")
        }
    }

    @Test func `each run is told at its start and with its end, under its own number`() async throws {
        let daemon = try await daemon()
        try await drop.put(.customers("C1,Acme,1.00,USD"))
        try await drop.poll()
        try await TestSupport.poll("the end") { try words().count == 2 ? true : nil }
        #expect(try words() == ["GET start", "POST 0 acme: run 1 finished"])
        let ids = try listener.calls().compactMap { $0.split(separator: " ")[1].split(separator: "=").last }
        #expect(Set(ids).count == 1)
        #expect(ids.first?.hasSuffix("-000000000001") == true)
        #expect(ids.first?.count == 36)

        try await drop.put(.customers("C1,Acme,one,USD"))
        try await drop.poll(65)
        try await TestSupport.poll("the end") { try words().count == 4 ? true : nil }
        #expect(try words().last == "POST 65 acme: run 2 finished")
        drop.server.stop()
        try drop.configure(
            DropSettings(
                inbox: ["retry_for: 0s"],
                more: ["heartbeat: { url: \"http://127.0.0.1:\(listener.port)/ping/secret-check\" }"]
            )
        )
        daemon.signal(SIGHUP)
        try await TestSupport.poll("the reload") {
            try drop.query("SELECT 1 FROM events WHERE event = 'config.reloaded'").isEmpty ? nil : true
        }
        try await drop.poll(69)
        try await TestSupport.poll("the end") { try words().count == 6 ? true : nil }
        #expect(try words().last == "POST 69 acme: run 3 failed: unreachable")
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
        let log = try drop.folder.text("state/status.log") + drop.lastComplaint()
        #expect(!log.contains("secret-check"))
    }

    @Test func `a service that never answers delays no run and no end`() async throws {
        try listener.answer(nil)
        let daemon = try await daemon()
        for number in 1...3 {
            try await drop.put(.customers("C1,Acme,\(number).00,USD"))
            try await drop.poll()
        }
        // Three runs are through; had one waited for the three tries of a word, there would be nine of them.
        #expect(try drop.query("SELECT count(*) FROM runs WHERE state = 'finished'") == ["3"])
        #expect(try listener.calls().count < 6)
        #expect(try words().allSatisfy { $0 == "GET start" })
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
        #expect(try listener.calls().count < 6)
        try drop.expectInvariants()
    }

    @Test func `an outage is told once, without the address`() async throws {
        try listener.answer(500)
        let daemon = try await daemon()
        try await drop.poll()
        try await TestSupport.poll("the second word") { try words().count >= 6 ? true : nil }
        try await TestSupport.poll("the event") { try drop.log("heartbeat.failed").isEmpty ? nil : true }
        try listener.answer(200)
        let before = try listener.calls().count
        try await drop.poll()
        try await TestSupport.poll("the words") { try listener.calls().count >= before + 2 ? true : nil }
        #expect(try drop.log("heartbeat.failed").count == 1)
        try listener.answer(500)
        try await drop.poll()
        try await TestSupport.poll("the event") { try drop.log("heartbeat.failed").count == 2 ? true : nil }
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
        #expect(try !drop.folder.text("state/status.log").contains("secret-check"))
        #expect(try drop.log("heartbeat.failed").first?.reason == "HTTP status 500")
    }
}
