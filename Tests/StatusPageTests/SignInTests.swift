import Ledger
import TestSupport
import Testing

@testable import StatusPage

/// Attacks 54 to 57 of the list, and what signing in is for.
@Suite(.timeLimit(.minutes(5)))
struct SignInTests {
    @Test func `who signs in sees pages, and nobody else does`() async throws {
        let page = try ServedPage()
        try await page.serve { browser in
            let outside = try await browser.get("/")
            #expect(outside.status == 303)
            #expect(outside.header("Location") == "/sign-in")
            #expect(try await browser.get("/sign-in").body.contains("Password"))
            var browser = browser
            let signedIn = try await browser.signIn("VIEWER@acme.example", ServedPage.password)
            #expect(signedIn.status == 303)
            #expect(signedIn.header("Location") == "/")
            let inside = try await browser.get("/")
            #expect(inside.status == 200)
            #expect(inside.body.contains("viewer@acme.example"))
            let token = try await browser.token()
            let out = try await browser.post("/sign-out", ["token": token])
            #expect(out.status == 303)
            #expect(try await browser.get("/").status == 303)
            try await poll("the events") { try page.events("session.closed").isEmpty ? nil : true }
        }
        #expect(try page.events("session.opened").count == 1)
        #expect(try page.events("session.opened").first?.contains("viewer@acme.example") == true)
    }

    @Test func `an id is new at each sign-in, and one that was laid into the browser is worth nothing`()
        async throws
    {
        let page = try ServedPage()
        try await page.serve { browser in
            var browser = browser
            let planted = "__Host-ledgerdrop=" + String(repeating: "a", count: 64)
            browser.cookie = planted
            let first = try await browser.signIn("viewer@acme.example", ServedPage.password)
            let old = browser
            let cookie = try #require(first.header("Set-Cookie"))
            #expect(cookie.hasPrefix("__Host-ledgerdrop="))
            for part in ["; Path=/", "; Secure", "; HttpOnly", "; SameSite=Strict"] {
                #expect(cookie.contains(part))
            }
            #expect(!cookie.contains("Domain"))
            #expect(browser.cookie != planted)
            _ = try await browser.signIn("viewer@acme.example", ServedPage.password)
            #expect(browser.cookie != old.cookie)
            #expect(try await old.get("/").status == 303)
            #expect(try await browser.get("/").status == 200)
            // What lies in the ledger opens nothing.
            try await poll("the session in the ledger") {
                try SessionLedger(page.ledger).list(seenSince: Timestamp(milliseconds: 0)).count == 1
                    ? true : nil
            }
            let kept = try SessionLedger(page.ledger).list(seenSince: Timestamp(milliseconds: 0))
            browser.cookie = "__Host-ledgerdrop=" + Digests.hex(kept[0].hash)
            #expect(try await browser.get("/").status == 303)
        }
    }

    @Test func `a session ends when nobody uses it, and in any case after a working day`() async throws {
        let page = try ServedPage()
        try await page.serve { browser in
            let viewer = try await ServedPage.signedIn(browser, as: .viewer)
            page.pass(seconds: 1700)
            #expect(try await viewer.get("/").status == 200)
            page.pass(seconds: 1700)
            #expect(try await viewer.get("/").status == 200)
            page.pass(seconds: 1801)
            #expect(try await viewer.get("/").status == 303)
            let other = try await ServedPage.signedIn(browser, as: .viewer)
            for _ in 0..<30 {
                page.pass(seconds: 1500)
                if try await other.get("/").status != 200 { return }
            }
            Issue.record("the session lasts for ever")
        }
    }

    @Test func `a session outlives a restart, and neither a new password nor the end of its person`()
        async throws
    {
        let page = try ServedPage()
        let viewer = try await page.serve { browser in
            let viewer = try await ServedPage.signedIn(browser, as: .viewer)
            try await poll("the session in the ledger") {
                try page.events("session.opened").isEmpty ? nil : true
            }
            return viewer
        }
        try await page.serve { browser in
            var again = browser
            again.cookie = viewer.cookie
            #expect(try await again.get("/").status == 200)
            let hash = "\(try PasswordHash.of("another long password", cost: .trifling))"
            _ = try PersonLedger(page.ledger).put(
                "viewer@acme.example",
                role: .viewer,
                passwordHash: hash,
                by: "test",
                at: page.now
            )
            #expect(try await again.get("/").status == 303)
            var admin = try await ServedPage.signedIn(browser, as: .admin)
            _ = try PersonLedger(page.ledger).remove(
                "admin@acme.example",
                by: "test",
                at: page.now
            )
            #expect(try await admin.get("/").status == 303)
            #expect(try await admin.signIn("admin@acme.example", ServedPage.password).status == 401)
        }
    }

