import Alerts
import GRDB
import Ledger
import Testing

struct IncidentTests {
    @Test func `a host key that differs every hour is one mail, a reminder a day and one recovery`()
        async throws
    {
        let desk = try Desk()
        for _ in 0..<30 {
            let run = try desk.startRun()
            try desk.append(
                Event(.hostKeyMismatch, run: run, ["reason": "hostkey_mismatch", "message": "SHA256:new"])
            )
            try desk.finishRun(run, as: .runFailed, reason: "hostkey_mismatch")
            try await desk.project()
            desk.time = desk.time.adding(seconds: 3600)
        }
        let run = try desk.startRun()
        try desk.append(Event(.inboxRecovered, run: run))
        try desk.finishRun(run)
        try await desk.project()

        let mails = try desk.mails()
        #expect(mails.map(\.kind) == ["incident", "reminder", "recovery"])
        #expect(mails.map(\.reference) == [nil, 1, 1])
        #expect(try desk.count(.incidentOpened) == 1)
        #expect(try desk.count(.incidentRecovered) == 1)
        #expect(try StatusQueries(desk.ledger).overview().incidents.isEmpty)
        try expectGolden(
            mails.map { "Subject: \($0.subject)\n\n\($0.body)" }.joined(separator: "\n----\n"),
            "incident.txt"
        )
    }

    @Test(arguments: [
        (EventName.inboxUnreachable, EventName.inboxRecovered, "acme: the inbox cannot be reached"),
        (.authRefused, .runFinished, "acme: the server refuses our login"),
        (.diskLow, .diskRecovered, "acme: the disk is nearly full"),
        (.configRefused, .configReloaded, "acme: the changed configuration was refused"),
        (.leaseLost, .leaseAcquired, "acme: another process has taken the ledger over"),
    ])
    func `a condition has a beginning and an end`(opening: EventName, ending: EventName, subject: String)
        async throws
    {
        let desk = try Desk()
        for _ in 0..<2 {
            try desk.append(Event(opening, ["reason": "x"]))
            try desk.append(Event(opening, ["reason": "x"]))
            try await desk.project()
            try desk.append(Event(ending))
            try await desk.project()
        }
        let mails = try desk.mails()
        #expect(mails.map(\.kind) == ["incident", "recovery", "incident", "recovery"])
        #expect(mails.first?.subject == subject)
    }

    @Test func `reports that cannot be written to the server are told once, and when they are there`()
        async throws
    {
        let desk = try Desk()
        let book = ValidationLedger(desk.ledger)
        let order = ValidationLedger.Order(
            path: Array("validate/contacts/try.csv".utf8),
            name: "try.csv",
            type: "contacts",
            size: 5,
            mtime: 1,
            report: Array("line\r\n".utf8),
            after: .move
        )
        let difference = Difference(name: "try.csv", type: "contacts", state: .loaded, reason: nil)
        try book.order(order, difference, run: try desk.startRun(), at: desk.time)
        for _ in 0..<5 {
            let due = try #require(try book.due(at: nil, after: 0, limit: 1).first)
            try book.failed(due.id, error: "permission denied", at: desk.time)
            try await desk.project()
        }
        let open = try StatusQueries(desk.ledger).overview().incidents
        #expect(open.map(\.kind) == ["report_stuck"])
        let told = try #require(try desk.mails().first)
        #expect(told.subject == "acme: reports about checked files cannot be written to the server")
        #expect(told.body.contains("validate/contacts/try.csv") && told.body.contains("permission denied"))
        #expect(told.body.contains("Check our rights in the folders below validate/"))

        let due = try #require(try book.due(at: nil, after: 0, limit: 1).first)
        try book.done(due.id, note: nil, at: desk.time)
        try await desk.project()
        #expect(try StatusQueries(desk.ledger).overview().incidents.isEmpty)
        #expect(try desk.mails().map(\.kind) == ["incident", "recovery"])
    }

    @Test func `files that another daemon holds for a day are told once, and when they are gone`()
        async throws
    {
        let desk = try Desk()
        let claims = ClaimLedger(desk.ledger)
        let held = ["a/processing/x/1.csv", "a/processing/x/2.csv"].map {
            ForeignClaim(path: Array($0.utf8), owner: "x")
        }
        for _ in 0..<23 {
            try await claims.note(held, at: desk.time)
            try await desk.project()
            desk.time = desk.time.adding(seconds: 3600)
        }
        #expect(try desk.count(.claimStale) == 0)
        for _ in 0..<5 {
            desk.time = desk.time.adding(seconds: 3600)
            try await claims.note(held, at: desk.time)
            try await desk.project()
        }
        #expect(try desk.count(.claimStale) == 1)
        // What one daemon has just taken is nothing to tell; nor is one of two files that is done.
        try await claims.note([held[0], ForeignClaim(path: [0x79], owner: "y")], at: desk.time)
        try await desk.project()
        #expect(
            try desk.mails().map(\.subject) == [
                "acme: another daemon holds files of this drop for more than a day"
            ]
        )
        try await claims.note([], at: desk.time)
        try await desk.project()
        #expect(try desk.count(.claimRecovered) == 1)
        #expect(try desk.mails().map(\.kind) == ["incident", "recovery"])
    }

    @Test func `a run that failed for a reason of its own is an incident`() async throws {
        let desk = try Desk()
        let run = try desk.startRun()
        try desk.finishRun(run, as: .runFailed, reason: "too_many_entries")
        try await desk.project()
        #expect(try desk.mails().map(\.subject) == ["acme: a run failed: too_many_entries"])
    }

    @Test func `files that cannot be put away are one incident until all are`() async throws {
        let desk = try Desk()
        try desk.settle("contacts", .failed)
        try await desk.project()
        for attempts in [2, 3, 4] {
            try desk.write { try $0.execute(sql: "UPDATE disposal SET attempts = ?", arguments: [attempts]) }
            try await desk.project()
        }
        #expect(try desk.mails().map(\.kind) == ["digest", "incident"])
        try desk.write { try $0.execute(sql: "UPDATE disposal SET done_at = 'now'") }
        try await desk.project()
        #expect(try desk.mails().map(\.kind) == ["digest", "incident", "recovery"])
    }
}
