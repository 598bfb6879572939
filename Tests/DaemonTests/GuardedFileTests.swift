import Daemon
import Foundation
import Testing

struct GuardedFileTests {
    private let folder = TemporaryFolder()

    @Test func `a configuration that others may change is refused with the chmod to run`() throws {
        let path = try folder.file("acme.yaml", ConfigurationTests.smallest, mode: 0o664)
        let refused = #expect(throws: ConfigurationRefused.self) {
            try Configuration.load(path: path, known: ConfigurationTests.known)
        }
        #expect(refused?.description == "\(path): may be changed by others; run: chmod go-w \(path)")
    }

    @Test func `a configuration that others may only read is loaded`() throws {
        let path = try folder.file("acme.yaml", ConfigurationTests.smallest, mode: 0o644)
        #expect(try Configuration.load(path: path, known: ConfigurationTests.known).name == "acme")
    }

    @Test func `a configuration that is not there, a folder or not text is refused`() throws {
        let binary = try folder.file("binary.yaml", Data([0xFF, 0xFE]), mode: 0o600)
        for path in [folder.path + "/none.yaml", folder.path, binary] {
            #expect(throws: ConfigurationRefused.self) {
                try Configuration.load(path: path, known: ConfigurationTests.known)
            }
        }
    }

    @Test(arguments: [0o640, 0o604, 0o660] as [mode_t])
    func `a credential that others may read is refused with the chmod to run`(mode: mode_t) throws {
        let path = try folder.file("key", "secret", mode: mode)
        let credentials = Credentials(drop: "acme", beside: "/etc/ledgerdrop/acme.yaml", directory: nil)
        let refused = #expect(throws: CredentialRefused.self) { try credentials.secret(path) }
        #expect(refused?.message == "may be read by others; run: chmod 600 \(path)")
    }

    @Test func `a credential is found where systemd lays it, else beside the configuration`() throws {
        try FileManager.default.createDirectory(
            atPath: folder.path + "/credentials/acme",
            withIntermediateDirectories: true
        )
        _ = try folder.file("drop_smtp-password", "from systemd\n", mode: 0o400)
        _ = try folder.file("credentials/acme/smtp-password", "from a file\n", mode: 0o600)
        let configuration = folder.path + "/acme.yaml"
        let laid = Credentials(drop: "acme", beside: configuration, directory: folder.path)
        let plain = Credentials(drop: "acme", beside: configuration, directory: nil)
        #expect(try laid.secret("smtp-password").text == "from systemd")
        #expect(try plain.secret("smtp-password").text == "from a file")
        #expect(throws: CredentialRefused.self) { try plain.secret("other") }
    }

    @Test func `a secret never shows itself`() throws {
        let path = try folder.file("key", "canary-7231", mode: 0o600)
        let secret = try Credentials(drop: "a", beside: "/x", directory: nil).secret(path)
        var dumped = ""
        dump(secret, to: &dumped)
        #expect(!"\(secret) \(String(reflecting: secret)) \(dumped)".contains("canary"))
        #expect(!dumped.contains("99, 97"))
    }
}
