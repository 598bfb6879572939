import Foundation
import Ledger
import Receivables
import Testing

@testable import Daemon

struct ExplainTests {
    private let path = "open_invoices/pending/invoices-2026-11-21.csv"

    private func time(_ text: String) -> Timestamp { ToldDrop.time(text) }

    /// A file that grew, was loaded with errors, moved and told of.
    private func loadedWithErrors() async throws -> ToldDrop {
        let drop = try ToldDrop()
        _ = try drop.run("2026-11-21T09", drop.entry(path, .waiting(.stillChanging), size: 618_000))
        let run = try drop.run("2026-11-21T10", drop.entry(path, .batch, size: 640_000, row: 1))
        try drop.receive(1, size: 640_000, in: run, at: time("2026-11-21T10:00:34.100Z"))
        var settlement = Settlement(.loadedWithErrors, run: run)
        settlement.counts.total = 1204
        settlement.counts.inserted = 31
        settlement.counts.updated = 40
        settlement.counts.unchanged = 1121
        settlement.counts.rejected = 12
        settlement.counts.cleared = 17
        settlement.disposal = .processed
        try drop.settle(1, settlement, at: time("2026-11-21T10:00:36.000Z")) { issues in
            for line in 88..<100 as Range<Int64> {
                try issues.append(
                    Finding(.badDate, .error, "\"Canary\" is not a date; expected YYYY-MM-DD."),
                    at: RecordPlace(record: line, line: line, byteOffset: 0),
                    column: "due_date"
                )
            }
            try issues.append(Finding(.nearMissColumn, .warning, "po_numbr looks like po_number"))
        }
        try DisposalLedger(drop.ledger).done(
            [
                DoneDisposal(
                    file: 1,
                    target: "open_invoices/processed/invoices-2026-11-21.csv",
                    report: "open_invoices/failed/invoices-2026-11-21.csv.errors.csv"
                )
            ],
            at: time("2026-11-21T10:00:37.000Z")
        )
        try await drop.ledger.alert(at: time("2026-11-21T10:00:40.000Z")) { alerts in
            _ = try alerts.queue(.digest, subject: "s", body: "ledgerdrop explain 1 --drop acme", run: run)
        }
        try await drop.ledger.alert(at: time("2026-11-21T10:01:12.000Z")) { alerts in
            if let due = try alerts.nextDue() { try alerts.settle(due, as: .sent) }
        }
        return drop
    }

    @Test func `a file loaded with errors is told from its first sighting to the digest`() async throws {
        let drop = try await loadedWithErrors()
        let report = try drop.explain("invoices-2026-11-21.csv")
        #expect(!report.text.contains("Canary"))
        try expectGolden(report.text, "explain-loaded-with-errors.txt")
        let json = try #require(
            try JSONSerialization.jsonObject(with: Data(report.json.utf8)) as? [[String: Any]]
        )
        let story = try #require(json.first?["story"] as? [[String: String]])
        #expect(story.count == 6 && story[0]["at"] == "2026-11-21T09:00:30.000Z")
        for key in ["file_id", "events", "issues", "mails", "state", "path"] { #expect(json[0][key] != nil) }
    }

    @Test func `a mail that waits and one that is dead are told as such`() async throws {
        let drop = try await loadedWithErrors()
        for attempt in [
            MailAttempt.deferred(
                until: time("2026-11-22T10:30:00.000Z"),
                reason: "unreachable",
                error: "no answer"
            ), .dead(reason: "refused", error: "550"),
        ] {
            let isDead = if case .dead = attempt { true } else { false }
            try await drop.ledger.alert(at: time("2026-11-21T10:02:00.000Z")) { alerts in
                _ = try alerts.queue(.digest, subject: "s", body: "ledgerdrop explain 1 --drop acme")
                if let due = try alerts.nextDue() { try alerts.settle(due, as: attempt) }
            }
            let id = isDead ? 3 : 2
            let words =
                isDead ? "digest \(id) dead: it could not" : "digest \(id) queued for ar-ops@acme.example"
            #expect(try drop.explain("invoices-2026-11-21.csv").text.contains(words))
        }
        // The mail about another file is none of this one's.
        try await drop.ledger.alert(at: time("2026-11-21T10:03:00.000Z")) { alerts in
            _ = try alerts.queue(.digest, subject: "s", body: "ledgerdrop explain 11 --drop acme")
        }
        #expect(try !drop.explain("invoices-2026-11-21.csv").text.contains("digest 4"))
    }

