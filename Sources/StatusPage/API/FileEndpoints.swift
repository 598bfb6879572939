import Ledger
import Receivables

extension API {
    static let fileEndpoints: [Endpoint] = [
        Endpoint(
            path: "/files",
            summary: "Files that were seen, newest first.",
            query: [
                Endpoint.Parameter(name: "name", shape: .text, meaning: "A part of the name, in any case."),
                Endpoint.Parameter(
                    name: "type",
                    shape: .word(Catalogue.types.map(\.name)),
                    meaning: "Only files of this record type."
                ),
                Endpoint.Parameter(
                    name: "state",
                    shape: .word(FileState.allCases.map(\.rawValue)),
                    meaning: "Only files in this state."
                ),
                Endpoint.Parameter(
                    name: "since",
                    shape: .day,
                    meaning: "Only files first seen on this day or later."
                ),
                Endpoint.Parameter(
                    name: "needs",
                    shape: .word(["person"]),
                    meaning: "Only files that somebody has to look after."
                ),
                beforeParameter, limitParameter,
            ],
            shape: .object([.always("files", .list(.named("File"))), .maybe("next_before", .integer)])
        ) { visit, source in
            let question = try FileQuestion(visit.query)
            let (limit, now) = (try limit(visit), visit.now)
            return try await source.ask { source in
                let page = try source.directory.page(
                    question.filter,
                    before: question.before,
                    limit: limit,
                    now: now
                )
                return .present([
                    "files": .list(page.files.map(\.jsonValue)),
                    "next_before": page.next.map { .integer($0) },
                ])
            }
        },
        Endpoint(
            path: "/files/{file}",
            summary: "A file and what happened to it.",
            parts: [fileParameter],
            shape: .object([
                .always("file", .named("File")),
                .always("steps", .list(.object([.always("at", .moment), .always("text", .text)]))),
                .always(
                    "events",
                    .list(
                        .object([
                            .always("seq", .integer), .always("at", .moment), .always("event", .text),
                            .maybe("run_id", .integer), .maybe("reason", .text),
                        ])
                    )
                ),
                .always(
                    "mails",
                    .list(
                        .object([
                            .always("mail_id", .integer),
                            .always(
                                "recipients",
                                .list(
                                    .object([
                                        .always("address", .text), .always("state", .text),
                                        .always("at", .moment),
                                    ])
                                )
                            ),
                        ])
                    )
                ),
                .maybe("disposal", .object([.always("action", .text), .always("attempts", .integer)])),
            ])
        ) { visit, source in
            let (id, now) = (try visit.id("file"), visit.now)
            return try await source.ask { source in
                let story = try StoryQueries(source.ledger).outline(of: try source.file(id))
                return story.jsonValue(schedule: source.schedule(), now: now)
            }
        },
        Endpoint(
            path: "/files/{file}/issues",
            summary: "What was found in a file, in the order of its rows.",
            parts: [fileParameter],
            query: [
                Endpoint.Parameter(name: "after", shape: .text, meaning: "next_after of the answer before."),
                limitParameter,
            ],
            shape: .object([.always("issues", .list(.named("Issue"))), .maybe("next_after", .text)])
        ) { visit, source in
            let (id, limit) = (try visit.id("file"), try limit(visit))
            var cursor: IssueCursor?
            if let text = visit.query["after"] {
                guard let read = IssueCursor(text) else {
                    throw Refusal.badRequest("after is next_after of another answer.")
                }
                cursor = read
            }
            return try await source.ask { [cursor] source in
                let file = try source.file(id)
                let entries = try IssuePages(source.ledger).issues(
                    of: file.id,
                    after: cursor,
                    limit: limit + 1
                )
                let shown = entries.prefix(limit)
                return .present([
                    "issues": .list(shown.map(\.jsonValue)),
                    "next_after": entries.count > limit ? (shown.last?.cursor.text).map { .text($0) } : nil,
                ])
            }
        },
        Endpoint(
            path: "/files/{file}/cleared",
            summary: "What a file cleared or zeroed, as far as nothing has changed it since.",
            parts: [fileParameter],
            query: [
                Endpoint.Parameter(
                    name: "after",
                    shape: .integer,
                    meaning: "next_after of the answer before."
                ),
                limitParameter,
            ],
            shape: .object([
                .always(
                    "records",
                    .list(
                        .object([
                            .always("id", .text), .maybe("label", .text), .maybe("customer_id", .text),
                            .maybe("amount", .amount), .maybe("currency", .text),
                            .maybe("cleared_date", .day),
                        ])
                    )
                ), .maybe("next_after", .integer),
            ])
        ) { visit, source in
            let (id, limit, after) = (try visit.id("file"), try limit(visit), try API.id("after", visit) ?? 0)
            return try await source.ask { source in
                let file = try source.file(id)
                let records = try ClearedQueries(source.ledger).records(
                    of: file,
                    after: after,
                    limit: limit + 1
                )
                let shown = records.prefix(limit)
                return .present([
                    "records": .list(shown.map(\.jsonValue)),
                    "next_after": records.count > limit ? (shown.last?.row).map { .integer($0) } : nil,
                ])
            }
        },
    ]
}

extension IssuePages.Entry {
    fileprivate var jsonValue: JSONValue {
        guard case .object(let members) = issue.jsonValue else { return issue.jsonValue }
        return .object(members + [("parked", .flag(isParked))])
    }
}

extension ClearedRecord {
    fileprivate var jsonValue: JSONValue {
        .present([
            "id": .text(id), "label": label.map { .text($0) }, "customer_id": customer.map { .text($0) },
            "amount": amount.map { .text($0) }, "currency": currency.map { .text($0) },
            "cleared_date": day.map { .text($0) },
        ])
    }
}

extension FileStory {
    fileprivate func jsonValue(schedule: Schedule, now: Timestamp) -> JSONValue {
        let steps = StorySteps(self, schedule: schedule, now: now).steps
        return .present([
            "file": file.jsonValue,
            "steps": .list(steps.map { .object([("at", .text($0.at)), ("text", .text($0.text))]) }),
            "events": .list(
                events.map { event in
                    .present([
                        "seq": .integer(event.seq), "at": .text(event.at), "event": .text(event.event),
                        "run_id": event.run.map { .integer($0) },
                        "reason": (JSONMembers(event.detail)?.text("reason")).map { .text($0) },
                    ])
                }
            ),
            "mails": .list(
                mails.map { mail in
                    .object([
                        ("mail_id", .integer(mail.id)),
                        (
                            "recipients",
                            .list(
                                mail.recipients.map {
                                    .object([
                                        ("address", .text($0.address)), ("state", .text($0.state)),
                                        ("at", .text($0.at)),
                                    ])
                                }
                            )
                        ),
                    ])
                }
            ),
            "disposal": disposal.map {
                .object([("action", .text($0.action.rawValue)), ("attempts", .integer($0.attempts))])
            },
        ])
    }
}
