/// A listener that greets with one line after the other, and never comes to its version.
package final class EndlessGreeting: Sendable {
    package let port: Int
    private let folder: TemporaryFolder
    private let process: ChildProcess

    private init(folder: TemporaryFolder, process: ChildProcess, port: Int) {
        self.folder = folder
        self.process = process
        self.port = port
    }

    /// Starts it, and returns when it listens.
    package static func start() async throws -> EndlessGreeting {
        let folder = try TemporaryFolder("greeting")
        try folder.write(program, to: "greeting.py")
        let process = try ChildProcess(
            ["/usr/bin/python3", folder.path("greeting.py")],
            output: folder.path("out"),
            errors: folder.path("err")
        )
        let port = try await poll("the greeting") { () -> Int? in
            guard process.isRunning else { throw SystemError(message: try folder.text("err")) }
            guard folder.contains("out"), case let text = try folder.text("out"), text.hasSuffix("\n") else {
                return nil
            }
            return Int(text.dropLast())
        }
        return EndlessGreeting(folder: folder, process: process, port: port)
    }

    private static let program = #"""
        import socket, threading
        listener = socket.create_server(("127.0.0.1", 0))
        print(listener.getsockname()[1], flush=True)
        def greet(connection):
            try:
                while True: connection.sendall(b"\x1b[2JWelcome, " + b"w" * 180 + b"\r\n")
            except OSError: pass
        while True: threading.Thread(target=greet, args=(listener.accept()[0],), daemon=True).start()
        """#
}
