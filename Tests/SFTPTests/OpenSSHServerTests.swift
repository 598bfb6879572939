import Glibc
import TestSupport
import Testing

struct OpenSSHServerTests {
    @Test(.timeLimit(.minutes(5))) func `the test server takes a file from OpenSSH's client`() async throws {
        let server = try await OpenSSHServer.start()
        try server.folder.write("a,b\n1,2\n", to: "up.csv")
        try await server.put(server.folder.path("up.csv"), as: "odd [name] \"x\".csv")
        #expect(try server.folder.text("inbox/odd [name] \"x\".csv") == "a,b\n1,2\n")
        #expect(server.log.contains("Accepted publickey"))
        #expect(server.hostKeyPin.hasPrefix("ssh-ed25519 SHA256:"))
        server.stop()
        await #expect(throws: SystemError.self) { try await server.sftp(["ls"]) }
        try await server.restart()
        #expect(try await server.sftp(["ls -1"]).contains("odd"))
    }
}
