import Ledger
import TestSupport
import Testing

@testable import StatusPage

/// Attacks 54, 62 and 64: forms that others send, names that are not ours, looking that changes something.
@Suite(.timeLimit(.minutes(5)))
struct ForgedFormTests {
    @Test func `a form counts only with its session's token and from our own page`() async throws {
        let page = try ServedPage()
        try await page.serve { browser in
            let admin = try await ServedPage.signedIn(browser, as: .admin)
            let viewer = try await ServedPage.signedIn(browser, as: .viewer)
            let token = try await admin.token()
            #expect(token.count == 32)
            let path = "/recipients/test"
            #expect(try await admin.post(path, [:]).status == 403)
            #expect(try await admin.post(path, ["token": ""]).status == 403)
            #expect(try await admin.post(path, ["token": "x" + token.dropFirst()]).status == 403)
            #expect(try await admin.post(path, ["token": viewer.token()]).status == 403)
            for origin in [
                "http://evil.example", "null", "http://localhost.evil.example", "http://localhost:81",
            ] {
                #expect(try await admin.post(path, ["token": token], origin: origin).status == 403)
            }
            for site in ["cross-site", "same-site", "none"] {
                let reply = try await admin.post(path, ["token": token], headers: ["Sec-Fetch-Site: \(site)"])
                #expect(reply.status == 403)
            }
            // Without a session there is nothing to forge.
            #expect(try await browser.post(path, ["token": token]).status == 401)
            #expect(page.desk.orders.isEmpty)
            // Another site cannot sign anybody in either.
            let name = "viewer@acme.example"
            let forged = try await browser.post(
                "/sign-in",
                ["name": name, "password": ServedPage.password],
                origin: "http://evil.example"
            )
            #expect(forged.status == 403)
            #expect(forged.header("Set-Cookie") == nil)

            let done = try await admin.post(path, ["token": token])
            #expect(done.status == 303)
            #expect(done.header("Location") == "/recipients")
            #expect(page.desk.orders == [.testRecipients])
            #expect(page.desk.people == ["admin@acme.example"])
            // What came of it is shown once, as text.
            let shown = try await admin.get("/recipients").body
            #expect(shown.contains("noted &lt;b&gt;it&lt;/b&gt;"))
            #expect(try await !admin.get("/recipients").body.contains("noted"))
        }
    }

    @Test(arguments: ["multipart/form-data; boundary=x", "application/json", "text/plain", ""])
    func `a form of another kind is refused`(type: String) async throws {
        let page = try ServedPage()
        try await page.serve { browser in
            let admin = try await ServedPage.signedIn(browser, as: .admin)
            let token = try await admin.token()
            let reply = try await admin.ask(
                "POST",
                "/recipients/test",
                ["Content-Type: \(type)", "Origin: http://localhost"],
                body: "token=\(token)"
            )
            #expect(reply.status == 400)
            #expect(page.desk.orders.isEmpty)
        }
    }

