import Glibc
import TestSupport

/// A real SFTP server, near or behind a line with a round trip, and the files that it serves.
///
/// The server offers one cipher only, so that everybody speaks the same.
final class Wire {
    static let cipher = "aes128-gcm@openssh.com"

    let server: OpenSSHServer
    /// Milliseconds that a round trip takes; 0 is the loopback interface itself.
    let roundTrip: Int
    /// Where clients connect to: the server, or the proxy before it.
    let port: Int
    private let proxy: ChildProcess?

    /// Starts the server and, for a long line, the proxy.
    static func lay(_ place: Place, roundTrip: Int) async throws -> Wire {
        var options = OpenSSHServer.Options()
        options.configuration = ["Ciphers \(cipher)"]
        options.logLevel = "INFO"
        let server = try await OpenSSHServer.start(options)
        try server.folder.makeFolder("pool")
        guard roundTrip > 0 else { return Wire(server, roundTrip: 0, port: server.port, proxy: nil) }
        let proxy = try ChildProcess(
            [place.benchmarks, "proxy", "\(server.port)", "\(roundTrip)"],
            output: server.folder.path("proxy"),
            errors: server.folder.path("proxy.errors")
        )
        let port = try await poll("the proxy") { () -> Int? in
            guard proxy.isRunning else {
                throw SystemError(message: try server.folder.text("proxy.errors"))
            }
            return Int(try server.folder.text("proxy").split(separator: "\n").first ?? "")
        }
        // Everybody must know the proxy by the key of the server behind it.
        let key = try server.folder.text("known_hosts").split(separator: " ").dropFirst().joined(
            separator: " "
        )
        try server.folder.write("[127.0.0.1]:\(port) \(key)", to: "known_hosts", mode: 0o600)
        return Wire(server, roundTrip: roundTrip, port: port, proxy: proxy)
    }

    private init(_ server: OpenSSHServer, roundTrip: Int, port: Int, proxy: ChildProcess?) {
        self.server = server
        self.roundTrip = roundTrip
        self.port = port
        self.proxy = proxy
    }

    /// How titles and ids call it.
    var title: String { roundTrip == 0 ? "loopback" : "\(roundTrip) ms round trip" }
    var suffix: String { roundTrip == 0 ? "" : "-\(roundTrip)ms" }

    /// The path below which files are prepared, laid out as the inbox is.
    var pool: String { server.folder.path("pool") }

    /// Serves exactly the prepared files, whatever a contender before has moved.
    func restore() throws {
        try Command("/bin/rm", "-rf", server.root).run()
        try Command("/bin/cp", "-al", pool, server.root).run()
    }

    func stop() {
        proxy?.stop()
        server.stop()
    }

    /// What `ssh` and `sftp` are told so that they ask nothing and read nobody's configuration.
    private var settings: [String] {
        [
            "-F", "/dev/null", "-o", "UserKnownHostsFile=\(server.knownHosts)", "-o",
            "StrictHostKeyChecking=yes",
            "-o", "IdentitiesOnly=yes", "-i", server.clientKey,
        ]
    }

    /// OpenSSH's client with commands from a file.
    func sftp(_ commands: [String]) throws -> Command {
        let batch = try server.folder.write(commands.joined(separator: "\n") + "\n", to: "batch")
        return Command(
            ["/usr/bin/sftp", "-q", "-b", batch] + settings + [
                "-P", "\(port)", "\(server.user)@\(server.host)",
            ]
        )
    }

    /// lftp over OpenSSH's `ssh`.
    func lftp(_ commands: [String]) -> Command {
        let ssh = (["ssh", "-a", "-x"] + settings).joined(separator: " ")
        let script =
            [
                "set cmd:fail-exit yes", "set sftp:auto-confirm yes", "set sftp:connect-program '\(ssh)'",
                "open -u \(server.user), -p \(port) sftp://\(server.host)",
            ] + commands + ["bye"]
        return Command("/usr/bin/lftp", "--norc", "-c", script.joined(separator: "; "))
    }

    /// rclone with its own SSH.
    func rclone(_ verb: String, _ path: String, _ more: [String]) -> Command {
        Command(
            ["/usr/bin/rclone", verb, ":sftp:\(path)"] + more + [
                "--config", "/dev/null", "--sftp-host", server.host, "--sftp-port", "\(port)", "--sftp-user",
                server.user, "--sftp-key-file", server.clientKey, "--sftp-known-hosts-file",
                server.knownHosts,
                "--sftp-disable-hashcheck",
            ]
        )
    }
}