    @Test func `guessing becomes slow, for names that are nobody's too`() async throws {
        let page = try ServedPage()
        try await page.serve { browser in
            for name in ["viewer@acme.example", "nobody@acme.example"] {
                var browser = browser
                var texts: Set<String> = []
                for _ in 0..<6 {
                    let reply = try await browser.signIn(name, "wrong password")
                    #expect(reply.status == 401)
                    #expect(reply.header("Set-Cookie") == nil)
                    texts.insert(reply.body.replacing(name, with: "NAME"))
                }
                #expect(texts.count == 1)
                #expect(texts.first?.contains("do not belong together") == true)
                // The right password does not help now.
                let early = try await browser.signIn(name, ServedPage.password)
                #expect(early.status == 429)
                #expect(early.header("Retry-After") == "1")
                page.pass(seconds: 2)
                #expect(try await browser.signIn(name, "wrong password").status == 401)
                #expect(try await browser.signIn(name, "wrong password").header("Retry-After") == "2")
                page.pass(seconds: 3)
            }
            // Somebody else is not kept waiting.
            var other = browser
            #expect(try await other.signIn("admin@acme.example", ServedPage.password).status == 303)
            var viewer = browser
            #expect(try await viewer.signIn("viewer@acme.example", ServedPage.password).status == 303)
            try await poll("the events") { try page.events("session.opened").count < 2 ? nil : true }
        }
        let refused = try page.events("session.refused")
        #expect(refused.count == 14)
        #expect(refused.contains { $0.contains("unknown") })
        // What was typed where a name belongs may be a password.
        #expect(!refused.contains { $0.contains("nobody@acme.example") })
    }

    @Test func `the waits grow and end`() throws {
        let attempts = Attempts()
        var now = Timestamp(milliseconds: 1_000_000_000)
        var waits: [Int64] = []
        for _ in 0..<16 {
            waits.append(attempts.wait(account: "a", address: "x", now: now))
            now = now.adding(seconds: waits.last ?? 0)
            attempts.noteFailure(account: "a", address: "x", now: now)
        }
        #expect(waits == [0, 0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300])
        #expect(attempts.wait(account: "A", address: "y", now: now) == 300)
        #expect(attempts.wait(account: "b", address: "y", now: now) == 0)
        now = now.adding(seconds: 1000)
        #expect(attempts.wait(account: "a", address: "x", now: now) == 0)
        // One address that tries many names waits too.
        for index in 0..<31 { attempts.noteFailure(account: "n\(index)", address: "z", now: now) }
        #expect(attempts.wait(account: "new", address: "z", now: now) == 1)
    }

    @Test func `nobody's password costs what everybody's does`() throws {
        #expect("\(PasswordHash.ofNobody(cost: .standard))".hasPrefix("scrypt$17$8$1$"))
        let hash = try PasswordHash.of(ServedPage.password, cost: .trifling)
        #expect(try hash.fits(ServedPage.password))
        #expect(try !hash.fits(ServedPage.password + " "))
        #expect(try PasswordHash("\(hash)")?.fits(ServedPage.password) == true)
        #expect(try PasswordHash.of(ServedPage.password, cost: .trifling) != hash)
        #expect(throws: PasswordHash.Refused.self) { try PasswordHash.of("eleven char", cost: .trifling) }
    }

    @Test(arguments: [
        "", "plain", "scrypt$17$8$1$00$00", "scrypt$40$8$1$\(String(repeating: "0", count: 32))$",
        "scrypt$99$8$1$00000000000000000000000000000000$\(String(repeating: "0", count: 64))",
    ])
    func `what is no hash is nobody's`(text: String) {
        #expect(PasswordHash(text) == nil)
    }

    @Test func `there is nobody to begin with`() throws {
        let folder = try TemporaryFolder()
        let ledger = try Ledger.open(
            path: folder.path("ledger.sqlite"),
            drop: Drop(name: "acme", inboxURL: "file:///srv/drop"),
            owner: "test",
            time: Timestamp(milliseconds: 0)
        )
        #expect(try PersonLedger(ledger).list().isEmpty)
    }
}
