import Glibc

/// A ProFTPD server with its SFTP module, which sees some things differently: it follows links when it is asked about
/// them, names the reason for a taken name, and has no limits to ask for.
///
/// It needs root and Debian's `proftpd-core` and `proftpd-mod-crypto`; ask ``isAvailable`` first.
package final class ProFTPDServer: Sendable {
    package let host = "127.0.0.1"
    package let port: Int
    package let user = "root"
    /// The served folder, as an absolute path of this machine.
    package let root: String
    /// The private key that can log in.
    package let clientKey: String
    /// As `ssh-ed25519 SHA256:…`.
    package let hostKeyPin: String

    private let folder: TemporaryFolder
    private let process: ChildProcess

    /// Whether it can run here.
    package static var isAvailable: Bool {
        geteuid() == 0 && access("/usr/sbin/proftpd", X_OK) == 0
            && access("/usr/lib/proftpd/mod_sftp.so", R_OK) == 0
    }

    private init(folder: TemporaryFolder, process: ChildProcess, port: Int, pin: String) {
        self.folder = folder
        self.process = process
        self.port = port
        root = folder.path("inbox")
        clientKey = folder.path("client")
        hostKeyPin = pin
    }

    /// Starts a server and returns when it listens.
    package static func start() async throws -> ProFTPDServer {
        let folder = try TemporaryFolder("proftpd")
        try folder.makeFolder("inbox")
        for name in ["client", "hostkey"] {
            try await runTool([
                "/usr/bin/ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", folder.path(name),
            ])
        }
        let listed = try await runTool(["/usr/bin/ssh-keygen", "-l", "-f", folder.path("hostkey.pub")])
        let key = try await runTool([
            "/usr/bin/ssh-keygen", "-e", "-m", "RFC4716", "-f", folder.path("client.pub"),
        ])
        try folder.write(key, to: "keys", mode: 0o600)
        let password = try await runTool(["/usr/bin/openssl", "passwd", "-1", "x"])
        let line = "root:\(password.split(separator: "\n").joined()):0:0::\(folder.path("inbox")):/bin/sh\n"
        try folder.write(line, to: "passwd", mode: 0o600)
        for _ in 0..<10 {
            let port = try freePort()
            try folder.write(configuration(port, folder.path), to: "proftpd.conf")
            let process = try ChildProcess(
                ["/usr/sbin/proftpd", "-n", "-q", "-c", folder.path("proftpd.conf")],
                output: folder.path("log"),
                errors: folder.path("log")
            )
            let isUp = try await poll("ProFTPD") { () -> Bool? in
                guard process.isRunning else { return false }
                // It says that it has started up before it listens.
                let hasBegun =
                    try folder.contains("system.log") && folder.text("system.log").contains("STARTUP")
                return hasBegun && isTaken(port) ? true : nil
            }
            guard isUp else { continue }
            let pin = listed.split(separator: " ").dropFirst().first.map { "ssh-ed25519 \($0)" } ?? ""
            return ProFTPDServer(folder: folder, process: process, port: port, pin: pin)
        }
        throw SystemError(message: "ProFTPD does not start: \((try? folder.text("log")) ?? "")")
    }

    private static func configuration(_ port: Int, _ folder: String) -> String {
        """
        ModulePath /usr/lib/proftpd
        LoadModule mod_sftp.c
        ServerName test
        ServerType standalone
        DefaultAddress 127.0.0.1
        Port \(port)
        UseIPv6 off
        ScoreboardFile \(folder)/scoreboard
        PidFile \(folder)/pid
        SystemLog \(folder)/system.log
        TransferLog none
        WtmpLog off
        DelayEngine off
        User root
        Group root
        RootLogin on
        UseFtpUsers off
        RequireValidShell off
        AuthOrder mod_auth_file.c
        AuthUserFile \(folder)/passwd
        AllowOverwrite on
        SFTPEngine on
        SFTPHostKey \(folder)/hostkey
        SFTPAuthMethods publickey
        SFTPAuthorizedUserKeys file:\(folder)/keys

        """
    }
}
