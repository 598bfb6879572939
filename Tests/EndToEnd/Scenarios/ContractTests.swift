import Testing

/// What users build on: the views and the keys of the status log.
@Suite(.timeLimit(.minutes(5)))
struct ContractTests {
    private static let views = [
        "files": """
        file_id, run_id, type, name, path, size, sha256, state, reason, received_at, settled_at, rows_total, \
        rows_inserted, rows_updated, rows_unchanged, rows_rejected, rows_parked, rows_cleared, rows_deleted, warnings
        """,
        "row_issues": "file_id, line, byte_offset, record, severity, code, column_name, message",
        "runs": """
        run_id, slot, trigger, state, reason, started_at, finished_at, listed, batched, waiting, settled, ignored
        """,
        "events": "seq, at, event, run_id, file_id, detail",
        "mail_queue": "mail_id, kind, subject, recipients, state, attempts, next_attempt_at, last_error",
        "invoice_pdfs": "name, sha256, size, status, invoice_id, file_id",
    ]

    @Test func `the views and the log have the documented names, and amounts are exact text`() async throws {
        let drop = try await EndToEndDrop.start()
        try await drop.put(
            .customers("C1,Acme,-0.05,USD", "C2,Bolt,90071992547409.93,EUR"),
            .invoices(invoice("I1", ["amount": "1234.5", "balance": "0.10"]))
        )
        try await drop.poll()
        for (view, columns) in Self.views {
            let found = try drop.query("SELECT name FROM pragma_table_info('\(view)')").joined(
                separator: ", "
            )
            #expect(found == columns, "\(view)")
        }
        try drop.expect(
            "SELECT customer_id, balance, typeof(balance) FROM customers_with_open_balances ORDER BY 1",
            gives: ["C1|-0.05|text", "C2|90071992547409.93|text"]
        )
        try drop.expect(
            "SELECT amount, balance, invoice_date, po_number, custom, status FROM open_invoices",
            gives: ["1234.50|0.10|2025-01-01|-|{}|OPEN"]
        )
        let lines = try drop.statusLog()
        #expect(lines.allSatisfy { $0.drop == "acme" && $0.schema == 1 && $0.at.hasSuffix("Z") })
        #expect(
            lines.contains { $0.event == "run.started" }
                && lines.last.map { $0.event != "run.started" } == true
        )
        let loaded = try #require(
            try drop.log("file.loaded").first { $0.type == "customers_with_open_balances" }
        )
        #expect(loaded.state == "loaded" && loaded.rowsTotal == 2 && loaded.rowsInserted == 2)
        #expect(loaded.name == "customers_with_open_balances.csv" && loaded.run != nil && loaded.file != nil)
        try drop.expectInvariants()
    }
}
