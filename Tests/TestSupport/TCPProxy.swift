import Glibc

/// A TCP proxy before a server that cuts connections off, or slows them down.
package final class TCPProxy: Sendable {
    package let port: Int
    private let folder: TemporaryFolder
    private let process: ChildProcess

    private init(folder: TemporaryFolder, process: ChildProcess, port: Int) {
        self.folder = folder
        self.process = process
        self.port = port
    }

    /// Starts a proxy and returns when it listens.
    ///
    /// - Parameters:
    ///   - target: The server's port.
    ///   - cutAfter: After so many bytes from the server a connection is cut; `nil` for never.
    ///   - cuts: How many connections are cut; later ones are left alone.
    ///   - delay: How long everything is on its way, in one direction.
    /// - Returns: The running proxy.
    /// - Throws: ``SystemError`` when it does not start.
    package static func start(
        to target: Int,
        cutAfter: Int? = nil,
        cuts: Int = .max,
        delay: Duration = .zero
    ) async throws -> TCPProxy {
        let folder = try TemporaryFolder("proxy")
        try folder.write(program, to: "proxy.py")
        let seconds = Double(delay.components.seconds) + Double(delay.components.attoseconds) / 1e18
        let process = try ChildProcess(
            [
                "/usr/bin/python3", folder.path("proxy.py"), "\(target)", "\(cutAfter ?? -1)",
                "\(min(cuts, 1_000_000))", "\(seconds)",
            ],
            output: folder.path("out"),
            errors: folder.path("err")
        )
        let port = try await poll("the proxy") { () -> Int? in
            guard process.isRunning else { throw SystemError(message: try folder.text("err")) }
            guard folder.contains("out"), case let text = try folder.text("out"), text.hasSuffix("\n") else {
                return nil
            }
            return Int(text.dropLast())
        }
        return TCPProxy(folder: folder, process: process, port: port)
    }

    /// Stops it, and with it every connection through it.
    package func stop() { process.stop() }

    private static let program = #"""
        import asyncio, sys
        TARGET, CUT, CUTS, DELAY = int(sys.argv[1]), int(sys.argv[2]), [int(sys.argv[3])], float(sys.argv[4])

        async def pump(reader, writer, cut):
            queue, now, seen = asyncio.Queue(4096), asyncio.get_running_loop().time, 0
            async def send():
                while True:
                    due, data = await queue.get()
                    if DELAY: await asyncio.sleep(max(0, due - now()))
                    if not data: return writer.write_eof()
                    writer.write(data); await writer.drain()
            task = asyncio.create_task(send())
            while data := await reader.read(65536):
                seen += len(data)
                if cut is not None and seen >= cut:
                    task.cancel()
                    return cut_off(writer)
                await queue.put((now() + DELAY, data))
            await queue.put((now() + DELAY, b"")); await task

        def cut_off(writer):
            writer.transport.abort()
            raise ConnectionError

        async def serve(reader, writer):
            if DELAY: await asyncio.sleep(2 * DELAY)
            cut = None
            if CUT >= 0 and CUTS[0] > 0:
                CUTS[0] -= 1
                cut = CUT
            r, w = await asyncio.open_connection("127.0.0.1", TARGET)
            await asyncio.gather(pump(reader, w, None), pump(r, writer, cut), return_exceptions=True)
            w.close(); writer.close()

        async def main():
            server = await asyncio.start_server(serve, "127.0.0.1", 0)
            print(server.sockets[0].getsockname()[1], flush=True)
            await server.serve_forever()
        asyncio.run(main())
        """#
}