    @Test func `nobody does more than the role allows`() async throws {
        let page = try ServedPage()
        try await page.serve { browser in
            let viewer = try await ServedPage.signedIn(browser, as: .viewer)
            let clerk = try await ServedPage.signedIn(browser, as: .operator)
            let orders = [
                "/users/add", "/users/role", "/users/password", "/users/remove", "/recipients/add",
                "/recipients/remove", "/recipients/types", "/recipients/test", "/poll",
                "/files/1/release", "/files/1/discard", "/files/1/replay", "/mails/1/retry",
            ]
            let token = try await viewer.token()
            for path in orders { #expect(try await viewer.post(path, ["token": token]).status == 403) }
            let other = try await clerk.token()
            for path in orders.prefix(7) {
                #expect(try await clerk.post(path, ["token": other]).status == 403)
            }
            #expect(page.desk.orders.isEmpty)
            for path in ["/users", "/users/admin@acme.example"] {
                #expect(try await viewer.get(path).status == 403)
                #expect(try await clerk.get(path).status == 403)
            }
            #expect(try await !viewer.get("/recipients").body.contains("/recipients/add"))
            #expect(try await clerk.post("/poll", ["token": other]).status == 303)
            #expect(page.desk.orders == [.poll])
        }
    }

    @Test func `what another ledger holds is not found by its number, by nobody and for nothing`()
        async throws
    {
        let page = try ServedPage()
        // Another customer's drop, served beside this one, has files, mails and people under these.
        let (file, mail, person) = ("7", "3", "carla@other.example")
        try await page.serve { browser in
            let clerk = try await ServedPage.signedIn(browser, as: .operator)
            let admin = try await ServedPage.signedIn(browser, as: .admin)
            let token = try await clerk.token()
            for action in ["release", "discard", "replay"] {
                #expect(try await clerk.get("/files/\(file)/\(action)").status == 404)
                #expect(try await clerk.post("/files/\(file)/\(action)", ["token": token]).status == 404)
            }
            #expect(try await clerk.get("/mails/\(mail)").status == 404)
            #expect(try await clerk.post("/mails/\(mail)/retry", ["token": token]).status == 404)
            #expect(try await admin.get("/users/\(person)").status == 404)
            #expect(try await admin.get("/recipients/\(person)").status == 404)
            let form: KeyValuePairs = ["token": try await admin.token(), "address": person, "role": "admin"]
            for path in ["/users/role", "/users/password", "/users/remove", "/recipients/remove"] {
                #expect(try await admin.post(path, form).status == 404)
            }
            #expect(page.desk.orders.isEmpty)
        }
    }

    @Test func `looking changes nothing, and other methods are refused`() async throws {
        let page = try ServedPage()
        try await page.serve { browser in
            let admin = try await ServedPage.signedIn(browser, as: .admin)
            for path in ["/sign-out", "/poll", "/mails/1/retry"] {
                let reply = try await admin.get(path)
                #expect(reply.status == 405)
                #expect(reply.header("Allow") == "POST")
            }
            for path in ["/recipients/add?address=a@b.example", "/files/1/release?token=x"] {
                #expect(try await admin.get(path).status == 404)
            }
            for method in ["TRACE", "PUT", "DELETE", "PATCH", "OPTIONS", "CONNECT"] {
                let reply = try await admin.ask(method, "/", body: nil)
                #expect(reply.status == 405 || reply.status == 400, "\(method)")
                #expect(!reply.body.contains("__Host-"))
            }
            let head = try await admin.ask("HEAD", "/", body: nil)
            #expect(head.status == 200)
            #expect(head.body.isEmpty)
            #expect(page.desk.orders.isEmpty)
        }
    }

    @Test(arguments: [
        "evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "", "localhost:x", "a@localhost",
    ])
    func `a name that is not ours is refused`(host: String) async throws {
        let page = try ServedPage()
        try await page.serve { browser in
            var browser = browser
            browser.host = host
            let status = try await browser.get("/sign-in").status
            #expect(status == 400 || status == 421)
        }
    }

    @Test func `a name of the configuration is ours, and nobody is sent anywhere else`() async throws {
        let page = try ServedPage()
        try await page.serve(host: "page.acme.example") { browser in
            var browser = browser
            for host in [
                "page.acme.example", "PAGE.acme.example:443", "localhost:8080", "127.0.0.1", "[::1]:9",
            ] {
                browser.host = host
                #expect(try await browser.get("/sign-in").status == 200)
            }
            browser.host = "page.acme.example"
            // Programs of other machines get here through the proxy.
            #expect(try await browser.get("/metrics").status == 303)
            browser.host = "localhost"
            #expect(try await browser.get("/metrics").body == "ledgerdrop_up 1\n")
            #expect(try await browser.get("/livez").status == 200)
            #expect(try await browser.get("/readyz").status == 503)
            #expect(try await browser.get("/readyz").body == "no: the disk is full\n")
            let target = try await browser.get("/?next=//evil.example")
            #expect(target.header("Location") == "/sign-in")
            #expect(try await browser.get("//evil.example/%2f..").status == 400)
            let elsewhere = try await browser.get("http://evil.example/")
            #expect(
                elsewhere.status == 400 || elsewhere.status == 421
                    || elsewhere.header("Location") == "/sign-in"
            )
        }
    }
}
