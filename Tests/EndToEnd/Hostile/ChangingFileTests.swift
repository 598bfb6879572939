import Glibc
import TestSupport
import Testing

/// Files that are not what they seem, or not for long.
@Suite(.timeLimit(.minutes(5)))
struct ChangingFileTests {
    private static let stored =
        "SELECT customer_id, name, balance FROM customers_with_open_balances ORDER BY 1"

    @Test(arguments: [MeddledSFTPServer.Lie.grow, .shrink, .replace, .remove])
    func `a file that changes while it is read is never half of one and half of another`(
        lie: MeddledSFTPServer.Lie
    ) async throws {
        let meddled = try await MeddledSFTPServer.start()
        let drop = try await EndToEndDrop.start(on: meddled.server)
        // Some READs long, and it changes at the third.
        let long = String(repeating: "x", count: 240)
        let rows = (1...3_000).map { "C\($0),Acme \(long),1.00,USD" }
        let file = DroppedFile.sheet(
            "customers_with_open_balances",
            "customer_id,name,balance,currency",
            rows
        )
        try drop.place(file, .sheet("subsidiaries", "subsidiary_id,name", ["S1,One"]))
        try meddled.tell(lie, to: .read, nth: 3, sessions: 1)
        let result = try await drop.run("poll")
        #expect(result.status == 0, "\(result.errors)")
        #expect(meddled.told == 1)
        try drop.expect("SELECT subsidiary_id FROM subsidiaries", gives: ["S1"])
        let balances = try drop.query("SELECT DISTINCT balance FROM customers_with_open_balances")
        let state = try drop.query("SELECT state FROM files WHERE type LIKE 'customers%'")
        if lie == .replace || lie == .remove {
            // The server goes on reading what it has opened: whole as it was, or not at all.
            let isWhole = balances == ["1.00"] && state == ["loaded"]
            #expect(isWhole || balances == [] && state != ["loaded"], "\(balances) \(state)")
        } else {
            #expect(balances == [] && state == ["waiting"], "\(balances) \(state)")
        }

        try meddled.tell(nil)
        let calm = try await drop.run("poll")
        #expect([0, 65].contains(calm.status), "\(calm.errors)")
        let rest = try drop.query(
            "SELECT count(*), min(balance), max(balance) FROM customers_with_open_balances"
        )
        switch lie {
        case .grow: #expect(rest == ["3001|1.00|7.00"])
        case .replace: #expect(rest == ["3000|9.00|9.00"] || rest == ["3000|1.00|1.00"])
        case .remove: #expect(rest == [balances.isEmpty ? "0|-|-" : "3000|1.00|1.00"])
        // Cut in the middle of a row, which is told; what stands before it is what was sent.
        default: #expect(rest[0].hasSuffix("|1.00|1.00"))
        }
    }

    @Test func `a change that keeps size and time is found out by reading twice`() async throws {
        let meddled = try await MeddledSFTPServer.start()
        let drop = try await EndToEndDrop.start(DropSettings(inbox: ["read_twice: true"]), on: meddled.server)
        try drop.place(.customers("C1,Acme,1.00,USD"))
        try meddled.tell(.rewrite, to: .read, nth: 2, sessions: 1)
        let result = try await drop.run("poll")
        #expect(result.status == 0, "\(result.errors)")
        #expect(meddled.told == 1)
        let first = try drop.query(Self.stored)
        #expect(first.isEmpty || first == ["C1|Bolt|9.00"])
        try meddled.tell(nil)
        try await drop.poll()
        try drop.expect(Self.stored, gives: ["C1|Bolt|9.00"])
    }

    @Test func `what is no file is never opened, and the files beside it load`() async throws {
        let drop = try await EndToEndDrop.start()
        try drop.place(.customers("C1,Acme,1.00,USD"))
        let pending = "\(drop.server.root)/customers_with_open_balances/pending"
        let secret = try drop.folder.write(
            "customer_id,name,balance,currency\nC9,Evil,9.00,USD\n",
            to: "secret.csv"
        )
        symlink(secret, "\(pending)/outside.csv")
        symlink("customers_with_open_balances.csv", "\(pending)/inside.csv")
        symlink("loop.csv", "\(pending)/loop.csv")
        symlink("nowhere.csv", "\(pending)/dangling.csv")
        mkfifo("\(pending)/fifo.csv", 0o666)
        mkdir("\(pending)/folder.csv", 0o755)
        try listen(at: "\(pending)/socket.csv")
        let hasDevice = mknod("\(pending)/device.csv", S_IFCHR | 0o666, 0x103) == 0
        try await drop.poll()
        try drop.expect(Self.stored, gives: ["C1|Acme|1.00"])
        var ignored = ["dangling", "fifo", "folder", "inside", "loop", "outside", "socket"]
        if hasDevice { ignored.append("device") }
        try drop.expect(
            "SELECT name, reason FROM files WHERE state = 'ignored' ORDER BY name",
            gives: ignored.sorted().map { "\($0).csv|not_a_file" }
        )
        try await drop.poll()
        try drop.expect("SELECT count(*) FROM files", gives: ["\(ignored.count + 1)"])
    }

    @Test func `a file that may not be read is told, and the others load`() async throws {
        let drop = try await EndToEndDrop.start()
        try drop.place(
            .customers("C1,Acme,1.00,USD"),
            .sheet("subsidiaries", "subsidiary_id,name", ["S1,One"])
        )
        let path = "\(drop.server.root)/subsidiaries/pending/subsidiaries.csv"
        chmod(path, 0)
        try await drop.poll()
        try drop.expect(Self.stored, gives: ["C1|Acme|1.00"])
        // Nothing is forbidden to root, who may be the one who runs the tests.
        if geteuid() != 0 {
            let state = try drop.query(
                "SELECT state, reason IS NOT NULL FROM files WHERE type = 'subsidiaries'"
            )
            #expect(state == ["waiting|1"])
        }
        chmod(path, 0o644)
        try await drop.poll()
        try drop.expect("SELECT subsidiary_id FROM subsidiaries", gives: ["S1"])
    }

    private func listen(at path: String) throws {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        // Bound under a short name: a path in a temporary folder may be too long for an address.
        let folder = path.split(separator: "/").dropLast().reduce(into: "") { $0 += "/\($1)" }
        let short = "/tmp/ledgerdrop-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: short.utf8.prefix($0.count - 1)) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard bound == 0 else { throw SystemError("bind") }
        defer { unlink(short) }
        guard rename(short, "\(folder)/socket.csv") == 0 else { throw SystemError("rename") }
    }
}
