import Glibc

/// A web server that notes who calls, and answers well, badly or never.
package final class HeartbeatListener: Sendable {
    package let port: Int
    private let folder: TemporaryFolder
    private let process: ChildProcess

    private init(folder: TemporaryFolder, process: ChildProcess, port: Int) {
        self.folder = folder
        self.process = process
        self.port = port
    }

    /// Starts it, and returns when it listens.
    package static func start() async throws -> HeartbeatListener {
        let folder = try TemporaryFolder("heartbeat")
        try folder.write(program, to: "listener.py")
        try folder.write("200", to: "answer")
        let process = try ChildProcess(
            ["/usr/bin/python3", folder.path("listener.py"), folder.path],
            output: folder.path("out"),
            errors: folder.path("err")
        )
        let port = try await poll("the listener") { () -> Int? in
            guard process.isRunning else { throw SystemError(message: try folder.text("err")) }
            guard folder.contains("out"), case let text = try folder.text("out"), text.hasSuffix("\n") else {
                return nil
            }
            return Int(text.dropLast())
        }
        return HeartbeatListener(folder: folder, process: process, port: port)
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
