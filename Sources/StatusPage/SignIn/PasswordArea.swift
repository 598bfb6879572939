import Ledger
import Threads

/// One's own password, changed by whoever knows the old one.
struct PasswordArea: Area {
    let people: PersonLedger
    let sessions: Sessions
    let attempts: Attempts
    let passwords: PasswordDesk
    let desk: any Desk

    var templates: [String: String] { ["password": Self.form] }

    func addRoutes(to routes: inout Routes) {
        routes.get("/password") { visit in visit.page("password", title: "Your password", Model()) }
        routes.post("/password", for: .viewer, change)
    }

    private func change(_ visit: Visit) async throws -> Reply {
        let name = visit.person.name
        // A session that somebody got hold of is no way to guess the password at leisure.
        let wait = attempts.wait(account: name, address: visit.address, now: visit.now)
        guard wait == 0 else { throw Refusal.tooOften(retryAfter: wait) }
        attempts.noteFailure(account: name, address: visit.address, now: visit.now)
        guard let person = try await onOwnThread({ [people] in try people.person(name) }) else {
            throw Refusal.signInFirst
        }
        let old = PasswordHash(person.passwordHash)
        guard try await passwords.isRight(visit.form["old"] ?? "", for: old) else {
            sessions.noteRefusal(email: name, from: visit.address, because: "password", now: visit.now)
            return page(visit, "The old password is not that.")
        }
        attempts.noteSuccess(account: name, address: visit.address)
        switch try await passwords.make(visit.form["new"] ?? "", repeated: visit.form["again"] ?? "") {
        case .refused(let why): return page(visit, why)
        case .made(let hash):
            let order = Order.putUser(person.email, role: person.role, passwordHash: "\(hash)")
            let outcome = await desk.perform(order, by: name)
            guard outcome.state == .done else { return visit.done(outcome, at: "/password") }
            return try await signInAgain(visit, person.generation)
        }
    }

    /// The change has ended all sessions of the person, this one too.
    private func signInAgain(_ visit: Visit, _ before: Int64) async throws -> Reply {
        let name = visit.person.name
        guard let person = try await onOwnThread({ [people] in try people.person(name) }),
            person.generation != before
        else { return .redirect("/sign-in") }
        if let old = visit.session { sessions.close(old.hash, because: "changed", now: visit.now) }
        let id = sessions.open(person, from: visit.address, now: visit.now)
        sessions.find(id, now: visit.now)?.leave(
            Outcome(.done, "Your password is changed. Other sessions of yours have ended.")
        )
        var reply = Reply.redirect("/")
        reply.headers.append(("Set-Cookie", SignInArea.cookie(holding: id, seconds: Sessions.lifeLimit)))
        return reply
    }

    private func page(_ visit: Visit, _ problem: String) -> Reply {
        visit.page("password", title: "Your password", Model(problem: problem), status: 422)
    }

    private struct Model: Sendable {
        var problem: String?
        let shortest = PasswordHash.shortest
    }

    private static let form = """
        <p>All other sessions under your name end with the change.</p>
        <form class="card" method="post" action="/password"><input type="hidden" name="token" value="{{frame.token}}">
        {{#problem}}<p class="note bad" role="alert"><strong>Not changed.</strong> <span>{{problem}}</span></p>{{/problem}}
        <input hidden name="username" type="text" value="{{frame.person}}" autocomplete="username" readonly>
        <label for="old">Old password</label>
        <input id="old" name="old" type="password" required maxlength="1024" autocomplete="current-password">
        <label for="new">New password, at least {{shortest}} characters</label>
        <input id="new" name="new" type="password" required maxlength="1024" autocomplete="new-password">
        <label for="again">The same again</label>
        <input id="again" name="again" type="password" required maxlength="1024" autocomplete="new-password">
        <div class="actions"><button type="submit">Change it</button></div>
        </form>
        """
}
