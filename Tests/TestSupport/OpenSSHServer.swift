import Glibc
import Synchronization

/// A real OpenSSH server on a free port of the loopback interface, with keys and a served folder of its own.
///
/// It works for root and for an ordinary user alike; the only user who can log in is the one who runs the tests.
/// The server stops when the last reference goes.
package final class OpenSSHServer: Sendable {
    /// How a server differs from the plain one.
    package struct Options: Sendable {
        /// The program behind the `sftp` subsystem, `{inbox}` being the served folder; `nil` is OpenSSH's own, started
        /// there.
        package var subsystem: String?
        /// More lines for `sshd_config`.
        package var configuration: [String] = []
        /// The types of the host keys, as `ssh-keygen -t` knows them.
        package var hostKeyTypes = ["ed25519"]
        /// The level of the log; at `DEBUG1` it names every attempt to authenticate.
        package var logLevel = "VERBOSE"

        package init() {}
    }

    package let host = "127.0.0.1"
    package let port: Int
    /// The user who can log in.
    package let user: String
    /// The folder where sessions start.
    ///
    /// It is not a jail: absolute paths are those of this machine.
    package let root: String
    /// The private key that can log in: ed25519, without a passphrase, mode 0600.
    package let clientKey: String
    /// The pin of the first host key, as `ssh-ed25519 SHA256:…`.
    package let hostKeyPin: String
    /// A known_hosts file that names the first host key.
    package let knownHosts: String
    /// Everything of the server: keys, configuration, log and the served folder.
    package let folder: TemporaryFolder

    private let process: Mutex<ChildProcess>

    /// The URL of the served folder, as a configuration names it.
    package var url: String { "sftp://\(user)@\(host):\(port)\(root)" }

    /// What the server has logged so far.
    package var log: String { (try? folder.text("sshd.log")) ?? "" }

    private init(folder: TemporaryFolder, keys: Keys, port: Int, process: ChildProcess) {
        self.folder = folder
        self.port = port
        self.process = Mutex(process)
        user = keys.user
        root = folder.path("inbox")
        clientKey = folder.path("client")
        hostKeyPin = keys.pin
        knownHosts = folder.path("known_hosts")
    }

    /// Starts a server and returns when it listens.
    package static func start(_ options: Options = Options()) async throws -> OpenSSHServer {
        let folder = try TemporaryFolder("sshd")
        let keys = try await Keys.make(in: folder, types: options.hostKeyTypes)
        if geteuid() == 0 { mkdir("/run/sshd", 0o755) }
        try folder.makeFolder("inbox")
        for _ in 0..<10 {
            let port = try freePort()
            let known = "[127.0.0.1]:\(port) \(keys.publicKey)\n"
            try folder.write(known, to: "known_hosts", mode: 0o600)
            try folder.write(configuration(options, port: port, folder: folder), to: "sshd_config")
            if let process = try await listening(in: folder) {
                return OpenSSHServer(folder: folder, keys: keys, port: port, process: process)
            }
        }
        throw SystemError(message: "sshd does not start: \((try? folder.text("sshd.log")) ?? "")")
    }

    /// Kills the server with all its sessions.
    package func stop() { process.withLock { $0.stop() } }

    /// Starts the server again, on the same port and with the same keys, after ``stop()``.
    package func restart() async throws {
        stop()
        try folder.write("", to: "sshd.log")
        guard let again = try await Self.listening(in: folder) else {
            throw SystemError(message: "sshd does not start again: \(log)")
        }
        process.withLock { $0 = again }
    }

    /// How many processes serve sessions now.
    package var sessions: Int { process.withLock { $0.descendants.count } }

    /// Makes every open session silent; connections can still be made.
    package func pauseSessions() { signalSessions(SIGSTOP) }

    /// Wakes what ``pauseSessions()`` made silent.
    package func resumeSessions() { signalSessions(SIGCONT) }

    /// Ends every open session rudely; connections can still be made.
    package func killSessions() { signalSessions(SIGKILL) }

    private func signalSessions(_ number: CInt) {
        for session in process.withLock({ $0.descendants }) { kill(session, number) }
    }

    /// Makes the whole server silent: connections stay in the kernel's queue.
    package func pause() {
        process.withLock { $0.signal(SIGSTOP) }
        pauseSessions()
    }

    /// Wakes what ``pause()`` made silent.
    package func resume() {
        resumeSessions()
        process.withLock { $0.signal(SIGCONT) }
    }

    /// Sends a file with OpenSSH's own client, as a customer would.
    ///
    /// - Parameters:
    ///   - local: A path on this machine.
    ///   - remote: A path on the server, from the served folder unless absolute.
    /// - Throws: ``SystemError`` with what the client said.
    package func put(_ local: String, as remote: String) async throws {
        try await sftp(["put \(Self.quoted(local)) \(Self.quoted(remote))"])
    }

    /// The command line of OpenSSH's own client, which reads what to do from its standard input.
    package var client: [String] {
        [
            "/usr/bin/sftp", "-b", "-", "-q", "-F", "/dev/null", "-o", "UserKnownHostsFile=\(knownHosts)",
            "-o", "StrictHostKeyChecking=yes", "-o", "IdentitiesOnly=yes", "-i", clientKey, "-P", "\(port)",
            "\(user)@\(host)",
        ]
    }

    /// Runs commands of OpenSSH's own client, and fails at the first that does.
    @discardableResult
    package func sftp(_ commands: [String]) async throws -> String {
        try await runTool(client, input: commands.joined(separator: "\n") + "\n")
    }

    private static func quoted(_ path: String) -> String {
        "\"" + path.reduce(into: "") { $0 += "\"\\".contains($1) ? "\\\($1)" : "\($1)" } + "\""
    }

    private static func configuration(_ options: Options, port: Int, folder: TemporaryFolder) -> String {
        let inbox = folder.path("inbox")
        let subsystem =
            options.subsystem?.replacing("{inbox}", with: inbox) ?? "internal-sftp -d \(inbox)"
        let lines =
            [
                "Port \(port)", "ListenAddress 127.0.0.1", "PidFile \(folder.path("sshd.pid"))",
                "AuthorizedKeysFile \(folder.path("authorized_keys"))", "StrictModes no", "UsePAM no",
                "PasswordAuthentication no", "KbdInteractiveAuthentication no", "Subsystem sftp \(subsystem)",
                "LogLevel \(options.logLevel)", "MaxStartups 100:30:200", "MaxSessions 100", "UseDNS no",
            ] + options.hostKeyTypes.map { "HostKey \(folder.path("hostkey_\($0)"))" } + options.configuration
        return lines.joined(separator: "\n") + "\n"
    }

    /// Starts sshd with the configuration in the folder; `nil` when it ended, its port being taken.
    private static func listening(in folder: TemporaryFolder) async throws -> ChildProcess? {
        let log = folder.path("sshd.log")
        let process = try ChildProcess(
            ["/usr/sbin/sshd", "-D", "-e", "-f", folder.path("sshd_config")],
            output: log,
            errors: log
        )
        return try await poll("sshd") { () -> ChildProcess?? in
            if try folder.contains("sshd.log") && folder.text("sshd.log").contains("Server listening on") {
                return .some(process)
            }
            return process.isRunning ? nil : .some(nil)
        }
    }

    /// The keys of a server, and who may log in with them.
    private struct Keys {
        var user: String
        var publicKey: String
        var pin: String

        static func make(in folder: TemporaryFolder, types: [String]) async throws -> Keys {
            for name in ["client"] + types.map({ "hostkey_\($0)" }) {
                let type = name == "client" ? "ed25519" : String(name.dropFirst("hostkey_".count))
                try await runTool(
                    [
                        "/usr/bin/ssh-keygen", "-q", "-t", type, "-N", "", "-C", "test", "-f",
                        folder.path(name),
                    ]
                )
            }
            try folder.write(try folder.read("client.pub"), to: "authorized_keys", mode: 0o600)
            let host = "hostkey_\(types.first ?? "ed25519")"
            let fields = try folder.text("\(host).pub").split(separator: " ").map(String.init)
            let listed = try await runTool(["/usr/bin/ssh-keygen", "-l", "-f", folder.path("\(host).pub")])
                .split(separator: " ")
            guard fields.count > 1, listed.count > 1, let person = getpwuid(geteuid()) else {
                throw SystemError(message: "the host key cannot be read")
            }
            return Keys(
                user: String(cString: person.pointee.pw_name),
                publicKey: "\(fields[0]) \(fields[1])",
                pin: "\(fields[0]) \(listed[1])"
            )
        }
    }
}
