import Ledger
import TestSupport
import Testing

@testable import StatusPage

/// Users on the page, and one's own password.
@Suite(.timeLimit(.minutes(5)))
struct UserTests {
    private static let other = "another long password"

    @Test func `an admin adds users, gives them roles and passwords, and removes them`() async throws {
        let page = try ServedPage()
        try await page.serve { browser in
            let admin = try await ServedPage.signedIn(browser, as: .admin)
            let token = try await admin.token()
            let form: KeyValuePairs = [
                "token": token, "address": "bert@acme.example", "role": "operator", "password": Self.other,
                "again": Self.other,
            ]
            #expect(try await admin.post("/users/add", form).status == 303)
            let list = try await admin.get("/users").body
            #expect(list.contains("bert@acme.example"))
            #expect(!list.contains("scrypt"))
            var bert = browser
            #expect(try await bert.signIn("bert@acme.example", Self.other).status == 303)
            #expect(try await bert.get("/users").status == 403)

            #expect(try await admin.get("/users/bert@acme.example").body.contains("Set the password"))
            let role: KeyValuePairs = ["token": token, "address": "BERT@acme.example", "role": "viewer"]
            #expect(try await admin.post("/users/role", role).status == 303)
            // A change ends what is open under the name; the password stays.
            #expect(try await bert.get("/").status == 303)
            #expect(try await bert.signIn("bert@acme.example", Self.other).status == 303)
            #expect(try PersonLedger(page.ledger).person("bert@acme.example")?.role == .viewer)

            let password: KeyValuePairs = [
                "token": token, "address": "bert@acme.example", "password": "a third long password",
                "again": "a third long password",
            ]
            #expect(try await admin.post("/users/password", password).status == 303)
            #expect(try await bert.signIn("bert@acme.example", Self.other).status == 401)
            #expect(try await bert.signIn("bert@acme.example", "a third long password").status == 303)

            let name: KeyValuePairs = ["token": token, "address": "bert@acme.example"]
            #expect(try await admin.post("/users/remove", name).status == 303)
            #expect(try await bert.get("/").status == 303)
            #expect(try PersonLedger(page.ledger).person("bert@acme.example") == nil)
            #expect(Set(page.desk.people) == ["admin@acme.example"])
        }
        let changes = try page.events("user.changed").filter { $0.contains("bert") }
        #expect(changes.count == 4)
        #expect(changes.allSatisfy { $0.contains("admin@acme.example") && !$0.contains("scrypt") })
    }

    @Test(arguments: [
        ["address": "bert@acme.example", "role": "operator", "password": "short", "again": "short"],
        ["address": "bert@acme.example", "role": "operator", "password": other, "again": other + "x"],
        ["address": "bert", "role": "operator", "password": other, "again": other],
        ["address": "admin@acme.example", "role": "viewer", "password": other, "again": other],
        ["address": "bert@acme.example", "role": "owner", "password": other, "again": other],
    ])
    func `a user that will not do is not added`(fields: [String: String]) async throws {
        let page = try ServedPage()
        try await page.serve { browser in
            let admin = try await ServedPage.signedIn(browser, as: .admin)
            let form: KeyValuePairs = [
                "token": try await admin.token(), "address": fields["address"] ?? "",
                "role": fields["role"] ?? "", "password": fields["password"] ?? "",
                "again": fields["again"] ?? "",
            ]
            let reply = try await admin.post("/users/add", form)
            #expect(reply.status == 303 || reply.status == 400)
            #expect(page.desk.orders.isEmpty)
            #expect(try PersonLedger(page.ledger).list().count == Role.allCases.count)
        }
    }

    @Test func `nobody shuts themselves out`() async throws {
        let page = try ServedPage()
        try await page.serve { browser in
            let admin = try await ServedPage.signedIn(browser, as: .admin)
            let form: KeyValuePairs = [
                "token": try await admin.token(), "address": "Admin@acme.example", "role": "viewer",
            ]
            #expect(try await admin.post("/users/role", form).status == 303)
            #expect(try await admin.get("/users").body.contains("Nothing was changed."))
            #expect(try await admin.post("/users/remove", form).status == 303)
            #expect(try await admin.get("/users").status == 200)
            #expect(page.desk.orders.isEmpty)
        }
    }

    @Test func `everybody changes their own password, and other sessions end with that`() async throws {
        let page = try ServedPage()
        try await page.serve { browser in
            var viewer = try await ServedPage.signedIn(browser, as: .viewer)
            let elsewhere = try await ServedPage.signedIn(browser, as: .viewer)
            #expect(try await viewer.get("/password").body.contains("Old password"))
            func change(_ old: String, _ new: String, _ again: String) async throws -> Int {
                let form: KeyValuePairs = [
                    "token": try await viewer.token(), "old": old, "new": new, "again": again,
                ]
                let reply = try await viewer.post("/password", form)
                if let cookie = reply.header("Set-Cookie")?.split(separator: ";").first {
                    viewer.cookie = String(cookie)
                }
                return reply.status
            }
            #expect(try await change("not the old one", Self.other, Self.other) == 422)
            #expect(try await change(ServedPage.password, Self.other, Self.other + "x") == 422)
            #expect(try await change(ServedPage.password, "short", "short") == 422)
            #expect(page.desk.orders.isEmpty)
            let old = viewer
            #expect(try await change(ServedPage.password, Self.other, Self.other) == 303)
            #expect(page.desk.people == ["viewer@acme.example"])
            #expect(try await viewer.get("/").body.contains("Your password is changed."))
            #expect(try await old.get("/").status == 303)
            #expect(try await elsewhere.get("/").status == 303)
            var again = browser
            #expect(try await again.signIn("viewer@acme.example", ServedPage.password).status == 401)
            #expect(try await again.signIn("viewer@acme.example", Self.other).status == 303)
            #expect(try PersonLedger(page.ledger).person("viewer@acme.example")?.role == .viewer)
        }
    }

    @Test func `guesses at the old password become slow as well`() async throws {
        let page = try ServedPage()
        try await page.serve { browser in
            let viewer = try await ServedPage.signedIn(browser, as: .viewer)
            let form: KeyValuePairs = [
                "token": try await viewer.token(), "old": "no", "new": Self.other, "again": Self.other,
            ]
            var statuses: [Int] = []
            for _ in 0..<8 { statuses.append(try await viewer.post("/password", form).status) }
            #expect(statuses.first == 422)
            #expect(statuses.last == 429)
        }
    }

    @Test func `a restart forgets no guess`() async throws {
        let page = try ServedPage()
        try await page.serve { browser in
            var browser = browser
            for _ in 0..<6 { _ = try await browser.signIn("viewer@acme.example", "not the password") }
            try await poll("the guesses in the ledger") {
                try page.events("session.refused").count == 6 ? true : nil
            }
        }
        try await page.serve { browser in
            var browser = browser
            let reply = try await browser.signIn("viewer@acme.example", ServedPage.password)
            #expect(reply.status == 429)
            page.pass(seconds: 60)
            #expect(try await browser.signIn("viewer@acme.example", ServedPage.password).status == 303)
        }
        // A right password clears the account's guesses, also across a restart.
        try await page.serve { browser in
            var browser = browser
            let reply = try await browser.signIn("viewer@acme.example", ServedPage.password)
            #expect(reply.status == 303)
        }
    }
}
