import Glibc
import TestSupport
import Testing

/// `verify` finds what is wrong, and `backup` makes a copy that can be put in the ledger's place.
@Suite(.timeLimit(.minutes(5)))
struct VerifyTests {
    /// A drop with a loaded, a partly loaded and a failed file.
    private func drop() async throws -> EndToEndDrop {
        let drop = try await EndToEndDrop.start()
        try await drop.put(
            .customers("C1,Acme,1.00,USD"),
            .invoices(invoice("I1"), invoice("I2", ["due_date": "soon"]), invoice("I3")),
            .sheet("contacts", "customer_id,first_name", ["C1,Ada"])
        )
        try await drop.poll(65)
        try drop.expectInvariants()
        return drop
    }

    /// Something that must never be, and the check that finds it.
    struct Fault: CustomTestStringConvertible, Sendable {
        var check: String
        var sql: String
        var status = 70

        var testDescription: String { check }
    }

    private static let faults = [
        Fault(check: "runs_balance", sql: "UPDATE run SET waiting = waiting + 1"),
        Fault(check: "run_counts_told", sql: "UPDATE run SET listed = listed + 1, settled = settled + 1"),
        Fault(check: "rows_add_up", sql: "UPDATE file SET rows_inserted = 9 WHERE state = 'loaded'"),
        Fault(check: "issues_fit_counts", sql: "DELETE FROM row_issue"),
        Fault(
            check: "parked_rows_counted",
            sql: """
                INSERT INTO parked_row (file_id, type, record, line, byte_offset, key, record_bytes, expires_at)
                SELECT file_id, type, 1, 1, 1, x'00', x'00', '2099' FROM file WHERE state = 'loaded'
                """
        ),
        Fault(check: "settled_in_time", sql: "UPDATE file SET settled_at = NULL WHERE state = 'failed'"),
        Fault(
            check: "settled_once",
            sql: """
                INSERT INTO event (at, event, run_id, file_id, detail)
                SELECT at, event, run_id, file_id, detail FROM event WHERE event = 'file.loaded'
                """
        ),
        Fault(
            check: "settling_told",
            sql: "UPDATE event SET event = 'file.waiting' WHERE event = 'file.failed'",
            status: 74
        ),
        Fault(
            check: "counts_told",
            sql: "UPDATE event SET detail = json_set(detail, '$.rows_total', 7) WHERE event = 'file.loaded'"
        ),
        Fault(check: "events_unbroken", sql: "DELETE FROM event WHERE seq = 5", status: 74),
        Fault(check: "events_readable", sql: "UPDATE event SET detail = '{' WHERE event = 'run.planned'"),
        Fault(check: "cursors_behind_events", sql: "UPDATE cursor SET seq = 100000"),
        Fault(check: "disposals_ordered", sql: "DELETE FROM disposal WHERE report = 0"),
        Fault(
            check: "disposals_deserved",
            sql: "UPDATE file SET settled_at = NULL, state = 'received' WHERE state = 'loaded'"
        ),
        Fault(check: "disposals_told", sql: "UPDATE disposal SET done_at = NULL"),
        Fault(check: "mails_told", sql: "UPDATE mail_recipient SET state = 'queued'"),
        Fault(
            check: "digests_single",
            sql: """
                INSERT INTO mail (kind, subject, body, run_id, queued_at)
                SELECT kind, subject, body, run_id, queued_at FROM mail
                """
        ),
        Fault(check: "failures_mailed", sql: "UPDATE mail SET body = 'all is well'"),
        Fault(
            check: "rows_of_loaded_files",
            sql: "UPDATE invoice SET file_id = (SELECT file_id FROM file WHERE state = 'failed')"
        ),
        Fault(check: "source_amounts", sql: "UPDATE invoice SET balance = balance + 1"),
        Fault(
            check: "source_rows",
            sql: """
                UPDATE file SET rows_total = rows_total + 1, rows_unchanged = rows_unchanged + 1
                 WHERE state = 'loaded'
                """
        ),
        Fault(
            check: "foreign_keys",
            sql: "PRAGMA foreign_keys = OFF; UPDATE invoice SET customer_id = 'C9'; PRAGMA foreign_keys = ON",
            status: 74
        ),
        Fault(
            check: "status_log",
            sql: "UPDATE event SET event = 'run.resumed' WHERE event = 'run.planned'",
            status: 74
        ),
    ]

