import Glibc

/// A TCP proxy before a server that cuts connections off, silences them, or slows them down.
package final class TCPProxy: Sendable {
    /// Who sends the bytes that are counted.
    package enum Side: String, Sendable, CaseIterable {
        case server
        case client
    }

    /// What happens to a connection.
    package enum Fault: Sendable, CustomStringConvertible {
        case none
        /// Both sides are cut off once a side has sent so many bytes, which still arrive.
        case cut(after: Int, from: Side)
        /// Nothing that a side sends beyond so many bytes arrives, and the connection stays.
        case silence(after: Int, from: Side)
        /// What a side sends beyond so many bytes arrives one byte at a time, with a pause after each.
        case trickle(after: Int, from: Side, pause: Duration)

        package var description: String {
            switch self {
            case .none: "none server 0 0"
            case .cut(let count, let side): "cut \(side.rawValue) \(count) 0"
            case .silence(let count, let side): "silence \(side.rawValue) \(count) 0"
            case .trickle(let count, let side, let pause):
                "trickle \(side.rawValue) \(count) \(pause.inSeconds)"
            }
        }
    }

    private let listener: Listener
    private var folder: TemporaryFolder { listener.folder }
    package var port: Int { listener.port }

    private init(_ listener: Listener) { self.listener = listener }

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
        let fault = cutAfter.map { Fault.cut(after: $0, from: .server) } ?? .none
        try folder.write(order(fault, connections: cuts), to: "order")
        return TCPProxy(try await Listener.start(program, in: folder, ["\(target)", "\(delay.inSeconds)"]))
    }

    /// Says what happens to the next connections; those behind them are left alone.
    package func expect(_ fault: Fault, connections: Int = .max) throws {
        // Renamed into place: a connection that comes meanwhile reads one order or the other.
        try folder.write(Self.order(fault, connections: connections), to: "next")
        guard rename(folder.path("next"), folder.path("order")) == 0 else { throw SystemError("rename") }
    }

    /// How many bytes the server and the client of the connection that ended last have sent.
    package func traffic() throws -> (server: Int, client: Int) {
        let numbers = try folder.text("order.traffic").split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 2 else { throw SystemError(message: "no traffic") }
        return (numbers[0], numbers[1])
    }

    /// How many connections were cut, silenced or slowed down so far.
    package var faults: Int { ((try? folder.read("order.faults")) ?? []).count }

    /// Stops it, and with it every connection through it.
    package func stop() { listener.process.stop() }

    private static func order(_ fault: Fault, connections: Int) -> String {
        "\(fault) \(min(connections, 1_000_000))"
    }

    private static let program = #"""
        import asyncio, os, sys
        ORDER, TARGET, DELAY = os.path.join(sys.argv[1], "order"), int(sys.argv[2]), float(sys.argv[3])
        served = {}

        class CutOff(Exception): pass

        def strike():
            with open(ORDER + ".faults", "ab") as file: file.write(b".")

        async def pump(reader, writer, fault, counts, side):
            kind, after, pause = fault if fault else (None, 0, 0)
            struck = False
            queue, now = asyncio.Queue(4096), asyncio.get_running_loop().time
            async def send():
                while True:
                    due, data = await queue.get()
                    if DELAY: await asyncio.sleep(max(0, due - now()))
                    if not data: return writer.write_eof()
                    writer.write(data); await writer.drain()
                    queue.task_done()
            task = asyncio.create_task(send())
            try:
                if kind == "cut" and after == 0:
                    strike()
                    raise CutOff
                while data := await reader.read(65536):
                    before = counts[side]
                    counts[side] += len(data)
                    if kind and counts[side] >= after:
                        if not struck: strike()
                        struck = True
                        whole, rest = data[:max(0, after - before)], data[max(0, after - before):]
                        if whole: await queue.put((now() + DELAY, whole))
                        await queue.join()
                        if kind == "cut": raise CutOff
                        if kind == "silence": continue
                        for byte in rest:
                            writer.write(bytes([byte])); await writer.drain()
                            await asyncio.sleep(pause)
                        continue
                    await queue.put((now() + DELAY, data))
                await queue.put((now() + DELAY, b"")); await task
            finally:
                task.cancel()

        async def serve(reader, writer):
            if DELAY: await asyncio.sleep(2 * DELAY)
            with open(ORDER) as file: kind, side, after, pause, limit = file.read().split()
            # The number of a file alone comes again once an older order is gone.
            place = os.stat(ORDER)
            identity = (place.st_ino, place.st_mtime_ns)
            served[identity] = served.get(identity, 0) + 1
            fault = (kind, int(after), float(pause)) if kind != "none" and served[identity] <= int(limit) else None
            counts = {"server": 0, "client": 0}
            r, w = await asyncio.open_connection("127.0.0.1", TARGET)
            pumps = [asyncio.create_task(pump(reader, w, fault if side == "client" else None, counts, "client")),
                     asyncio.create_task(pump(r, writer, fault if side == "server" else None, counts, "server"))]
            done, left = await asyncio.wait(pumps, return_when=asyncio.FIRST_EXCEPTION)
            was_cut = any(isinstance(each.exception(), CutOff) for each in done)
            for each in left: each.cancel()
            await asyncio.gather(*left, return_exceptions=True)
            # Every other cut is a rude one; what was sent before it may then be lost as well.
            if was_cut and fault[1] % 2: writer.transport.abort(); w.transport.abort()
            w.close(); writer.close()
            with open(ORDER + ".next", "w") as file: file.write("%d %d" % (counts["server"], counts["client"]))
            os.rename(ORDER + ".next", ORDER + ".traffic")

        async def main():
            server = await asyncio.start_server(serve, "127.0.0.1", 0)
            print(server.sockets[0].getsockname()[1], flush=True)
            await server.serve_forever()
        asyncio.run(main())
        """#
}

extension Duration {
    fileprivate var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
}
