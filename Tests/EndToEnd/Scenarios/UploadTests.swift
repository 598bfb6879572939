import Foundation
import TestSupport
import Testing

/// The pages on which a file is looked at before it is sent, and balances that do not come out.
@Suite(.timeLimit(.minutes(5)))
struct UploadTests {
    /// A browser of few words: signs in, then asks for each path, or sends each body, and prints status and text.
    private static let browser = """
        import http.client, json, re, sys
        port, password, steps = int(sys.argv[1]), sys.argv[2], json.loads(sys.argv[3])
        import socket, time, urllib.parse
        for attempt in range(600):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                break
            except OSError:
                time.sleep(0.1)
        def ask(method, path, body=None, headers={}):
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            line.request(method, path, body, headers)
            reply = line.getresponse()
            return reply, reply.read().decode()
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        reply, _ = ask("POST", "/sign-in", urllib.parse.urlencode({"name": "ada@acme.example", "password": password}), form)
        cookie = {"Cookie": reply.getheader("Set-Cookie").split(";")[0]}
        results = []
        for step in steps:
            if "path" in step:
                reply, text = ask("GET", step["path"], None, cookie)
            else:
                _, page = ask("GET", "/check", None, cookie)
                token = re.search('name="token" value="([0-9a-f]+)"', page).group(1)
                body = step["body"].replace("TOKEN", token).encode()
                kind = {"Content-Type": "multipart/form-data; boundary=XX"}
                reply, text = ask("POST", "/check", body, {**cookie, **kind})
            results.append([reply.status, text])
        print(json.dumps(results))
        """

    private static func part(_ disposition: String, _ text: String) -> String {
        "--XX\r\nContent-Disposition: form-data; \(disposition)\r\n\r\n\(text)\r\n"
    }

    private static let token = part("name=\"token\"", "TOKEN")
    private static let type = part("name=\"type\"", "open_invoices")
    private static func file(_ text: String, name: String = "try.csv") -> String {
        part("name=\"file\"; filename=\"\(name)\"", text)
    }

    private func visit(_ steps: [[String: String]], at port: Int) async throws -> [(
        status: Int, text: String
    )] {
        let json = String(decoding: try JSONEncoder().encode(steps), as: UTF8.self)
        let output = try await runTool(
            ["/usr/bin/python3", "-c", Self.browser, "\(port)", "a long enough password", json]
        )
        let results = try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [[Any]])
        return results.map { ($0[0] as? Int ?? 0, $0[1] as? String ?? "") }
    }

    @Test func `a file that is uploaded is reported on, and nothing is changed`() async throws {
        let port = try freePort()
        let drop = try await EndToEndDrop.start(
            DropSettings(more: ["page: { listen: \"127.0.0.1:\(port)\" }"])
        )
        try await drop.put(.customers("C1,Acme,150.00,USD"), .invoices(invoice("I1"), invoice("I2")))
        try await drop.poll()
        let added = try await runTool(
            [
                try Program.path(), "user", "add", "ada@acme.example", "--role", "operator", "--config",
                drop.configuration,
            ],
            input: "a long enough password\n"
        )
        #expect(added.contains("added"))
        let views = "SELECT * FROM open_invoices ORDER BY invoice_id"
        let before = try drop.query(views)
        let daemon = try drop.launch("run")
        let rows = [
            invoice("I1", ["balance": "<b>5</b>"]), invoice("I2", ["balance": "7.00"]), invoice("I3"),
        ]
        let csv = ([DroppedFile.invoiceHeader] + rows).map { "\($0)\n" }.joined()
        let good = Self.token + Self.type + Self.file(csv, name: "../<i>.csv") + "--XX--\r\n"
        let pages = try await visit(
            [
                ["body": good],
                ["body": Self.token + Self.file(csv) + "--XX--\r\n"],
                ["body": Self.type + Self.file(csv) + "--XX--\r\n"],
                ["body": Self.token + Self.type + "--XX--\r\n"],
                ["body": Self.token + Self.type + Self.file(csv)],
                ["body": Self.token + Self.type + Self.file(csv) + Self.file(csv) + "--XX--\r\n"],
                ["body": "--YY\r\n" + good],
                ["path": "/reconciliation"],
                ["path": "/reconciliation?after=C1&currency=USD"],
            ],
            at: port
        )
        #expect(pages.map(\.status) == [200, 422, 403, 400, 400, 400, 200, 200, 200])
        let report = pages[0].text
        for word in ["would be loaded with errors", "bad_decimal", "Inserted", "I3", "balance 100.00 → 7.00"]
        {
            #expect(report.contains(word), "\(word) is missing: \(report)")
        }
        #expect(!report.contains("<b>5</b>") && !report.contains("<i>") && !report.contains("../"))
        #expect(pages[7].text.contains("C1") && pages[7].text.contains("\u{2212}50.00"), "\(pages[7].text)")
        #expect(pages[7].text.contains(">C1<") && !pages[8].text.contains(">C1<"))
        #expect(try drop.query(views) == before)
        try drop.expect("SELECT count(*) FROM files", gives: ["2"])
        #expect(try drop.folder.names(in: "state/tmp").filter { $0.hasPrefix("upload-") }.isEmpty)
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
    }
}
