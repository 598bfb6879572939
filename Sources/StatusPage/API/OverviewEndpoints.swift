import Ledger
import Receivables

extension API {
    static let overviewEndpoints: [Endpoint] = [
        Endpoint(
            path: "/overview",
            summary: "How the drop stands, and what needs a person.",
            shape: .object([
                .maybe("last_run", .named("Run")), .maybe("last_finished_at", .moment),
                .always("next_run_at", .moment),
                .always("needs_person", .list(.named("File"))), .always("files", .map(.integer)),
                .always(
                    "incidents",
                    .list(
                        .object([
                            .always("kind", .text), .always("subject", .text), .always("opened_at", .moment),
                        ])
                    )
                ),
            ])
        ) { visit, source in
            let now = visit.now
            return try await source.ask { source in
                let runs = try PageQueries(source.ledger).lastRuns()
                let needs = try source.directory.page(OverviewArea.needsPerson, limit: 50, now: now)
                let counts = source.directory.counts().filter { $0.value > 0 }.sorted { $0.key < $1.key }
                return .present([
                    "last_run": runs.newest?.jsonValue,
                    "last_finished_at": (runs.finished?.finishedAt).map { .text($0) },
                    "next_run_at": .text(source.schedule().slot(after: now).textInSeconds),
                    "needs_person": .list(needs.files.map(\.jsonValue)),
                    "files": .object(counts.map { ($0.key, .integer(Int64($0.value))) }),
                    "incidents": .list(
                        runs.incidents.map {
                            .object([
                                ("kind", .text($0.kind)), ("subject", .text($0.subject)),
                                ("opened_at", .text($0.openedAt)),
                            ])
                        }
                    ),
                ])
            }
        },
        Endpoint(
            path: "/types",
            summary: "The record types, and how each stands against what is expected.",
            shape: .object([.always("types", .list(.named("Type")))])
        ) { _, source in
            try await source.ask { source in
                .object([("types", .list(try TypeStanding.all(source).map(\.jsonValue)))])
            }
        },
        Endpoint(
            path: "/types/{type}",
            summary: "The columns of a record type.",
            parts: [
                Endpoint.Parameter(
                    name: "type",
                    shape: .text,
                    meaning: "The type's name, such as open_invoices."
                )
            ],
            shape: .object([
                .always("type", .named("Type")), .always("columns", .list(.named("Column"))),
                .maybe("template", .text), .always("key", .list(.text)),
            ])
        ) { visit, source in
            let name = visit.text("type")
            return try await source.ask { source in
                guard let standing = try TypeStanding.all(source).first(where: { $0.type.name == name })
                else {
                    throw Refusal.notFound
                }
                let type = standing.type
                return .present([
                    "type": standing.jsonValue,
                    "columns": .list(
                        type.columns.map {
                            .object([
                                ("name", .text($0.name)), ("required", .flag($0.class == .required)),
                                ("form", .text($0.format.words)),
                            ])
                        }
                    ),
                    "template": type.isFileOfBytes ? nil : .text(type.template()),
                    "key": .list(type.key.map { .text($0) }),
                ])
            }
        },
    ]
}

extension TypeStanding {
    fileprivate var jsonValue: JSONValue {
        .present([
            "name": .text(type.name),
            "folder": .text(type.isFileOfBytes ? "\(type.name)/" : "\(type.name)/pending/"),
            "snapshot": .flag(type.isSnapshot),
            "arrival": (arrival?.state.rawValue).map { .text($0) },
            "expected": (arrival?.expected).map { .text($0) },
            "due_at": (arrival?.dueAt?.text).map { .text($0) },
            "last_loaded_at": (applied?.settledAt).map { .text($0) },
            "last_file": taken?.jsonValue,
        ])
    }
}
