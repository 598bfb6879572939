import Foundation
import Ledger
import TestSupport
import Testing

@testable import StatusPage

/// Attacks 53 and 58 to 63, as far as they meet the frame of the page.
@Suite(.timeLimit(.minutes(5)))
struct HostileRequestTests {
    @Test func `every answer says what a browser may do with it`() async throws {
        let page = try ServedPage()
        try await page.serve { browser in
            for path in ["/sign-in", "/", "/nothing", "/livez", "/%ff"] {
                let reply = try await browser.get(path)
                let policy = try #require(reply.header("Content-Security-Policy"))
                #expect(policy.hasPrefix("default-src 'none'; "))
                #expect(policy.contains("frame-ancestors 'none'"))
                #expect(!policy.contains("unsafe"))
                #expect(reply.header("X-Content-Type-Options") == "nosniff")
                #expect(reply.header("Cache-Control") == "no-store")
                #expect(reply.header("Date") == "Sun, 22 Nov 2026 10:28:00 GMT")
                #expect(reply.header("Server") == nil)
            }
        }
    }

    @Test func `what others wrote is shown as text`() async throws {
        let page = try ServedPage()
        let evil = "<script>alert(1)</script>\"'&"
        let time = page.now
        _ = try RecipientLedger(page.ledger).add("a@b.example", by: evil, at: time)
        try await page.ledger.alert(at: time) { alerts in
            _ = try alerts.queue(.test, subject: evil, body: evil)
        }
        try await page.serve { browser in
            let admin = try await ServedPage.signedIn(browser, as: .admin)
            for path in ["/recipients", "/mails", "/mails/1", "/recipients/a%40b.example"] {
                let reply = try await admin.get(path)
                #expect(reply.status == 200)
                #expect(!reply.body.contains("<script"), "\(path)")
            }
            #expect(
                try await admin.get("/mails/1").body.contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;")
            )
            let name = try await browser.post("/sign-in", ["name": evil, "password": "x"])
            #expect(!name.body.contains("<script"))
            #expect(try await !admin.get("/%3Cscript%3E").body.contains("<script"))
        }
    }

    @Test(arguments: [
        "{{{name}}}", "{{&name}}", "{{%CONTENT_TYPE:TEXT}}", "{{=<% %>=}}", "{{>*name}}", "{{#open}}",
    ])
    func `a template that lets text through is refused at the start`(template: String) throws {
        struct Bad: Area {
            let text: String
            var templates: [String: String] { ["bad": text] }
            func addRoutes(to routes: inout Routes) {}
        }
        #expect(throws: TemplateRefused.self) {
            try Frame(drop: "acme", version: "1", areas: [Bad(text: template)])
        }
    }

    @Test(arguments: [
        "/../etc/passwd", "/..%2f..%2fetc%2fpasswd", "/mails/%2e%2e/%2e%2e/etc/passwd", "/mails/..%5c..",
        "/mails/1%00",
        "/mails/-1", "/mails/1%27%20OR%201=1", "/mails/99999999999999999999", "/mails/0x1",
        "/mails/%F0%9F%92%A9",
        "/files/7/release", "/recipients/nobody@acme.example", "/page.css", "/ledger.sqlite",
        "/%0d%0aSet-Cookie:%20a=b",
    ])
    func `what is not there is a page that says so`(path: String) async throws {
        let page = try ServedPage()
        try await page.serve { browser in
            let admin = try await ServedPage.signedIn(browser, as: .admin)
            let reply = try await admin.get(path)
            #expect(reply.status == 404)
            #expect(reply.body.contains("<h1>There is "))
            #expect(reply.header("Set-Cookie") == nil)
            #expect(!reply.body.contains("root:"))
        }
    }

    @Test(arguments: [
        "/mails?before=%zz", "/mails?before=%ff", "/mails/%zz",
        "/mails?" + String(repeating: "a&", count: 300),
    ])
    func `what cannot be read is a page that says so`(path: String) async throws {
        let page = try ServedPage()
        try await page.serve { browser in
            let admin = try await ServedPage.signedIn(browser, as: .admin)
            let reply = try await admin.get(path)
            #expect(reply.status == 400)
            #expect(reply.body.contains("<h1>That request cannot be read</h1>"))
        }
    }

    @Test func `odd values of a list are no values`() async throws {
        let page = try ServedPage()
        try await page.serve { browser in
            let admin = try await ServedPage.signedIn(browser, as: .admin)
            for query in [
                "before=x", "before=1;DROP TABLE mail", "show=open'--", "before=-5&before=3", "%00=1",
            ] {
                let path = "/mails?" + query.replacing(" ", with: "%20")
                #expect(try await admin.get(path).status == 200)
            }
        }
    }

    @Test func `what is too large is refused, and the server goes on`() async throws {
        let page = try ServedPage()
        var limits = PageSettings.Limits()
        limits.idle = .seconds(3)
        try await page.serve(limits: limits) { browser in
            let admin = try await ServedPage.signedIn(browser, as: .admin)
            let token = try await admin.token()
            let big = String(repeating: "a", count: 200_000)
            let reply = try await admin.post("/recipients/add", ["token": token, "address": big])
            #expect(reply.status == 413)
            #expect(reply.body.contains("That is too large"))
            // A body that never ends, to a page that reads none.
            let endless = String(
                repeating: "10000\r\n" + String(repeating: "a", count: 65536) + "\r\n",
                count: 200
            )
            let head = "POST /nothing HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
            _ = try await HTTPConversation.say(head + endless, to: browser.place)
            let many = (0..<200).map { "X-\($0): a\r\n" }.joined()
            let headers = try await HTTPConversation.say(
                "GET / HTTP/1.1\r\nHost: localhost\r\n\(many)\r\n",
                to: browser.place
            )
            #expect(headers.status == 400 || headers.status == 0)
            let long = try await HTTPConversation.say(
                "GET / HTTP/1.1\r\nHost: localhost\r\nX: \(big)\r\n\r\n",
                to: browser.place
            )
            #expect(long.status == 400 || long.status == 0)
            #expect(try await admin.get("/" + String(repeating: "a", count: 5000)).status == 414)
            #expect(try await admin.get("/").status == 200)
            #expect(page.desk.orders.isEmpty)
        }
    }

    @Test func `who dawdles is cut off, and keeps nobody waiting`() async throws {
        let page = try ServedPage()
        var limits = PageSettings.Limits()
        limits.idle = .milliseconds(300)
        limits.form = .milliseconds(300)
        try await page.serve(limits: limits) { browser in
            // Headers that never end, a form that never comes, a connection that says nothing: each is closed by us.
            async let headers = HTTPConversation.say(
                "GET / HTTP/1.1\r\nHost: localhost\r\nX-",
                to: browser.place
            )
            async let silence = HTTPConversation.say("", to: browser.place)
            async let form = HTTPConversation.say(
                "POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                    + "Content-Length: 100\r\n\r\nname=",
                to: browser.place
            )
            #expect(try await headers.status != 200)
            #expect(try await silence.text.isEmpty)
            let status = try await form.status
            #expect(status == 0 || status == 408)
            #expect(try await browser.get("/sign-in").status == 200)
        }
    }

    @Test func `connections beyond the limit wait, and get their turn`() async throws {
        let page = try ServedPage()
        var limits = PageSettings.Limits()
        limits.connections = 4
        limits.idle = .milliseconds(500)
        try await page.serve(limits: limits) { browser in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<12 {
                    group.addTask { _ = try await HTTPConversation.say("GET /", to: browser.place) }
                }
                #expect(try await browser.get("/sign-in").status == 200)
                try await group.waitForAll()
            }
        }
    }

    @Test(arguments: [
        "0.0.0.0:8080", "[::]:8080", "192.168.1.4:8080", "page.acme.example:443", "127.0.0.1", ":8080",
        "127.0.0.1:0",
        "127.0.0.1:70000", "unix:relative", "unix:/" + String(repeating: "a", count: 120), "127.1:80",
        "localhost.evil:80",
    ])
    func `an address that others reach is refused`(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test func `a socket is for our own user alone`() async throws {
        let page = try ServedPage()
        let path = page.folder.path("page.sock")
        try await page.serve(at: .unix(path: path)) { browser in
            #expect(try await browser.get("/sign-in").status == 200)
            let facts = try FileManager.default.attributesOfItem(atPath: path)
            #expect(facts[.posixPermissions] as? Int == 0o600)
        }
    }
}
