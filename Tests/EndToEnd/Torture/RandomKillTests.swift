import Glibc
import Synchronization
import TestSupport
import Testing

/// The daemon is killed again and again, at any time, while files keep coming.
@Suite(.timeLimit(Torture.limit))
struct RandomKillTests {
    /// Two payments that nobody else names.
    private static func file(_ number: Int) -> DroppedFile {
        .sheet(
            "payment_receipts",
            "payment_id,customer_id,payment_date,amount,currency",
            ["P\(number)a,C1,2025-02-01,\(number).25,USD", "P\(number)b,C1,2025-02-01,0.75,USD"],
            name: "payments-\(number).csv"
        )
    }

    /// Files come to the server as a customer's client leaves them: whole, by a rename.
    private static func drop(_ numbers: ClosedRange<Int>, on drop: EndToEndDrop) throws {
        for number in numbers {
            let file = file(number)
            let hidden = "inbox/\(file.folder)/.\(file.name).part"
            try drop.server.folder.makeFolder("inbox/\(file.folder)")
            try drop.server.folder.write(file.bytes, to: hidden)
            rename(drop.server.folder.path(hidden), drop.server.folder.path("inbox/\(file.path)"))
        }
    }

    @Test func `killed at any time, no file is lost and none is loaded twice`() async throws {
        let kills = Torture.number("TORTURE_KILLS", long: 1000, short: 12)
        let files = Torture.number("TORTURE_FILES", long: 2400, short: 48)
        var random = SplitMix64(seed: Torture.seed)
        let drop = try await EndToEndDrop.start()
        try await drop.put(.customers("C1,Acme,1.00,USD"))
        try await drop.poll()
        var ready: [Duration] = []
        var dropped = 0
        for number in 1...kills {
            let socket = try NotifySocket(drop.folder.path("notify"))
            try drop.folder.write(
                #"{"verb":{"poll":{}},"user":"test","at":"2026-01-01T00:00:00.000Z"}"#,
                to: "state/requests/order\(number).request",
                mode: 0o600
            )
            let start = ContinuousClock.now
            let daemon = try drop.launch("run", environment: ["NOTIFY_SOCKET": socket.path])
            try await poll("a daemon that is ready") {
                guard daemon.isRunning else { throw SystemError(message: drop.lastComplaint()) }
                return socket.received().contains("READY=1") ? true : nil
            }
            ready.append(ContinuousClock.now - start)
            // Some come before the listing, some while the run is at work.
            let next = files * number / kills
            if next > dropped { try Self.drop(dropped + 1...next, on: drop) }
            dropped = next
            let life = Duration.milliseconds(
                Int.random(in: 0...Torture.number("TORTURE_LIFE", long: 600, short: 1500), using: &random)
            )
            // The moment is drawn, not waited for.
            try await Task.sleep(for: life)
            daemon.signal(SIGKILL)
            #expect(try await daemon.wait() == 128 + Int(SIGKILL), "seed \(Torture.seed), kill \(number)")
        }
        try await drop.poll()
        try await drop.poll()
        let what = "seed \(Torture.seed)"
        #expect(try drop.listing("payment_receipts/pending") == [], "\(what)")
        #expect(try drop.listing("payment_receipts/processed").count == files, "\(what)")
        let loaded = try drop.query(
            "SELECT count(*), count(DISTINCT name) FROM files WHERE type = 'payment_receipts' AND state = 'loaded'"
        )
        let rows = try drop.query(
            "SELECT count(*), count(DISTINCT payment_id), sum(CAST(round(amount * 100) AS INTEGER)) FROM payment_receipts"
        )
        let sum = (1...files).reduce(0) { $0 + $1 * 100 + 100 }
        #expect(loaded == ["\(files)|\(files)"], "\(what)")
        #expect(rows == ["\(files * 2)|\(files * 2)|\(sum)"], "\(what)")
        // A listing may meet one that is still being written; it is nobody's.
        let others = try drop.query(
            "SELECT name, state FROM files WHERE state <> 'loaded' AND NOT (name LIKE '.%.part' AND state = 'ignored')"
        )
        #expect(others == [], "\(what)")
        let verdict = try drop.verify()
        #expect(verdict.good && verdict.notes.isEmpty, "\(what): \(verdict.complaint)")
        ready.sort()
        let shown = [ready.count / 2, ready.count * 99 / 100, ready.count - 1].map {
            ready[$0] / .milliseconds(1)
        }
        Torture.tell(
            "\(kills) kills while \(files) files came: 0 lost and 0 double if this test passes; ready after ms (median, p99, most) \(shown.map { Int($0) })"
        )
    }
}

/// What a service manager would hear from the daemon.
private final class NotifySocket: Sendable {
    let path: String
    private let descriptor: CInt

    init(_ path: String) throws {
        self.path = path
        unlink(path)
        descriptor = socket(
            AF_UNIX,
            CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue),
            0
        )
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) }
        }
        guard descriptor >= 0, bound == 0 else { throw SystemError("bind \(path)") }
    }

    deinit { close(descriptor) }

    /// The next message, or nothing.
    func received() -> String {
        var buffer = [UInt8](repeating: 0, count: 4096)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }
}