    @Test func `a held file is told with the figures and what a person can do`() throws {
        let drop = try ToldDrop()
        let run = try drop.run("2026-11-22T10", drop.entry(path, .batch, size: 640_000))
        try drop.receive(1, size: 640_000, in: run, at: time("2026-11-22T10:00:34.000Z"))
        var settlement = Settlement(.held, reason: "held_by_guard", run: run)
        settlement.extras = [("guard", "share"), ("would_clear", 812), ("open", 1204)]
        try drop.settle(1, settlement, at: time("2026-11-22T10:00:36.000Z"))
        try expectGolden(try drop.explain(path).text, "explain-held.txt")
    }

    @Test func `an ignored name is told with why and what to do`() throws {
        let drop = try ToldDrop()
        let name = "open_invoices/pending/no\u{1B}[31mtes.txt"
        _ = try drop.run("2026-11-22T10", drop.entry(name, .ignored(.notCSVName), size: 12))
        let text = try drop.explain(name).text
        #expect(!text.contains("\u{1B}"))
        try expectGolden(text, "explain-ignored.txt")
    }

    @Test func `a failed file is told with what was found in its header, and that it is still to be moved`()
        throws
    {
        let drop = try ToldDrop()
        let run = try drop.run("2026-11-22T10", drop.entry(path, .batch, size: 90))
        try drop.receive(1, size: 90, in: run, at: time("2026-11-22T10:00:34.000Z"))
        var settlement = Settlement(.failed, reason: "missing_required_column", run: run)
        settlement.disposal = .failed
        try drop.settle(1, settlement, at: time("2026-11-22T10:00:36.000Z")) { issues in
            try issues.append(
                Finding(.missingRequiredColumn, .error, "Missing required column(s): due_date.")
            )
        }
        try DisposalLedger(drop.ledger).failed(
            1,
            error: "the server\u{1B} says no",
            at: time("2026-11-22T10:00:37.000Z")
        )
        try expectGolden(try drop.explain(path).text, "explain-failed.txt")
    }

    @Test func `a file that the server did not give is told with each of its runs`() throws {
        let drop = try ToldDrop()
        let first = try drop.run("2026-11-22T09", drop.entry(path, .batch, size: 90))
        try FileLedger(drop.ledger).noteRefusal(
            of: 1,
            message: "permission denied",
            after: .move,
            in: first,
            at: time("2026-11-22T09:00:35.000Z")
        )
        let second = try drop.run("2026-11-22T10", drop.entry(path, .batch, size: 90, row: 1))
        let text = try drop.explain(path).text
        #expect(text.contains("in batch of run \(first)\u{20}"))
        #expect(text.contains("left for a later run: the server did not give it (permission denied)"))
        #expect(text.contains("in batch of run \(second)"))
    }

