import Ledger

extension API {
    static let listEndpoints: [Endpoint] = [
        Endpoint(
            path: "/runs",
            summary: "Runs, newest first.",
            query: [beforeParameter, limitParameter],
            shape: .object([.always("runs", .list(.named("Run"))), .maybe("next_before", .integer)])
        ) { visit, source in
            let (limit, before) = (try limit(visit), try id("before", visit) ?? .max)
            return try await source.ask { source in
                let runs = try PageQueries(source.ledger).runs(before: before, limit: limit + 1)
                let shown = runs.prefix(limit)
                return .present([
                    "runs": .list(shown.map(\.jsonValue)),
                    "next_before": runs.count > limit ? (shown.last?.id).map { .integer($0) } : nil,
                ])
            }
        },
        Endpoint(
            path: "/runs/{run}",
            summary: "One run.",
            parts: [Endpoint.Parameter(name: "run", shape: .integer, meaning: "The run's id.")],
            shape: .object([.always("run", .named("Run"))])
        ) { visit, source in
            let id = try visit.id("run")
            return try await source.ask { source in
                guard let run = try PageQueries(source.ledger).run(id) else { throw Refusal.unknown("run") }
                return .object([("run", run.jsonValue)])
            }
        },
        Endpoint(
            path: "/mails",
            summary: "Mails, newest first.",
            query: [beforeParameter, limitParameter],
            shape: .object([.always("mails", .list(.named("Mail"))), .maybe("next_before", .integer)])
        ) { visit, source in
            let (limit, before) = (try limit(visit), try id("before", visit) ?? .max)
            return try await source.ask { source in
                let mails = try PageQueries(source.ledger).mails(before: before, limit: limit + 1)
                let shown = mails.prefix(limit)
                return .present([
                    "mails": .list(shown.map(\.jsonValue)),
                    "next_before": mails.count > limit ? (shown.last?.id).map { .integer($0) } : nil,
                ])
            }
        },
        Endpoint(
            path: "/recipients",
            summary: "Who is told when something failed.",
            shape: .object([.always("recipients", .list(.text))])
        ) { _, source in
            try await source.ask { source in
                let addresses = try StatusQueries(source.ledger).recipients()
                return .object([("recipients", .list(addresses.map { .text($0) }))])
            }
        },
    ]
}

extension MailRow {
    fileprivate var jsonValue: JSONValue {
        .present([
            "mail_id": .integer(id), "kind": .text(kind), "subject": .text(subject),
            "recipients": recipients.map { .text($0) }, "state": .text(state),
            "attempts": attempts.map { .integer($0) }, "next_attempt_at": nextAttemptAt.map { .text($0) },
            "last_error": lastError.map { .text($0) },
        ])
    }
}
