import Glibc

/// A web server that notes who calls, and answers well, badly or never.
package final class HeartbeatListener: Sendable {
    private let listener: Listener
    private var folder: TemporaryFolder { listener.folder }
    package var port: Int { listener.port }

    private init(_ listener: Listener) { self.listener = listener }

    /// Starts it, and returns when it listens.
    package static func start() async throws -> HeartbeatListener {
        let folder = try TemporaryFolder("heartbeat")
        try folder.write("200", to: "answer")
        return HeartbeatListener(try await Listener.start(program, in: folder))
    }

    /// From now on it answers so; `nil`: it accepts, and never says a word.
    package func answer(_ status: Int?) throws {
        try folder.write(status.map { "\($0)" } ?? "hang", to: "answer.new")
        guard rename(folder.path("answer.new"), folder.path("answer")) == 0 else {
            throw SystemError("rename")
        }
    }

    /// What was asked for so far: the method, the path with its query, and the body, with a blank between them.
    package func calls() throws -> [String] {
        guard folder.contains("calls") else { return [] }
        return try folder.text("calls").split(separator: "\n").map(String.init)
    }

    private static let program = """
        import os, sys, threading
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
        folder = sys.argv[1]
        lock = threading.Lock()
        class Handler(BaseHTTPRequestHandler):
            def handle_call(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
                with lock, open(os.path.join(folder, "calls"), "a") as calls:
                    calls.write(f"{self.command} {self.path} {body.strip()}".strip() + "\\n")
                answer = open(os.path.join(folder, "answer")).read()
                if answer == "hang":
                    threading.Event().wait()
                self.send_response(int(answer))
                self.end_headers()
            do_GET = do_POST = handle_call
            def log_message(self, *arguments): pass
        class Server(ThreadingHTTPServer):
            daemon_threads = True
        server = Server(("127.0.0.1", 0), Handler)
        print(server.server_address[1], flush=True)
        server.serve_forever()
        """
}
