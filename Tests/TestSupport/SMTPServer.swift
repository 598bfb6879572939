package import Foundation

/// A real SMTP server (aiosmtpd) on 127.0.0.1, with answers that depend on the recipient.
///
/// The part of a recipient before the `@` says what happens: `nobody` 550, `grey` 451, `greyonce` 451 the first time,
/// `full` 452, `busy` 421, `slow` the reply to RCPT takes 30 s, `spam` 554 after the text, `later` 451 after the text,
/// `cut` the mail is taken and the connection dropped before the 250, `cutonce` that the first time; `MAIL FROM:<banned…>`
/// gets 550. Everybody else gets their mail. It ends with ``stop()``, with its last reference or with this process.
package final class SMTPServer {
    package enum Mode: Sendable {
        /// No encryption, no login.
        case plain
        /// No encryption, but it would take a login in clear.
        case plainWithLogin
        /// STARTTLS and login are demanded. Only the mechanism `login` is offered, where one is given.
        case startTLS(login: String? = nil)
        /// TLS from the first byte; login is demanded.
        case implicitTLS
    }

    /// One mail as it was taken.
    package struct Mail: Decodable, Sendable {
        package var from: String
        package var to: [String]
        /// The bytes between DATA and the final dot, dots unstuffed.
        package var content: Data
        package var encrypted: Bool
    }

    /// One attempt to log in.
    package struct Login: Decodable, Sendable {
        package var mechanism: String
        package var encrypted: Bool
    }

    package static let user = "ledger"
    package static let password = "correct-horse-secret"

    package let port: Int
    private let mode: Mode
    private let folder: URL
    private let process = Process()
    private let lifeline = Pipe()

    /// Starts a server and waits until it listens.
    ///
    /// - Parameters:
    ///   - mode: What it offers and demands.
    ///   - folder: Where it keeps its certificate and what it received; made if missing. A second server on the same
    ///     folder and port continues the first.
    ///   - port: 0 for one that the kernel chooses.
    /// - Throws: ``DidNotStart`` with what the server printed, or what kept us from starting it.
    package init(_ mode: Mode, folder: URL, port: Int = 0) async throws {
        self.mode = mode
        self.folder = folder
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let ready = folder.appending(path: "port")
        try? FileManager.default.removeItem(at: ready)  // Missing at the first start.
        let script = folder.appending(path: "server.py")
        try Data(Self.script.utf8).write(to: script)
        process.executableURL = URL(filePath: "/usr/bin/python3")
        process.arguments = [script.path, folder.path, "\(port)"] + Self.arguments(mode)
        process.standardInput = lifeline
        process.standardOutput = FileHandle.nullDevice
        process.standardError = try FileHandle(
            forWritingTo: Self.emptyFile(folder.appending(path: "server.err"))
        )
        try process.run()
        var listening: Int?
        while listening == nil {
            listening = (try? String(contentsOf: ready, encoding: .utf8)).flatMap(Int.init)
            guard listening != nil || process.isRunning else { break }
            try await Task.sleep(for: .milliseconds(5))
        }
        guard let listening else {
            throw DidNotStart(output: Self.text(folder.appending(path: "server.err")))
        }
        self.port = listening
    }

    deinit { stop() }

    /// Ends the server, and waits until its port is closed.
    package func stop() {
        guard process.isRunning else { return }
        // A child inherits the signal mask of the thread that starts it, and on a worker thread that blocks SIGTERM.
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// The URL that fits the mode.
    package var url: String {
        if case .implicitTLS = mode { "smtps://127.0.0.1:\(port)" } else { "smtp://127.0.0.1:\(port)" }
    }

    /// The server's own certificate; a client that trusts this file trusts the server.
    package var certificate: String { folder.appending(path: "cert.pem").path }

    /// All mails taken so far, in order.
    package func mails() throws -> [Mail] { try records("mails.jsonl") }

    /// All attempts to log in so far, in order.
    package func logins() throws -> [Login] { try records("logins.jsonl") }

    package struct DidNotStart: Error {
        package var output: String
    }

    private func records<Record: Decodable>(_ name: String) throws -> [Record] {
        try Self.text(folder.appending(path: name)).split(separator: "\n").map { line in
            try JSONDecoder().decode(Record.self, from: Data(line.utf8))
        }
    }

    private static func text(_ file: URL) -> String {
        // Nothing was written yet: the same as an empty file.
        (try? String(contentsOf: file, encoding: .utf8)) ?? ""
    }

    private static func emptyFile(_ file: URL) throws -> URL {
        try Data().write(to: file)
        return file
    }

    private static func arguments(_ mode: Mode) -> [String] {
        switch mode {
        case .plain: ["plain", ""]
        case .plainWithLogin: ["plainlogin", ""]
        case .startTLS(let login): ["starttls", login ?? ""]
        case .implicitTLS: ["implicit", ""]
        }
    }

    private static let script = #"""
        import asyncio, base64, json, os, ssl, subprocess, sys
        from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

        folder, port, mode, only = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
        key, cert = os.path.join(folder, "key.pem"), os.path.join(folder, "cert.pem")
        seen = set()

        def record(name, value):
            with open(os.path.join(folder, name), "a") as file:
                file.write(json.dumps(value) + "\n")
                file.flush()

        def first_time(name):
            marker = os.path.join(folder, "seen-" + name)
            if os.path.exists(marker):
                return False
            open(marker, "w").close()
            return True

        class Script:
            async def handle_MAIL(self, server, session, envelope, address, options):
                if address.startswith("banned"):
                    return "550 5.7.1 Sender refused"
                envelope.mail_from = address
                return "250 OK"

            async def handle_RCPT(self, server, session, envelope, address, options):
                replies = {
                    "nobody": "550 5.1.1 No such user",
                    "grey": "451 4.7.1 Try later",
                    "full": "452 4.2.2 Mailbox full",
                    "busy": "421 4.3.2 Service shutting down",
                }
                name = address.split("@")[0]
                if name in replies:
                    return replies[name]
                if name == "greyonce" and first_time("greyonce"):
                    return "451 4.7.1 Try later"
                if name == "slow":
                    await asyncio.sleep(30)
                envelope.rcpt_tos.append(address)
                return "250 OK"

            async def handle_DATA(self, server, session, envelope):
                name = envelope.rcpt_tos[0].split("@")[0]
                if name == "spam":
                    return "554 5.7.1 Looks like spam"
                if name == "later":
                    return "451 4.3.0 Try again later"
                record("mails.jsonl", {
                    "from": envelope.mail_from, "to": envelope.rcpt_tos,
                    "content": base64.b64encode(envelope.content).decode(),
                    "encrypted": session.ssl is not None or mode == "implicit",
                })
                if name == "cut" or (name == "cutonce" and first_time("cutonce")):
                    server.transport.abort()
                return "250 2.0.0 accepted"

        def authenticate(server, session, envelope, mechanism, data):
            record("logins.jsonl", {"mechanism": mechanism, "encrypted": session.ssl is not None or mode == "implicit"})
            good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"USER", b"PASSWORD")
            return AuthResult(success=good, handled=good)

        if not os.path.exists(cert):
            subprocess.run([
                "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-keyout", key, "-out", cert,
            ], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(cert, key)

        def session():
            options = {"hostname": "mx.test.example", "enable_SMTPUTF8": False}
            if mode == "starttls":
                options.update(tls_context=context, require_starttls=True)
            if mode in ("starttls", "implicit"):
                options.update(authenticator=authenticate, auth_required=True)
            if mode == "implicit" or mode == "plainlogin":
                options.update(authenticator=authenticate, auth_require_tls=False)
            if only:
                options.update(auth_exclude_mechanism=[m for m in ("LOGIN", "PLAIN") if m != only.upper()])
            return SMTP(Script(), **options)

        async def main():
            server = await asyncio.get_running_loop().create_server(
                session, "127.0.0.1", port, ssl=context if mode == "implicit" else None)
            draft = os.path.join(folder, "port.new")
            with open(draft, "w") as file:
                file.write(str(server.sockets[0].getsockname()[1]))
            os.rename(draft, os.path.join(folder, "port"))
            # Standard input ends when the test that started us does.
            await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
            os._exit(0)

        asyncio.run(main())
        """#
        .replacingOccurrences(of: "USER", with: user)
        .replacingOccurrences(of: "PASSWORD", with: password)
}