    @Test func `a name never seen is told with the last listing and the nearest names`() throws {
        let drop = try ToldDrop()
        var words = try #require(failure(drop, "x.csv"))
        #expect(words.contains("x.csv: no file of this name or id was ever seen\nno listing was ever taken"))
        let run = try drop.run(
            "2026-11-22T10",
            drop.entry("contacts/pending/contacts.csv", .batch, size: 1),
            drop.entry(path, .batch, size: 1)
        )
        #expect(run == 1)
        words = try #require(failure(drop, "invoice-2026-11-22\u{1B}.csv"))
        // The age is that of the day on which the test runs.
        try expectGolden(
            words.replacing(#/began at .* ago/#, with: "began at TIME, AGE") + "\n",
            "explain-never-seen.txt"
        )
    }

    @Test func `of a file that was only looked at, explain tells so, and whether its report was written`()
        throws
    {
        let drop = try ToldDrop()
        let book = ValidationLedger(drop.ledger)
        let order = ValidationLedger.Order(
            path: Array("validate/contacts/try.csv".utf8),
            name: "try.csv",
            type: "contacts",
            size: 5,
            mtime: 1,
            report: Array("line\r\n".utf8),
            after: .move
        )
        let run = try drop.run("2026-11-22T10")
        let difference = Difference(name: "try.csv", type: "contacts", state: .loaded, reason: nil)
        try book.order(order, difference, run: run, at: drop.now)
        #expect(try #require(failure(drop, "try.csv")).contains("one in validate/contacts/ was looked at"))
        #expect(try #require(failure(drop, "try.csv")).contains("about to be written"))
        let due = try #require(try book.due(at: nil, after: 0, limit: 1).first)
        try book.failed(due.id, error: "permission denied", at: drop.now)
        let words = try #require(failure(drop, "validate/contacts/try.csv"))
        #expect(words.contains("could not be written in 1 attempt: permission denied"))
        #expect(words.contains("check our rights in validate/contacts/ on the server"))
        try book.done(due.id, note: nil, at: drop.now)
        #expect(try #require(failure(drop, "try.csv")).contains("its report was written there"))
        #expect(try !#require(failure(drop, "ry.csv")).contains("validate/"))
    }

    private func failure(_ drop: ToldDrop, _ name: String) -> String? {
        let yaml = "name: acme\nstate_directory: \(drop.folder.path)\ninbox: { url: \"file:///srv/drop\" }\n"
        do {
            let configuration = try Configuration.parse(yaml, file: "acme.yaml", known: .catalogue)
            _ = try DropReader(configuration).explain(name)
        } catch let failure as NeverSeen {
            return ExitStatus(failure) == .noInput ? String(failure.description.dropLast()) : nil
        } catch {
            Issue.record(error)
        }
        return nil
    }

    @Test(arguments: [
        ("open_invoice.csv", ["open_invoices.csv"]), ("OPEN_INVOICES.CSV", ["open_invoices.csv"]),
        ("pending/open_invoices.cvs", ["open_invoices.csv"]), ("receipts.csv", []),
        ("a-2026-11-22.csv", ["a-2026-11-21.csv", "a-2026-10-21.csv"]), ("", []),
    ])
    func `the nearest names are few slips away`(name: String, near: [String]) {
        let names = ["open_invoices.csv", "contacts-of-old.csv", "a-2026-10-21.csv", "a-2026-11-21.csv"]
        #expect(NearestNames.of(name, in: names) == near)
    }

    @Test func `every reason of a file has its clause`() {
        let reasons =
            WaitingReason.allCases.map(\.rawValue) + DeferredReason.allCases.map(\.rawValue)
            + SettledReason.allCases.map(\.rawValue) + IgnoredReason.allCases.map(\.rawValue)
            + IssueCode.allCases.filter { $0.families.contains(.fileError) }.map(\.rawValue)
        for reason in reasons + ["nothing_changed"] {
            let clause = ReasonText.clause(reason)
            #expect(clause?.isEmpty == false && clause?.contains("_run_") != true, "\(reason)")
        }
        #expect(ReasonText.clause("bad_date") == nil && ReasonText.clause("no such reason") == nil)
    }

    @Test(arguments: [
        (#"{"guard":"share","would_clear":812,"open":1204}"#, "would clear 812 of 1204 (67 %)"),
        (#"{"guard":"shrunk","rows":30,"last_rows":100}"#, "has 30 rows, the last one had 100 (30 %)"),
        (
            #"{"guard":"no_rows","open":0,"last_rows":9}"#,
            "has no rows, while 0 records are open; the last one had 9 rows"
        ),
        (
            #"{"guard":"share","would_clear":9223372036854775807,"open":0}"#,
            "would clear 9223372036854775807 of 0"
        ),
        ("no object", "a guard stopped it"),
    ])
    func `a guard's figures are told`(detail: String, words: String) {
        #expect(guardClause(detail) == words)
    }
}
