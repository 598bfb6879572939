import Glibc

/// An SSH server that is not OpenSSH, and that takes a password: AsyncSSH, on a free port.
package final class AsyncSSHServer: Sendable {
    package let host = "127.0.0.1"
    package var port: Int { listener.port }
    package let user = "feed"
    package let password = "correct horse"
    /// The folder that sessions see as `/`.
    package let root: String
    /// The private key that can log in.
    package let clientKey: String
    /// As `ssh-ed25519 SHA256:…`.
    package let hostKeyPin: String

    private let listener: Listener
    private var folder: TemporaryFolder { listener.folder }

    private init(_ listener: Listener, pin: String) {
        self.listener = listener
        root = listener.folder.path("root")
        clientKey = listener.folder.path("client")
        hostKeyPin = pin
    }

    /// What a client answered to the server's questions; empty if it did not.
    package var answers: String { (try? folder.text("answers")) ?? "" }

    /// Starts a server that reads in pieces of at most 20,000 bytes, and returns when it listens.
    ///
    /// - Parameter asks: It takes no password but asks questions, whose answers it writes down.
    package static func start(asks: Bool = false) async throws -> AsyncSSHServer {
        let folder = try TemporaryFolder("asyncssh")
        try folder.makeFolder("root")
        for name in ["client", "hostkey"] {
            try await runTool([
                "/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder.path(name),
            ])
        }
        let listed = try await runTool(["/usr/bin/ssh-keygen", "-l", "-f", folder.path("hostkey.pub")])
        let pin = listed.split(separator: " ").dropFirst().first.map { "ssh-ed25519 \($0)" } ?? ""
        let listener = try await Listener.start(program, in: folder, [asks ? "asks" : ""])
        return AsyncSSHServer(listener, pin: pin)
    }

    private static let program = #"""
        import asyncio, asyncssh, sys
        HOME, ASKS = sys.argv[1], sys.argv[2] == "asks"

        class Files(asyncssh.SFTPServer):
            def __init__(self, channel): super().__init__(channel, chroot=HOME + "/root")
            def read(self, file, offset, size): return super().read(file, offset, min(size, 20000))

        class Door(asyncssh.SSHServer):
            def begin_auth(self, user): return True
            def password_auth_supported(self): return not ASKS
            def kbdint_auth_supported(self): return ASKS
            def get_kbdint_challenge(self, user, language, methods):
                return "\x1b[2JBank", "Confirm", "en", [("Password: ", False), ("And your mother's name? ", True)]
            def validate_kbdint_response(self, user, answers):
                with open(HOME + "/answers", "a") as file: file.write(repr(answers))
                return True
            def validate_password(self, user, password): return (user, password) == ("feed", "correct horse")

        async def main():
            server = await asyncssh.listen("127.0.0.1", 0, server_host_keys=[HOME + "/hostkey"], server_factory=Door,
                                           authorized_client_keys=HOME + "/client.pub", sftp_factory=Files)
            print(server.sockets[0].getsockname()[1], flush=True)
            await server.wait_closed()
        asyncio.run(main())
        """#
}
