import Daemon
import Foundation
import Ledger
import Logging
import Testing

struct OpenDropTests {
    private let folder = TemporaryFolder()

    private func live(url: String = "file:///srv/drop", name: String = "acme") throws -> LiveConfiguration {
        let yaml = "name: \(name)\nstate_directory: \(folder.path)/state\ninbox: { url: \(url) }\n"
        let configuration = try Configuration.parse(yaml, file: "acme.yaml", known: .catalogue)
        return LiveConfiguration(
            configuration,
            secrets: try Secrets(of: configuration, path: "acme.yaml"),
            path: "acme.yaml"
        )
    }

    private func open(_ live: LiveConfiguration) throws -> OpenDrop {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        return try OpenDrop(live, purpose: "test", at: HostTime().now, logger: logger)
    }

    @Test func `a second process is refused with 75 within a second`() throws {
        let first = try open(live())
        let start = ContinuousClock.now
        let refused = #expect(throws: LockRefused.self) { try open(live()) }
        #expect(ContinuousClock.now - start < .seconds(10))
        #expect(refused.map { Daemon.ExitStatus($0) } == .temporary)
        withExtendedLifetime(first) {}
    }

    @Test(arguments: [0, 100, 4096])
    func `a ledger that is damaged is refused with 74 and left as it is`(offset: Int) throws {
        do { _ = try open(live()) }
        let path = folder.path + "/state/ledger.sqlite"
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes.replaceSubrange(offset..<offset + 3000, with: Data(repeating: 0xA5, count: 3000))
        try bytes.write(to: URL(fileURLWithPath: path))
        var status: Daemon.ExitStatus?
        do { _ = try open(live()) } catch { status = Daemon.ExitStatus(error) }
        #expect(status == .inputOutput)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count == bytes.count)
    }

    @Test func `the ledger of another drop is refused with 78`() throws {
        do { _ = try open(live()) }
        var status: Daemon.ExitStatus?
        do { _ = try open(live(name: "other")) } catch { status = Daemon.ExitStatus(error) }
        #expect(status == .configuration)
    }

    @Test func `another inbox is told once`() throws {
        do { _ = try open(live()) }
        do { _ = try open(live(url: "file:///srv/other")) }
        let drop = try open(live(url: "file:///srv/other"))
        let events = try EventQueries(drop.ledger).after(0, limit: 100).map(\.event)
        #expect(events.filter { $0 == "inbox.changed" }.count == 1)
    }

    @Test func `an SFTP drop without any pin does not start, and a pin that was accepted lets it`()
        async throws
    {
        let drop = try open(live(url: "sftp://feed@127.0.0.1:1/out"))
        #expect(throws: CommandFailure.self) { try Wiring.requirePin(drop, at: HostTime().now) }
        let pin = "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"
        let now = HostTime().now
        let keys = HostKeyLedger(drop.ledger)
        #expect(try keys.accept(pin, by: "ops", notAfter: "2000-01-01", at: now))
        #expect(throws: CommandFailure.self) { try Wiring.requirePin(drop, at: now) }
        #expect(try keys.accept(pin, by: "ops", notAfter: nil, at: now))
        #expect(try !keys.accept(pin, by: "ops", notAfter: nil, at: now))
        #expect(throws: Never.self) { try Wiring.requirePin(drop, at: now) }
    }
}
