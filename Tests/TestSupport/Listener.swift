/// A small server of a test's own, written in Python, in a folder of its own.
///
/// It writes the number of its port and a line end when it listens, and ends with this value.
final class Listener: Sendable {
    let port: Int
    let folder: TemporaryFolder
    let process: ChildProcess

    private init(folder: TemporaryFolder, process: ChildProcess, port: Int) {
        self.folder = folder
        self.process = process
        self.port = port
    }

    /// Starts it, and returns when it listens.
    ///
    /// - Parameters:
    ///   - program: The text of the program.
    ///   - folder: Where it lies and works; the program is started with the folder's path before `arguments`.
    static func start(_ program: String, in folder: TemporaryFolder, _ arguments: [String] = []) async throws
        -> Listener
    {
        try folder.write(program, to: "listener.py")
        let process = try ChildProcess(
            ["/usr/bin/python3", folder.path("listener.py"), folder.path] + arguments,
            output: folder.path("out"),
            errors: folder.path("err")
        )
        let port = try await poll("a listener") { () -> Int? in
            guard process.isRunning else { throw SystemError(message: try folder.text("err")) }
            guard folder.contains("out"), case let text = try folder.text("out"), text.hasSuffix("\n") else {
                return nil
            }
            return Int(text.dropLast())
        }
        return Listener(folder: folder, process: process, port: port)
    }
}
