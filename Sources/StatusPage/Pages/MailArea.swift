package import Ledger
import Threads

/// The mail queue: what was sent to whom, what waits, what was given up.
package struct MailArea: Area {
    private static let pageSize = 50

    private let ledger: Ledger
    private let desk: any Desk

    package init(ledger: Ledger, desk: any Desk) {
        self.ledger = ledger
        self.desk = desk
    }

    package var entry: NavigationEntry? { NavigationEntry("Mails", path: "/mails") }

    package var templates: [String: String] { ["mails": Self.list, "mail": Self.one] }

    package func addRoutes(to routes: inout Routes) {
        routes.get("/mails") { visit in
            let isOpen = visit.query["show"] == "open"
            let before = visit.query.id("before")
            let mails = try await onOwnThread {
                try MailQueries(ledger).list(before: before, isOpen: isOpen, limit: Self.pageSize + 1)
            }
            let shown = mails.prefix(Self.pageSize)
            let filter = isOpen ? "&show=open" : ""
            let model = List(
                mails: shown.map { Line($0, now: visit.now) },
                hasMails: !shown.isEmpty,
                isOpen: isOpen,
                newest: before == nil ? nil : "/mails" + (isOpen ? "?show=open" : ""),
                older: mails.count > shown.count ? shown.last.map { "/mails?before=\($0.id)\(filter)" } : nil
            )
            return visit.page("mails", title: "Mails", model)
        }
        routes.get("/mails/:mail") { visit in
            let id = try visit.id("mail")
            guard let letter = try await onOwnThread({ try MailQueries(ledger).letter(id) }) else {
                throw Refusal.unknown("mail")
            }
            let model = One(letter, visit)
            return visit.page("mail", title: model.mail.subject, model)
        }
        routes.post("/mails/:mail/retry", for: .operator) { visit in
            let id = try visit.id("mail")
            guard try await onOwnThread({ try MailQueries(ledger).letter(id) }) != nil else {
                throw Refusal.unknown("mail")
            }
            return visit.done(
                await desk.perform(.retryMail(id), by: visit.person.name),
                at: "/mails/\(id)"
            )
        }
    }

    private struct Line: Sendable {
        let id: Int64
        let kind: String
        let subject: String
        let recipients: String
        let state: String
        let look: String
        let attempts: Int64
        let queued: ShownTime
        let next: ShownTime?
        let error: String?

        init(_ mail: MailQueries.Mail, now: Timestamp) {
            id = mail.id
            kind = mail.kind
            subject = DisplayText(mail.subject, limit: 200).escaped
            recipients =
                mail.recipients.isEmpty ? "nobody yet" : DisplayText(mail.recipients, limit: 400).escaped
            state = MailArea.word(mail.state)
            look = MailArea.look(mail.state)
            attempts = mail.attempts
            queued = ShownTime(mail.queuedAt, now: now)
            next = ShownTime(mail.nextAttemptAt, now: now)
            error = mail.lastError.map { DisplayText($0, limit: 1000).escaped }
        }
    }

    private struct List: Sendable {
        let mails: [Line]
        let hasMails: Bool
        let isOpen: Bool
        let newest: String?
        let older: String?
    }

    private struct One: Sendable {
        struct Delivery: Sendable {
            let address: String
            let state: String
            let look: String
            let attempts: Int64
            let settled: ShownTime?
            let next: ShownTime?
            let error: String?
        }

        let mail: Line
        let body: String
        let deliveries: [Delivery]
        let mayRetry: Bool

        init(_ letter: MailQueries.Letter, _ visit: Visit) {
            mail = Line(letter.mail, now: visit.now)
            // Our own words, with names of theirs in them that were escaped when it was written.
            body = letter.body
            deliveries = letter.deliveries.map { delivery in
                Delivery(
                    address: DisplayText(delivery.address).escaped,
                    state: MailArea.word(delivery.state),
                    look: MailArea.look(delivery.state),
                    attempts: delivery.attempts,
                    settled: ShownTime(delivery.settledAt, now: visit.now),
                    next: delivery.state == "queued"
                        ? ShownTime(delivery.nextAttemptAt, now: visit.now) : nil,
                    error: delivery.lastError.map { DisplayText($0, limit: 1000).escaped }
                )
            }
            mayRetry = visit.may(.operator) && letter.deliveries.contains { $0.state != "sent" }
        }
    }

    private static func word(_ state: String) -> String { state == "dead" ? "given up" : state }

    private static func look(_ state: String) -> String {
        switch state {
        case "sent": "good"
        case "dead": "bad"
        default: "warn"
        }
    }

    private static let list = """
        <p class="tabs">{{#isOpen}}<a href="/mails">All mails</a> <strong>Not delivered</strong>{{/isOpen}}{{^isOpen}}<strong>All mails</strong> <a href="/mails?show=open">Not delivered</a>{{/isOpen}}</p>
        {{^hasMails}}<p class="empty">{{#isOpen}}Every mail has reached everybody.{{/isOpen}}{{^isOpen}}No mail was written yet.{{/isOpen}}</p>{{/hasMails}}
        {{#hasMails}}
        <table class="stack named">
        <caption>{{#isOpen}}Mails that not everybody has got{{/isOpen}}{{^isOpen}}Newest first{{/isOpen}}</caption>
        <thead><tr><th scope="col">Subject</th><th scope="col">State</th><th scope="col">Kind</th><th scope="col">To</th><th scope="col">Queued</th><th scope="col" class="num">Tries</th></tr></thead>
        <tbody>
        {{#mails}}
        <tr>
        <th scope="row"><a href="/mails/{{id}}">{{subject}}</a></th>
        <td data-label="State"><span class="chip {{look}}">{{state}}</span>{{#error}} <span class="fine">{{error}}</span>{{/error}}</td>
        <td data-label="Kind">{{kind}}</td>
        <td data-label="To" class="to">{{recipients}}</td>
        <td data-label="Queued">{{#queued}}{{>time-part}}{{/queued}}</td>
        <td data-label="Tries" class="num">{{attempts}}</td>
        </tr>
        {{/mails}}
        </tbody>
        </table>
        {{/hasMails}}
        <nav class="pages" aria-label="Pages">{{#newest}}<a href="{{newest}}">Newest</a>{{/newest}}{{#older}}<a href="{{older}}">Older</a>{{/older}}</nav>
        """

    private static let one = """
        <p><a href="/mails">All mails</a></p>
        {{#mail}}
        <p class="lead"><span class="chip {{look}}">{{state}}</span> {{kind}}</p>
        <p class="fine">Mail {{id}}, queued {{#queued}}{{>time-part}}{{/queued}}</p>
        {{/mail}}
        <pre tabindex="0" aria-label="The mail's text">{{body}}</pre>
        <table class="stack">
        <caption>Recipients</caption>
        <thead><tr><th scope="col">Address</th><th scope="col">State</th><th scope="col" class="num">Tries</th><th scope="col">When</th><th scope="col">What the server said</th></tr></thead>
        <tbody>
        {{#deliveries}}
        <tr>
        <th scope="row">{{address}}</th>
        <td data-label="State"><span class="chip {{look}}">{{state}}</span></td>
        <td data-label="Tries" class="num">{{attempts}}</td>
        <td data-label="When">{{#settled}}{{>time-part}}{{/settled}}{{#next}}next {{>time-part}}{{/next}}</td>
        <td data-label="Reply">{{error}}</td>
        </tr>
        {{/deliveries}}
        </tbody>
        </table>
        {{#mayRetry}}
        <form method="post" action="/mails/{{mail.id}}/retry"><input type="hidden" name="token" value="{{frame.token}}">
        <button type="submit">Try again now</button></form>
        {{/mayRetry}}
        """
}