    @Test func `verify names each invariant that is broken`() async throws {
        let drop = try await drop()
        let state = drop.folder.path("state")
        try await runTool(["/bin/cp", "-a", state, drop.folder.path("whole")])
        for fault in Self.faults {
            try await runTool(["/bin/rm", "-rf", state])
            try await runTool(["/bin/cp", "-a", drop.folder.path("whole"), state])
            try drop.write(fault.sql)
            let verdict = try drop.verify()
            #expect(
                verdict.checks.first { $0.name == fault.check }?.ok == false,
                "\(fault.check): \(verdict.complaint)"
            )
            let result = try await drop.run("verify")
            #expect(result.status == fault.status, "\(fault.check): \(result.output)")
            #expect(result.output.contains("\(fault.check): "), "\(result.output)")
        }
    }

    @Test func `verify finds a changed and a missing spool copy, a torn log and a broken ledger`()
        async throws
    {
        let drop = try await drop()
        let copies = try drop.folder.names(in: "state/spool").filter { $0.utf8.count == 64 }
        try #require(copies.count == 3)
        let whole = try drop.folder.read("state/spool/\(copies[0])")
        try drop.folder.write([0x21] + whole.dropFirst(), to: "state/spool/\(copies[0])")
        unlink(drop.folder.path("state/spool/\(copies[1])"))
        let spool = try drop.verify()
        let failed = spool.checks.filter { !$0.ok }
        #expect(failed.map(\.name) == ["spool_copies", "spool_complete"], "\(spool.complaint)")
        #expect(failed.map(\.findings.count) == [1, 1])

        let log = try drop.folder.text("state/status.log")
        try drop.folder.write(log + "{\"seq\":99", to: "state/status.log")
        #expect(try drop.verify().notes == ["the status log ends within a line; the next start cuts it off"])
        let lines = log.split(separator: "\n", omittingEmptySubsequences: false)
        try drop.folder.write(lines.dropLast(2).joined(separator: "\n") + "\n", to: "state/status.log")
        #expect(try drop.verify().notes == ["1 events are not told yet; the next start does"])
        let gap = [lines[0]] + lines[2...]
        try drop.folder.write(gap.joined(separator: "\n"), to: "state/status.log")
        #expect(try drop.verify().checks.first { $0.name == "status_log" }?.ok == false)

        var ledger = try drop.folder.read("state/ledger.sqlite")
        for index in stride(from: 8192, to: ledger.count, by: 4096) { ledger[index] = 0xFF }
        try drop.folder.write(ledger, to: "state/ledger.sqlite")
        let broken = try await drop.run("verify")
        #expect(broken.status == 74, "\(broken.output)\(broken.errors)")
    }

    @Test func `a backup is whole, replaces nothing, and is told`() async throws {
        let drop = try await drop()
        let copy = drop.folder.path("copy.sqlite")
        let daemon = try drop.launch("run")
        try await poll("the daemon") { try drop.log("daemon.started").isEmpty ? nil : true }
        let made = try await drop.run("backup", copy)
        #expect(made.status == 0 && made.errors.isEmpty, "\(made.errors)")
        #expect(try await drop.run("backup", copy).status == 73)
        #expect(try await drop.run("backup", drop.folder.path("nowhere/copy.sqlite")).status == 73)
        daemon.signal(SIGTERM)
        #expect(try await daemon.wait() == 0)
        #expect(try drop.log("backup.finished").count == 1)
        let rows = try await runTool([
            "/usr/bin/sqlite3", "-readonly", copy,
            "PRAGMA integrity_check; SELECT count(*) FROM open_invoices",
        ])
        #expect(rows == "ok\n2\n")
        #expect(try drop.folder.names().filter { $0.contains("copy") } == ["copy.sqlite"])
        try drop.expectInvariants()
    }

    @Test func `a restored ledger sends no old mail and loads nothing twice`() async throws {
        let drop = try await EndToEndDrop.start(
            DropSettings(inbox: ["after: leave"], more: ["mail: { smtp: \"smtp://127.0.0.1:9\" }"])
        )
        try await drop.put(
            .customers("C1,Acme,1.00,USD"),
            .invoices(invoice("I1"), invoice("I2", ["due_date": "soon"]))
        )
        try await drop.poll(65)
        let copy = drop.folder.path("copy.sqlite")
        #expect(try await drop.run("backup", copy).status == 0)
        // After the backup: the mail leaves, and another file comes.
        try drop.configure(DropSettings(inbox: ["after: leave"]))
        try await drop.put(.contacts("C1,a@x.example,Ada"))
        try await drop.poll()
        #expect(try drop.mails().count == 1)
        let told = try #require(try drop.statusLog().last?.seq)

        for name in ["ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm"] {
            unlink(drop.folder.path("state/\(name)"))
        }
        try await runTool(["/bin/cp", copy, drop.folder.path("state/ledger.sqlite")])
        try await drop.poll()
        try drop.expect(
            "SELECT customer_id, email FROM contacts WHERE source = 'contacts/email'",
            gives: ["C1|a@x.example"]
        )
        try drop.expect(
            "SELECT name, state FROM files ORDER BY file_id",
            gives: [
                "customers_with_open_balances.csv|loaded", "open_invoices.csv|loaded_with_errors",
                "contacts.csv|loaded",
            ]
        )
        #expect(try drop.mails().count == 1)
        try drop.expect(
            "SELECT state, last_error FROM mail_queue",
            gives: ["dead|ar-ops@acme.example: restored"]
        )
        let restored = try #require(try drop.statusLog().first { $0.seq == told + 1 })
        #expect(restored.event == "daemon.started")
        try drop.expectInvariants()
    }
}
