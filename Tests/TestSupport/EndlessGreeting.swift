/// A listener that greets with one line after the other, and never comes to its version.
package final class EndlessGreeting: Sendable {
    private let listener: Listener
    package var port: Int { listener.port }

    private init(_ listener: Listener) { self.listener = listener }

    /// Starts it, and returns when it listens.
    package static func start() async throws -> EndlessGreeting {
        EndlessGreeting(try await Listener.start(program, in: TemporaryFolder("greeting")))
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
