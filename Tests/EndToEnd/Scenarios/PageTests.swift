import Foundation
import Glibc
import TestSupport
import Testing

/// The status page of the real daemon.
@Suite(.timeLimit(.minutes(5)))
struct PageTests {
    private static let password = "correct horse battery"

    @Test func `an operator signs in, sees a held file and releases it`() async throws {
        let path = "unix:"
        let drop = try await EndToEndDrop.start()
        let socket = drop.folder.path("page.sock")
        try drop.configure(DropSettings(more: ["page: { listen: \"\(path)\(socket)\" }"]))
        let customers = DroppedFile.customers("C1,Acme,1.00,USD")
        try await drop.put(customers, .invoices((1...100).map { invoice("I\($0)") }))
        try await drop.poll()
        try await drop.put(.invoices((1...30).map { invoice("I\($0)") }, name: "cut.csv"))
        try await drop.poll(65)
        let held = try #require(try drop.query("SELECT file_id FROM files WHERE name = 'cut.csv'").first)

        let daemon = try drop.launch("run")
        let browser = try await TestSupport.poll("the page") {
            try #require(daemon.isRunning)
            return access(socket, F_OK) == 0 ? Browser(.socket(socket)) : nil
        }
        // The socket is there a moment before anybody listens on it.
        let end = ContinuousClock.now + .seconds(60)
        while (try? await browser.get("/livez"))?.status != 200 {
            try #require(daemon.isRunning && ContinuousClock.now < end)
            try await Task.sleep(for: .milliseconds(20))
        }

        // The password is in no argument, no file of requests, no log.
        let short = try await drop.run("user", "add", "anna@acme.example", saying: "short\n")
        #expect(short.status == 64)
        let added = try await drop.run(
            "user",
            "add",
            "anna@acme.example",
            "--role",
            "operator",
            saying: Self.password + "\n"
        )
        #expect(added.status == 0, "\(added.errors)")
        let listed = try await drop.run("user", "list")
        #expect(listed.output.contains("anna@acme.example  operator"))
        #expect(!listed.output.contains("scrypt"))

        var anna = browser
        #expect(try await anna.signIn("anna@acme.example", "not the password").status == 401)
        #expect(try await anna.signIn("anna@acme.example", Self.password).status == 303)
        let question = try await anna.get("/files/\(held)/release")
        #expect(question.status == 200)
        #expect(question.body.contains("cut.csv"))
        try drop.expect("SELECT state FROM files WHERE name = 'cut.csv'", gives: ["held"])
        let form: KeyValuePairs = ["token": try await anna.token(), "reason": "a month's end"]
        let done = try await anna.post("/files/\(held)/release", form)
        #expect(done.status == 303)
        #expect(done.header("Location") == "/files/\(held)")
        try await TestSupport.poll("the release") {
            try drop.query("SELECT 1 FROM files WHERE name = 'cut.csv' AND state = 'loaded'").isEmpty
                ? nil : true
        }
        try drop.expect(
            "SELECT detail ->> 'user' FROM events WHERE event = 'request.received' AND file_id = \(held)",
            gives: ["anna@acme.example"]
        )
        #expect(try await anna.get("/files/\(held)/release").body.contains("It cannot be done."))

        let removed = try await drop.run("user", "remove", "anna@acme.example")
        #expect(removed.status == 0)
        #expect(try await anna.get("/").status == 303)
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
        #expect(try drop.log("user.changed").count == 2)
        #expect(try drop.log("session.opened").count == 1)
        #expect(try drop.log("session.refused").count == 1)
        for file in ["state/status.log"] {
            #expect(try !drop.folder.text(file).contains(Self.password))
        }
        try drop.expectInvariants()
    }

