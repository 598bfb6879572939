package import Ledger
import Mail
import Receivables
import Threads

/// Who gets the mails: the list, changed in place.
package struct RecipientArea: Area {
    private let ledger: Ledger
    private let desk: any Desk

    package init(ledger: Ledger, desk: any Desk) {
        self.ledger = ledger
        self.desk = desk
    }

    package var entry: NavigationEntry? { NavigationEntry("Recipients", path: "/recipients") }

    package var templates: [String: String] {
        ["recipients": Self.list, "recipient": Self.one]
    }

    package func addRoutes(to routes: inout Routes) {
        routes.get("/recipients") { visit in
            let recipients = try await onOwnThread { try RecipientLedger(ledger).list() }
            let model = List(
                recipients: recipients.map { List.Line($0, now: visit.now) },
                hasRecipients: !recipients.isEmpty,
                mayChange: visit.may(.admin),
                mayTest: visit.may(.operator) && !recipients.isEmpty
            )
            return visit.page("recipients", title: "Recipients", model)
        }
        routes.get("/recipients/:address", for: .admin) { visit in
            let recipient = try await find(visit.text("address"))
            return visit.page("recipient", title: recipient.address, One(recipient))
        }
        routes.post("/recipients/add", for: .admin) { visit in
            guard let address = visit.form.line("address", upTo: 254), EmailAddress(address) != nil else {
                let outcome = Outcome(.refused, "That is no e-mail address. Nothing was changed.")
                return visit.done(outcome, at: "/recipients")
            }
            return visit.done(
                await desk.perform(.addRecipient(address), by: visit.person.name),
                at: "/recipients"
            )
        }
        routes.post("/recipients/remove", for: .admin) { visit in
            let address = try await find(visit.form["address"] ?? "").address
            return visit.done(
                await desk.perform(.removeRecipient(address), by: visit.person.name),
                at: "/recipients"
            )
        }
        routes.post("/recipients/types", for: .admin) { visit in
            let address = try await find(visit.form["address"] ?? "").address
            let known = Catalogue.types.map(\.name)
            let types = visit.form.all("type").filter(known.contains)
            guard types.count == visit.form.all("type").count else {
                throw Refusal.badRequest("It names a record type that there is not.")
            }
            // All of them is the same as none, also for types that come later.
            let order = Order.subscribe(address, types: Set(types).count == known.count ? [] : types)
            return visit.done(await desk.perform(order, by: visit.person.name), at: "/recipients")
        }
        routes.post("/recipients/test", for: .operator) { visit in
            visit.done(await desk.perform(.testRecipients, by: visit.person.name), at: "/recipients")
        }
    }

    private func find(_ address: String) async throws -> RecipientLedger.Recipient {
        let recipients = try await onOwnThread { try RecipientLedger(ledger).list() }
        guard let recipient = recipients.first(where: { $0.address.lowercased() == address.lowercased() })
        else {
            throw Refusal.unknown("recipient")
        }
        return recipient
    }

    private struct List: Sendable {
        struct Line: Sendable {
            let address: String
            let types: String
            let added: ShownTime
            let by: String
            let link: String

            init(_ recipient: RecipientLedger.Recipient, now: Timestamp) {
                address = DisplayText(recipient.address).escaped
                types = recipient.types.isEmpty ? "every type" : recipient.types.joined(separator: ", ")
                added = ShownTime(recipient.addedAt, now: now)
                by = DisplayText(recipient.addedBy).escaped
                link = "/recipients/" + Fields.encoded(recipient.address)
            }
        }

        let recipients: [Line]
        let hasRecipients: Bool
        let mayChange: Bool
        let mayTest: Bool
    }

    private struct One: Sendable {
        struct Choice: Sendable {
            let name: String
            let isChosen: Bool
        }

        let address: String
        let choices: [Choice]

        init(_ recipient: RecipientLedger.Recipient) {
            address = recipient.address
            choices = Catalogue.types.map { type in
                Choice(
                    name: type.name,
                    isChosen: recipient.types.isEmpty || recipient.types.contains(type.name)
                )
            }
        }
    }

    private static let list = """
        <p>They get one digest per run in which something went wrong, a mail when a condition begins that lasts, and one when
        it is over.</p>
        {{^hasRecipients}}<div class="note warn"><strong>Nobody is on the list.</strong> <span>Mails wait until somebody is.</span></div>{{/hasRecipients}}
        {{#hasRecipients}}
        <table class="stack">
        <caption>Who gets the mails</caption>
        <thead><tr><th scope="col">Address</th><th scope="col">Digests about</th><th scope="col">Since</th><th scope="col">Added by</th>{{#mayChange}}<th scope="col">Change</th>{{/mayChange}}</tr></thead>
        <tbody>
        {{#recipients}}
        <tr>
        <th scope="row">{{address}}</th>
        <td data-label="Digests about">{{types}}</td>
        <td data-label="Since">{{#added}}{{>time-part}}{{/added}}</td>
        <td data-label="Added by">{{by}}</td>
        {{#mayChange}}<td><a href="{{link}}">Types, or remove<span class="hidden"> {{address}}</span></a></td>{{/mayChange}}
        </tr>
        {{/recipients}}
        </tbody>
        </table>
        {{/hasRecipients}}
        {{#mayTest}}
        <form method="post" action="/recipients/test"><input type="hidden" name="token" value="{{frame.token}}">
        <button class="quiet" type="submit">Send everybody a test mail</button></form>
        {{/mayTest}}
        {{#mayChange}}
        <h2>Add somebody</h2>
        <form method="post" action="/recipients/add"><input type="hidden" name="token" value="{{frame.token}}">
        <label for="address">E-mail address</label>
        <input id="address" name="address" type="email" required maxlength="254" autocomplete="off">
        <div class="actions"><button type="submit">Add</button></div>
        </form>
        {{/mayChange}}
        {{^mayChange}}<p class="fine">An admin can change the list.</p>{{/mayChange}}
        """

    private static let one = """
        <p><a href="/recipients">All recipients</a></p>
        <form method="post" action="/recipients/types"><input type="hidden" name="token" value="{{frame.token}}">
        <input type="hidden" name="address" value="{{address}}">
        <fieldset>
        <legend>Digests about</legend>
        <div class="choices">
        {{#choices}}
        <label class="inline"><input type="checkbox" name="type" value="{{name}}"{{#isChosen}} checked{{/isChosen}}> {{name}}</label>
        {{/choices}}
        </div>
        </fieldset>
        <p class="fine">With none chosen it is about every type. Conditions that last, such as a server that cannot be reached, are told to everybody.</p>
        <div class="actions"><button type="submit">Save</button></div>
        </form>
        <h2>Remove</h2>
        <p>Mails that are queued for this address are still tried.</p>
        <form method="post" action="/recipients/remove"><input type="hidden" name="token" value="{{frame.token}}">
        <input type="hidden" name="address" value="{{address}}">
        <button class="danger" type="submit">Remove {{address}}</button></form>
        """
}
