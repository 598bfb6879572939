import Ledger
import Receivables

/// The forms that several answers share, by name.
enum APIShapes {
    static let all: [(name: String, shape: Shape)] = [
        ("File", file), ("Issue", issue), ("Run", run), ("Mail", mail), ("Total", total), ("Column", column),
        ("Type", type), ("Error", error),
    ]

    private static let counts = [
        "rows_total", "rows_inserted", "rows_updated", "rows_unchanged", "rows_rejected", "rows_parked",
        "rows_cleared",
        "rows_deleted", "warnings",
    ]

    private static let file = Shape.object(
        [
            .always("file_id", .integer), .maybe("run_id", .integer), .maybe("type", .text),
            .always("name", .text),
            .always("path", .text), .maybe("sha256", .text),
            .always("state", .word(FileState.allCases.map(\.rawValue))), .maybe("reason", .text),
            .always("first_seen_at", .moment), .maybe("received_at", .moment), .maybe("settled_at", .moment),
            .maybe("size", .integer), .always("attempt", .integer),
        ] + counts.map { .maybe($0, .integer) }
    )

    private static let issue = Shape.object([
        .always("severity", .word(["error", "warning"])), .always("code", .text), .always("message", .text),
        .maybe("line", .integer), .maybe("record", .integer), .maybe("column", .text),
        .always("parked", .flag),
    ])

    private static let run = Shape.object([
        .always("run_id", .integer), .always("slot", .moment),
        .always("trigger", .word(["slot", "catch_up", "request"])),
        .always("state", .word(["running", "finished", "failed", "interrupted", "skipped"])),
        .maybe("reason", .text),
        .always("started_at", .moment), .maybe("finished_at", .moment), .maybe("listed", .integer),
        .maybe("batched", .integer), .maybe("waiting", .integer), .maybe("settled", .integer),
        .maybe("ignored", .integer),
    ])

    private static let mail = Shape.object([
        .always("mail_id", .integer), .always("kind", .text), .always("subject", .text),
        .maybe("recipients", .text),
        .always("state", .word(["queued", "sent", "dead"])), .maybe("attempts", .integer),
        .maybe("next_attempt_at", .moment), .maybe("last_error", .text),
    ])

    private static let total = Shape.object([.always("count", .integer), .always("sum", .amount)])

    private static let column = Shape.object([
        .always("name", .text), .always("required", .flag), .always("form", .text),
    ])

    private static let type = Shape.object([
        .always("name", .text), .always("folder", .text), .always("snapshot", .flag),
        .maybe("arrival", .word(ArrivalState.allCases.map(\.rawValue))), .maybe("expected", .text),
        .maybe("due_at", .moment), .maybe("last_loaded_at", .moment), .maybe("last_file", .named("File")),
    ])

    private static let error = Shape.object([
        .always(
            "error",
            .object([.always("status", .integer), .always("title", .text), .always("message", .text)])
        )
    ])
}