    @Test func `the original, its rejected rows and what it cleared come out of spool and ledger`()
        async throws
    {
        let drop = try await EndToEndDrop.start()
        let socket = drop.folder.path("page.sock")
        try drop.configure(DropSettings(more: ["page: { listen: \"unix:\(socket)\" }"]))
        try await drop.put(
            .customers("C1,Acme,1.00,USD"),
            .invoices((1...30).map { invoice("I\($0)") }, name: "first.csv")
        )
        try await drop.poll()
        let rows = (1...25).map { invoice("I\($0)") } + [invoice("I99", ["balance": "a lot"])]
        let second = DroppedFile.invoices(rows, name: "second.csv")
        try await drop.put(second)
        try await drop.poll(65)
        let file = try #require(try drop.query("SELECT file_id FROM files WHERE name = 'second.csv'").first)
        let added = try await drop.run(
            "user",
            "add",
            "vera@acme.example",
            "--role",
            "viewer",
            saying: Self.password + "\n"
        )
        #expect(added.status == 0, "\(added.errors)")
        let daemon = try drop.launch("run")
        var vera = Browser(.socket(socket))
        let end = ContinuousClock.now + .seconds(60)
        while (try? await vera.get("/livez"))?.status != 200 {
            try #require(daemon.isRunning && ContinuousClock.now < end)
            try await Task.sleep(for: .milliseconds(20))
        }
        #expect(try await vera.signIn("vera@acme.example", Self.password).status == 303)

        let original = try await vera.get("/files/\(file)/original")
        #expect(original.status == 200)
        #expect(Array(Self.whole(original.body).utf8) == second.bytes)
        #expect(original.header("Content-Disposition") == "attachment; filename=\"file-\(file).csv\"")
        let rejects = try await vera.get("/files/\(file)/rejects")
        #expect(rejects.status == 200)
        #expect(rejects.body.contains("I99,") && rejects.body.contains("a lot"))
        #expect(!rejects.body.contains("I25,"))
        // What the page gives out is what lies on the server.
        #expect(try drop.report("open_invoices") == Self.whole(rejects.body))
        let cleared = try await vera.get("/files/\(file)/cleared.csv")
        let lines = Self.whole(cleared.body).split(whereSeparator: \.isNewline).map { line in
            String(line.prefix { $0 != "," })
        }
        #expect(lines == ["id", "I26", "I27", "I28", "I29", "I30"])

        // The copy is gone: that is said, and the list of what was cleared does not need it.
        try FileManager.default.removeItem(atPath: drop.folder.path("state/spool"))
        try FileManager.default.createDirectory(
            atPath: drop.folder.path("state/spool"),
            withIntermediateDirectories: true
        )
        #expect(try await vera.get("/files/\(file)/original").status == 410)
        #expect(try await vera.get("/files/\(file)/rejects").status == 410)
        #expect(try await vera.get("/files/\(file)/cleared.csv").status == 200)
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
    }

    /// The bytes of a body that came in chunks (RFC 9112).
    private static func whole(_ body: String) -> String {
        var rest = Array(body.utf8)[...]
        var bytes: [UInt8] = []
        while let end = rest.firstIndex(of: UInt8(ascii: "\r")),
            let size = Int(String(decoding: rest[..<end], as: UTF8.self), radix: 16), size > 0
        {
            bytes += rest.dropFirst(end + 2 - rest.startIndex).prefix(size)
            rest = rest.dropFirst(end + 2 - rest.startIndex + size + 2)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `an address that is taken delays nothing, and is told`() async throws {
        let drop = try await EndToEndDrop.start()
        let port = try freePort()
        let taker = try HTTPConversation.listener(on: port)
        defer { close(taker) }
        try drop.configure(DropSettings(more: ["page: { listen: 127.0.0.1:\(port) }"]))
        let daemon = try drop.launch("run")
        try await TestSupport.poll("the complaint") {
            try #require(daemon.isRunning)
            return drop.lastComplaint().contains("page cannot listen") ? true : nil
        }
        try await drop.put(.customers("C1,Acme,1.00,USD"))
        try await drop.poll()
        try drop.expect("SELECT customer_id FROM customers_with_open_balances", gives: ["C1"])
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
    }
}
