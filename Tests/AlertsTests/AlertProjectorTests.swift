import Alerts
import GRDB
import Ledger
import Testing

struct AlertProjectorTests {
    @Test func `a run in which all went well sends nothing`() async throws {
        let desk = try Desk()
        let run = try desk.startRun()
        try desk.settle("contacts", .loaded, run: run, counts: .thousand())
        try desk.settle("contacts", .duplicate, run: run, counts: .thousand())
        try desk.settle("contacts", .ignored, name: ".hidden", reason: "hidden_name", run: run)
        try desk.finishRun(run)
        try await desk.project()
        #expect(try desk.mails().isEmpty)
    }

    @Test func `nothing is told before the run has ended`() async throws {
        let desk = try Desk()
        let run = try desk.startRun()
        try desk.settle("contacts", .failed, run: run)
        try await desk.project()
        #expect(try desk.mails().isEmpty)
        try desk.write { try $0.execute(sql: "UPDATE run SET state = 'interrupted'") }
        try await desk.project()
        #expect(try desk.mails().isEmpty)
        try desk.finishRun(run)
        try await desk.project()
        #expect(try desk.mails().map(\.kind) == ["digest"])
    }

    @Test(arguments: [1, 2, 3, 7])
    func `every failed file stands in exactly one digest, however often we are stopped`(stride: Int)
        async throws
    {
        let desk = try Desk()
        var step = 0
        func maybeProject() async throws {
            step += 1
            if step.isMultiple(of: stride) { try await desk.project() }
        }
        for hour in 0..<3 {
            let run = try desk.startRun()
            for file in 0..<4 {
                try desk.settle("contacts", .failed, name: "\(hour)-\(file).csv", run: run)
                try await maybeProject()
            }
            try desk.finishRun(run)
            try await maybeProject()
        }
        try await desk.project()
        try await desk.project()
        let digests = try desk.mails().filter { $0.kind == "digest" }
        #expect(digests.count == 3)
        for hour in 0..<3 {
            for file in 0..<4 {
                #expect(digests.filter { $0.body.contains(" \(hour)-\(file).csv: failed") }.count == 1)
            }
        }
    }

    @Test func `a type that fails three times and then loads has three digests and one recovery`()
        async throws
    {
        let desk = try Desk()
        for state in [FileState.failed, .held, .loadedWithErrors, .loaded, .loaded] {
            let run = try desk.startRun()
            try desk.settle(
                "open_invoices",
                state,
                run: run,
                counts: .thousand(rejected: state == .loadedWithErrors ? 1 : 0)
            )
            try desk.finishRun(run)
            desk.time = desk.time.adding(seconds: 3600)
            try await desk.project()
        }
        let mails = try desk.mails()
        #expect(mails.map(\.kind) == ["digest", "digest", "digest", "recovery"])
        #expect(mails.last?.subject == "acme: open_invoices loads cleanly again")
        #expect(mails.last?.reference == 1)
    }

    @Test func `a clean file of another type recovers nothing`() async throws {
        let desk = try Desk()
        let run = try desk.startRun()
        try desk.settle("open_invoices", .failed, run: run)
        try desk.settle("contacts", .loaded, run: run)
        try desk.finishRun(run)
        try await desk.project()
        #expect(try desk.mails().map(\.kind) == ["digest"])
    }

    @Test func `parked rows that are applied are a recovery`() async throws {
        let desk = try Desk()
        let first = try desk.startRun()
        let file = try desk.settle(
            "open_invoices",
            .loadedWithErrors,
            run: first,
            counts: .thousand(parked: 2)
        )
        try desk.finishRun(first)
        try await desk.project()

        let second = try desk.startRun()
        try desk.write { db in
            try db.execute(sql: "UPDATE file SET rows_parked = 0, rows_inserted = rows_inserted + 2")
            try db.append(
                Event(.rowsHealed, run: second, file: file, ["type": "open_invoices", "healed": 2]),
                at: desk.time
            )
        }
        try desk.finishRun(second)
        try await desk.project()
        let mails = try desk.mails()
        #expect(mails.map(\.kind) == ["digest", "recovery"])
        #expect(mails.first?.body.contains("nothing to do yet") == true)
        #expect(mails.last?.body.contains("Loads cleanly again: open_invoices.") == true)
        #expect(
            mails.last?.body.contains("Parked rows applied: file.csv (file 1); no row of it is open.") == true
        )
    }

    @Test func `rows given up after their time are told, those a newer file ended are not`() async throws {
        let desk = try Desk()
        let file = try desk.settle("open_invoices", .loadedWithErrors, counts: .thousand(parked: 1))
        try await desk.project()
        try desk.append(
            Event(.rowsExpired, file: file, ["type": "open_invoices", "reason": "newer_file", "rows": 1])
        )
        try await desk.project()
        #expect(try desk.mails().count == 1)
        try desk.append(
            Event(.rowsExpired, file: file, ["type": "open_invoices", "reason": "park_for", "rows": 1])
        )
        try await desk.project()
        #expect(try desk.mails().map(\.subject).last == "acme: file.csv had parked rows given up")
    }

    @Test func `what fails outside of a run is told at once`() async throws {
        let desk = try Desk()
        try desk.settle("contacts", .failed)
        try await desk.project()
        #expect(try desk.mails().map(\.body).first?.contains("outside of a run") == true)
    }

    @Test func `a header that is nearly right is told once for each name`() async throws {
        let desk = try Desk()
        let issue = Desk.Issue(
            code: "near_miss_column",
            message: "Column \"po_numbr\" looks like …",
            severity: "warning"
        )
        for _ in 0..<3 {
            let run = try desk.startRun()
            try desk.settle("open_invoices", .loaded, run: run, issues: [issue])
            try desk.finishRun(run)
            try await desk.project()
        }
        #expect(try desk.mails().map(\.subject) == ["acme: file.csv has a header that is nearly right"])
        let run = try desk.startRun()
        try desk.settle("contacts", .loaded, run: run, issues: [issue])
        try desk.finishRun(run)
        try await desk.project()
        #expect(try desk.mails().count == 2)
    }

    @Test func `an ignored name is told once`() async throws {
        let desk = try Desk()
        for name in ["notes.txt", "notes.txt", "more.xlsx"] {
            let run = try desk.startRun()
            try desk.settle("contacts", .ignored, name: name, reason: "not_csv_name", run: run)
            try desk.finishRun(run)
            try await desk.project()
        }
        let mails = try desk.mails()
        #expect(mails.map(\.subject) == ["acme: 1 new name ignored", "acme: 1 new name ignored"])
        #expect(mails.last?.body.contains("contacts/pending/more.xlsx") == true)
    }
}
