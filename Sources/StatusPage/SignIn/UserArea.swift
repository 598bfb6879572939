import Ledger
import Mail
import Threads

/// Who may sign in: the list, changed by admins.
struct UserArea: Area {
    let people: PersonLedger
    let passwords: PasswordDesk
    let desk: any Desk

    var entry: NavigationEntry? { NavigationEntry("Users", path: "/users", for: .admin) }

    var templates: [String: String] { ["users": Self.list, "user": Self.one] }

    func addRoutes(to routes: inout Routes) {
        routes.get("/users", for: .admin) { visit in
            let all = try await onOwnThread { [people] in try people.list() }
            let model = List(
                people: all.map { List.Line($0, now: visit.now) },
                roles: Choice.all(but: .viewer),
                shortest: PasswordHash.shortest
            )
            return visit.page("users", title: "Users", model)
        }
        routes.get("/users/:address", for: .admin) { visit in
            let person = try await find(visit.text("address"))
            let model = One(
                address: person.email,
                isOneself: isOneself(person, visit),
                roles: Choice.all(but: person.role),
                shortest: PasswordHash.shortest
            )
            return visit.page("user", title: person.email, model)
        }
        routes.post("/users/add", for: .admin, add)
        routes.post("/users/role", for: .admin) { visit in
            let person = try await find(visit.form["address"] ?? "")
            let role = try role(visit)
            // Somebody who may change the list remains.
            guard !isOneself(person, visit) else {
                return visit.done(Self.oneself, at: "/users")
            }
            let order = Order.putUser(person.email, role: role, passwordHash: person.passwordHash)
            return visit.done(await desk.perform(order, by: visit.person.name), at: "/users")
        }
        routes.post("/users/password", for: .admin) { visit in
            let person = try await find(visit.form["address"] ?? "")
            guard !isOneself(person, visit) else { return .redirect("/password") }
            return try await put(person.email, person.role, visit)
        }
        routes.post("/users/remove", for: .admin) { visit in
            let person = try await find(visit.form["address"] ?? "")
            guard !isOneself(person, visit) else {
                return visit.done(Self.oneself, at: "/users")
            }
            let outcome = await desk.perform(.removeUser(person.email), by: visit.person.name)
            return visit.done(outcome, at: "/users")
        }
    }

    private func add(_ visit: Visit) async throws -> Reply {
        guard let address = visit.form.line("address", upTo: 254), EmailAddress(address) != nil else {
            return visit.done(
                Outcome(.refused, "That is no e-mail address. Nothing was changed."),
                at: "/users"
            )
        }
        let role = try role(visit)
        guard try await onOwnThread({ [people] in try people.person(address) }) == nil else {
            let outcome = Outcome(.refused, "There is such a user already. Nothing was changed.")
            return visit.done(outcome, at: "/users")
        }
        return try await put(address, role, visit)
    }

    private func put(_ email: String, _ role: Role, _ visit: Visit) async throws -> Reply {
        let outcome: Outcome
        switch try await passwords.make(visit.form["password"] ?? "", repeated: visit.form["again"] ?? "") {
        case .refused(let why): outcome = Outcome(.refused, "\(why) Nothing was changed.")
        case .made(let hash):
            let order = Order.putUser(email, role: role, passwordHash: "\(hash)")
            outcome = await desk.perform(order, by: visit.person.name)
        }
        return visit.done(outcome, at: "/users")
    }

    private func find(_ address: String) async throws -> PersonLedger.Person {
        guard let person = try await onOwnThread({ [people] in try people.person(address) }) else {
            throw Refusal.unknown("user")
        }
        return person
    }

    private func role(_ visit: Visit) throws -> Role {
        guard let role = Role(rawValue: visit.form["role"] ?? "") else {
            throw Refusal.badRequest("That is no role.")
        }
        return role
    }

    private func isOneself(_ person: PersonLedger.Person, _ visit: Visit) -> Bool {
        person.email.lowercased() == visit.person.name.lowercased()
    }

    private static let oneself = Outcome(
        .refused,
        "Nobody removes themselves or takes their own role away; another admin can. Nothing was changed."
    )

