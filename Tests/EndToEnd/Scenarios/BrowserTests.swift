import Foundation
import Glibc
import TestSupport
import Testing

/// The status page in a real browser.
///
/// A person's way from the first glance to the mended file; what the browser does stands in `Tests/Browser/walk.py`.
@Suite(.timeLimit(.minutes(10)))
struct BrowserTests {
    private static let name = "ops@acme.example"
    private static let password = "correct-horse-battery"

    @Test func `an operator sees what failed, mends it, and releases what is held`() async throws {
        let drop = try await EndToEndDrop.start()
        let smtp = try await SMTPServer(.plain, folder: URL(filePath: drop.folder.path("smtp")))
        let mail = "mail: { smtp: \"\(smtp.url)\" }"
        try drop.configure(DropSettings(more: [mail]))
        let contacts = DroppedFile.contacts(
            "C1,ann at acme,Ann",
            "C2,bob@acme.example,Bob",
            name: "contacts-one.csv"
        )
        let receipts = DroppedFile(
            "payment_id,customer_id,payment_date,amount\nP1,C1,2025-02-01,10.00\n",
            in: "payment_receipts/pending",
            name: "receipts-short.csv"
        )
        let customers = DroppedFile.customers("C1,Acme,1.00,USD", "C2,Bolt,2.00,USD")
        try await drop.put(customers, .invoices((1...40).map { invoice("I\($0)") }))
        try await drop.poll()
        try await drop.put(
            contacts,
            receipts,
            .invoices((1...10).map { invoice("I\($0)") }, name: "invoices-cut.csv")
        )
        try await drop.poll(65)
        try await addUser(drop)
        let (daemon, port) = try await daemon(of: drop, saying: mail)
        try await walk(drop, port: port)

        try drop.expect(
            "SELECT name, state FROM files WHERE name LIKE '%-%' ORDER BY name",
            gives: [
                "contacts-mended.csv|loaded", "contacts-one.csv|loaded_with_errors",
                "invoices-cut.csv|loaded",
                "receipts-short.csv|failed", "receipts-whole.csv|loaded",
            ]
        )
        try drop.expect(
            "SELECT status, count(*) FROM open_invoices GROUP BY status ORDER BY status",
            gives: ["CLEARED|30", "OPEN|10"]
        )
        try drop.expect(
            "SELECT email FROM contacts ORDER BY email",
            gives: ["ann@acme.example", "bob@acme.example"]
        )
        #expect(try drop.log("file.released").map(\.name) == ["invoices-cut.csv"])
        let mails = try smtp.mails()
        #expect(mails.first?.to == ["ar-ops@acme.example"])
        #expect(try drop.query("SELECT kind FROM mail_queue").contains("recovery"))
        let tests = mails.filter { ReceivedMail($0.content).subject == "acme: test" }
        #expect(tests.map(\.to) == [["cash@acme.example"]])
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0, "\(drop.lastComplaint())")
        try drop.expectInvariants()
    }

    private func addUser(_ drop: EndToEndDrop) async throws {
        let program = try ChildProcess(
            [
                try Program.path(), "user", "add", Self.name, "--role", "admin", "--config",
                drop.configuration,
            ],
            input: drop.folder.write("\(Self.password)\n", to: "password", mode: 0o600)
        )
        #expect(try await program.wait() == 0)
    }

    /// Starts the daemon with the page on a free port, and waits until it answers.
    private func daemon(of drop: EndToEndDrop, saying more: String) async throws -> (ChildProcess, port: Int)
    {
        for _ in 0..<5 {
            let port = try freePort()
            try drop.configure(DropSettings(more: [more, "page: { listen: \"127.0.0.1:\(port)\" }"]))
            let daemon = try drop.launch("run")
            let isListening = try await TestSupport.poll("the page") { () -> Bool? in
                guard daemon.isRunning else {
                    throw SystemError(message: "the daemon has ended: \(drop.lastComplaint())")
                }
                if drop.lastComplaint().contains("page cannot listen") { return false }
                return isTaken(port) ? true : nil
            }
            if isListening { return (daemon, port) }
            daemon.signal(SIGTERM)
            _ = try await daemon.wait()
        }
        throw SystemError(message: "no port is free for the page")
    }

    /// Sends somebody with a browser through the page.
    private func walk(_ drop: EndToEndDrop, port: Int) async throws {
        let dropped = try drop.folder.makeFolder("dropped")
        let scene = Scene(
            url: "http://127.0.0.1:\(port)",
            name: Self.name,
            password: Self.password,
            sftp: drop.server.client,
            dropped: dropped,
            poll: [try Program.path(), "poll", "--config", drop.configuration]
        )
        let file = try drop.folder.write(
            Array(try JSONEncoder().encode(scene)),
            to: "scene.json",
            mode: 0o600
        )
        let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Browser/walk.py").path
        let walker = try ChildProcess(
            ["/usr/bin/python3", script, file],
            output: drop.folder.path("walk.out"),
            errors: drop.folder.path("walk.err"),
            environment: ["PYTHONDONTWRITEBYTECODE": "1"]
        )
        let status = try await walker.wait()
        let account = try drop.folder.text("walk.out") + drop.folder.text("walk.err")
        try #require(status == 0, "\(account)")
        for name in try drop.folder.names(in: "dropped") {
            drop.note(try drop.folder.read("dropped/\(name)"))
        }
    }

    /// What the script is told.
    private struct Scene: Encodable {
        var url: String
        var name: String
        var password: String
        var sftp: [String]
        var dropped: String
        var poll: [String]
    }
}
