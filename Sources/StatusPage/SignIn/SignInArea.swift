import Ledger
import Threads

/// Signing in and out.
struct SignInArea: Area {
    /// `__Host-`: from this host alone, over TLS or the loopback interface, for every path.
    static let cookie = "__Host-ledgerdrop"

    let people: PersonLedger
    let sessions: Sessions
    let attempts: Attempts
    let passwords: PasswordDesk

    var templates: [String: String] {
        ["sign-in": Self.form, "refusal": Layout.refusal, "time-part": ShownTime.part]
    }

    func addRoutes(to routes: inout Routes) {
        routes.open("/sign-in") { visit in
            visit.session == nil ? visit.page("sign-in", title: "Sign in", Model()) : .redirect("/")
        }
        routes.openPost("/sign-in", signIn)
        routes.post("/sign-out", for: .viewer) { visit in
            if let session = visit.session {
                sessions.close(session.hash, because: "signed out", now: visit.now)
            }
            var reply = Reply.redirect("/sign-in")
            reply.headers.append(("Set-Cookie", Self.cookie(holding: "", seconds: 0)))
            return reply
        }
    }

    private func signIn(_ visit: Visit) async throws -> Reply {
        let name = visit.form.line("name", upTo: 254) ?? ""
        let password = visit.form["password"] ?? ""
        let wait = attempts.wait(account: name, address: visit.address, now: visit.now)
        guard wait == 0 else { throw Refusal.tooOften(retryAfter: wait) }
        // Counted before it is known to be one: many at once are no way around.
        attempts.noteFailure(account: name, address: visit.address, now: visit.now)
        let person = try await onOwnThread { [people] in try people.person(name) }
        let hash = person.flatMap { PasswordHash($0.passwordHash) }
        guard try await passwords.isRight(password, for: hash), let person else {
            sessions.noteRefusal(
                email: person?.email,
                from: visit.address,
                because: person == nil ? "unknown" : "password",
                now: visit.now
            )
            let model = Model(problem: "Name and password do not belong together.", name: name)
            return visit.page("sign-in", title: "Sign in", model, status: 401)
        }
        attempts.noteSuccess(account: name, address: visit.address)
        // A new id at each sign-in: one that somebody laid into the browser before is worth nothing.
        if let old = visit.session { sessions.close(old.hash, because: "signed in again", now: visit.now) }
        let id = sessions.open(person, from: visit.address, now: visit.now)
        var reply = Reply.redirect("/")
        reply.headers.append(("Set-Cookie", Self.cookie(holding: id, seconds: Sessions.lifeLimit)))
        return reply
    }

    static func cookie(holding value: String, seconds: Int64) -> String {
        "\(cookie)=\(value); Path=/; Max-Age=\(seconds); Secure; HttpOnly; SameSite=Strict"
    }

    private struct Model: Sendable {
        var problem: String?
        var name = ""
    }

    private static let form = """
        <form class="card" method="post" action="/sign-in">
        {{#problem}}<p class="note bad" role="alert"><strong>{{problem}}</strong></p>{{/problem}}
        <label for="name">E-mail address</label>
        <input id="name" name="name" type="email" autocomplete="username" required maxlength="254" value="{{name}}">
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required maxlength="1024">
        <div class="actions"><button type="submit">Sign in</button></div>
        </form>
        """
}