    private struct Choice: Sendable {
        let name: String
        let isChosen: Bool

        /// All roles, one of them chosen.
        static func all(but chosen: Role) -> [Choice] {
            Role.allCases.map { Choice(name: $0.rawValue, isChosen: $0 == chosen) }
        }
    }

    private struct List: Sendable {
        struct Line: Sendable {
            let address: String
            let role: String
            let since: ShownTime
            let link: String

            init(_ person: PersonLedger.Person, now: Timestamp) {
                address = DisplayText(person.email).escaped
                role = person.role.rawValue
                since = ShownTime(person.addedAt, now: now)
                link = "/users/" + Fields.encoded(person.email)
            }
        }

        let people: [Line]
        let roles: [Choice]
        let shortest: Int
    }

    private struct One: Sendable {
        let address: String
        let isOneself: Bool
        let roles: [Choice]
        let shortest: Int
    }

    private static let list = """
        <p>A viewer sees everything. An operator also decides files, has runs made and checks files. An admin also changes who gets
        mails and who may sign in.</p>
        <table class="stack">
        <caption>Who may sign in</caption>
        <thead><tr><th scope="col">Address</th><th scope="col">Role</th><th scope="col">Since</th><th scope="col">Change</th></tr></thead>
        <tbody>
        {{#people}}
        <tr>
        <th scope="row">{{address}}</th>
        <td data-label="Role">{{role}}</td>
        <td data-label="Since">{{#since}}{{>time-part}}{{/since}}</td>
        <td><a href="{{link}}">Role, password, or remove<span class="hidden"> {{address}}</span></a></td>
        </tr>
        {{/people}}
        </tbody>
        </table>
        <h2>Add somebody</h2>
        <form method="post" action="/users/add"><input type="hidden" name="token" value="{{frame.token}}">
        <label for="address">E-mail address</label>
        <input id="address" name="address" type="email" required maxlength="254" autocomplete="off">
        <label for="role">Role</label>
        <select id="role" name="role">{{#roles}}<option value="{{name}}"{{#isChosen}} selected{{/isChosen}}>{{name}}</option>{{/roles}}</select>
        <label for="password">Password, at least {{shortest}} characters</label>
        <input id="password" name="password" type="password" required maxlength="1024" autocomplete="new-password">
        <label for="again">The same again</label>
        <input id="again" name="again" type="password" required maxlength="1024" autocomplete="new-password">
        <div class="actions"><button type="submit">Add</button></div>
        </form>
        """

    private static let one = """
        <p><a href="/users">All users</a></p>
        {{#isOneself}}
        <p>This is you. <a href="/password">Change your password</a>; your role can be changed by another admin.</p>
        {{/isOneself}}
        {{^isOneself}}
        <p class="fine">Each of these changes ends the sessions that are open under this name.</p>
        <h2>Role</h2>
        <form method="post" action="/users/role"><input type="hidden" name="token" value="{{frame.token}}">
        <input type="hidden" name="address" value="{{address}}">
        <label for="role">Role</label>
        <select id="role" name="role">{{#roles}}<option value="{{name}}"{{#isChosen}} selected{{/isChosen}}>{{name}}</option>{{/roles}}</select>
        <div class="actions"><button type="submit">Save the role</button></div>
        </form>
        <h2>Password</h2>
        <form method="post" action="/users/password"><input type="hidden" name="token" value="{{frame.token}}">
        <input type="hidden" name="address" value="{{address}}">
        <label for="password">New password, at least {{shortest}} characters</label>
        <input id="password" name="password" type="password" required maxlength="1024" autocomplete="new-password">
        <label for="again">The same again</label>
        <input id="again" name="again" type="password" required maxlength="1024" autocomplete="new-password">
        <div class="actions"><button type="submit">Set the password</button></div>
        </form>
        <h2>Remove</h2>
        <form method="post" action="/users/remove"><input type="hidden" name="token" value="{{frame.token}}">
        <input type="hidden" name="address" value="{{address}}">
        <button class="danger" type="submit">Remove {{address}}</button></form>
        {{/isOneself}}
        """
}
