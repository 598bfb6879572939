import Ledger

extension API {
    static let figureEndpoints: [Endpoint] = [
        Endpoint(
            path: "/invoices/aging",
            summary: "Open and cleared invoices by currency, the open ones by age.",
            shape: .object([
                .always("as_of", .moment), .always("today", .day),
                .always(
                    "currencies",
                    .list(
                        .object([
                            .always("currency", .text), .always("open", .named("Total")),
                            .always("cleared", .named("Total")),
                            .always(
                                "ages",
                                .list(
                                    .object([
                                        .always("age", .word(InvoiceFigures.Age.allCases.map(\.word))),
                                        .always("count", .integer), .always("sum", .amount),
                                    ])
                                )
                            ),
                        ])
                    )
                ),
            ])
        ) { _, source in
            let figures = try figures(source)
            return .object([
                ("as_of", .text(figures.asOf.text)), ("today", .text(figures.invoices.today)),
                ("currencies", .list(figures.invoices.currencies.map(\.jsonValue))),
            ])
        },
        Endpoint(
            path: "/figures",
            summary: "What the last days brought, and what waits.",
            shape: .object([
                .always("as_of", .moment),
                .always(
                    "days",
                    .list(
                        .object([
                            .always("day", .day), .always("files", .integer), .always("troubled", .integer),
                            .always("rows", .integer), .always("rejected", .integer),
                        ])
                    )
                ),
                .always("rejects", .list(.object([.always("code", .text), .always("count", .integer)]))),
                .always(
                    "mails",
                    .object([
                        .always("queued", .integer), .always("sent", .integer), .always("dead", .integer),
                        .maybe("oldest_queued_at", .moment),
                    ])
                ), .always("parked_rows", .integer), .always("disposals_pending", .integer),
            ])
        ) { _, source in
            let figures = try figures(source)
            guard case .object(let members) = figures.activity.jsonValue else {
                return figures.activity.jsonValue
            }
            return .object([("as_of", .text(figures.asOf.text))] + members)
        },
    ]
}

extension InvoiceFigures.OfCurrency {
    fileprivate var jsonValue: JSONValue {
        func members(_ total: InvoiceFigures.Total) -> [(key: String, value: JSONValue)] {
            [("count", .integer(total.count)), ("sum", .text(text(total)))]
        }
        return .object([
            ("currency", .text(currency)), ("open", .object(members(open))),
            ("cleared", .object(members(cleared))),
            (
                "ages",
                .list(
                    InvoiceFigures.Age.allCases.map { age in
                        .object([("age", .text(age.word))] + members(ages[age.rawValue]))
                    }
                )
            ),
        ])
    }
}

extension ActivityFigures {
    fileprivate var jsonValue: JSONValue {
        .object([
            (
                "days",
                .list(
                    days.map {
                        .object([
                            ("day", .text($0.day)), ("files", .integer($0.files)),
                            ("troubled", .integer($0.troubled)),
                            ("rows", .integer($0.rows)), ("rejected", .integer($0.rejected)),
                        ])
                    }
                )
            ),
            (
                "rejects",
                .list(rejects.map { .object([("code", .text($0.code)), ("count", .integer($0.count))]) })
            ),
            (
                "mails",
                .present([
                    "queued": .integer(mails.queued), "sent": .integer(mails.sent),
                    "dead": .integer(mails.dead),
                    "oldest_queued_at": mails.oldestQueuedAt.map { .text($0) },
                ])
            ), ("parked_rows", .integer(parkedRows)), ("disposals_pending", .integer(disposalsPending)),
        ])
    }
}
