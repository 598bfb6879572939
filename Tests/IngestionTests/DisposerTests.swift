import Foundation
import Glibc
import Ingestion
import Intake
import Ledger
import TestSupport
import Testing

private let good = "subsidiary_id,name\nS1,One\n"
private let pdf = "%PDF-1.4\n%%EOF\n"
private let bad = "subsidiary_id,name\nS1,\nS2,Two\n"

@Suite(.timeLimit(.minutes(5)))
struct DisposerTests {
    @Test func `a name that is taken gets the slot's time, and the report takes that name`() async throws {
        let bench = try RunBench()
        try bench.put("old", "subsidiaries/processed/a.csv")
        try bench.put(bad, "subsidiaries/pending/a.csv")
        try await bench.serve()
        #expect(try bench.text("subsidiaries/processed/a.csv") == "old")
        #expect(try bench.text("subsidiaries/processed/a.20260105T100000Z.csv") == bad)
        #expect(bench.contains("subsidiaries/failed/a.20260105T100000Z.csv.errors.csv"))
        let told = try bench.lines(
            "SELECT detail ->> 'target', detail ->> 'report' FROM events WHERE event = 'file.disposed'"
        )
        let name = "a.20260105T100000Z.csv"
        #expect(told == ["subsidiaries/processed/\(name) subsidiaries/failed/\(name).errors.csv"])
    }

    @Test func `a report that is there already is never overwritten`() async throws {
        let bench = try RunBench()
        try bench.put("theirs", "subsidiaries/failed/a.csv.errors.csv")
        try bench.put(bad, "subsidiaries/pending/a.csv")
        try await bench.serve()
        #expect(try bench.text("subsidiaries/failed/a.csv.errors.csv") == "theirs")
        #expect(bench.contains("subsidiaries/processed/a.20260105T100000Z.csv"))
        #expect(bench.contains("subsidiaries/failed/a.20260105T100000Z.csv.errors.csv"))
    }

    @Test func `a denied move is tried again later, told once, and undoes nothing`() async throws {
        let bench = try RunBench()
        try bench.put(good, "subsidiaries/pending/a.csv")
        bench.inbox.before { $0 == .move ? .permission("denied") : nil }
        let first = try await bench.serve()
        let second = try await bench.serve()
        #expect(first.state == .finished && first.batch.ingested == 1)
        #expect(second.plan.settled == 1 && second.plan.batched == 0)
        #expect(try bench.count(.fileDisposalFailed) == 1)
        #expect(try bench.lines("SELECT attempts, last_error FROM disposal") == ["2 denied"])
        #expect(try bench.lines("SELECT count(*) FROM events WHERE event = 'file.loaded'") == ["1"])
        bench.inbox.heal()
        try await bench.disposer().carryOut(dueAt: bench.clock.now)
        #expect(bench.contains("subsidiaries/pending/a.csv"))
        bench.clock.pass(.seconds(121))
        try await bench.disposer().carryOut(dueAt: bench.clock.now)
        #expect(bench.contains("subsidiaries/processed/a.csv"))
        #expect(try DisposalLedger(bench.ledger).pending() == 0)
        #expect(try bench.count(.fileDisposed) == 1)
    }

    @Test func `a move whose reply was lost is found out, not repeated`() async throws {
        let bench = try RunBench()
        try bench.put(bad, "subsidiaries/pending/a.csv")
        bench.inbox.after { $0 == .move ? .unreachable("cut off") : nil }
        try await bench.serve()
        #expect(try DisposalLedger(bench.ledger).pending() == 1)
        bench.inbox.heal()
        try bench.put(good, "subsidiaries/pending/a.csv", modified: 1_700_000_001)
        try await bench.serve()
        #expect(try bench.text("subsidiaries/processed/a.csv") == bad)
        #expect(try DisposalLedger(bench.ledger).pending() == 0)
        #expect(try bench.folder.names(in: "inbox/subsidiaries/processed").count == 2)
        #expect(bench.contains("subsidiaries/failed/a.csv.errors.csv"))
        #expect(try bench.files().map { $0.split(separator: " ")[1] } == ["loaded_with_errors", "loaded"])
    }

    @Test func `an upload whose reply was lost leaves one report`() async throws {
        let bench = try RunBench()
        try bench.put(bad, "subsidiaries/pending/a.csv")
        bench.inbox.after { $0 == .upload ? .timedOut("silence") : nil }
        try await bench.serve()
        #expect(try DisposalLedger(bench.ledger).pending() == 1)
        bench.inbox.heal()
        try await bench.disposer().carryOut()
        #expect(try DisposalLedger(bench.ledger).pending() == 0)
        #expect(try bench.folder.names(in: "inbox/subsidiaries/failed") == ["a.csv.errors.csv"])
    }

    @Test func `a file that the sender replaced stays, and is a new one`() async throws {
        let bench = try RunBench()
        try bench.put(good, "subsidiaries/pending/a.csv")
        bench.inbox.before { call in
            guard call == .move else { return nil }
            try? bench.put(good + "S9,Nine\n", "subsidiaries/pending/a.csv", modified: 1_700_000_005)
            return nil
        }
        try await bench.serve()
        #expect(bench.contains("subsidiaries/pending/a.csv"))
        bench.inbox.heal()
        let next = try await bench.serve()
        #expect(next.batch.ingested == 1)
        #expect(try bench.lines("SELECT count(*) FROM subsidiaries") == ["2"])
    }

    @Test func `a file that somebody took away needs no move`() async throws {
        let bench = try RunBench()
        try bench.put(good, "subsidiaries/pending/a.csv")
        bench.inbox.before { call in
            if call == .move { unlink(bench.folder.path("inbox/subsidiaries/pending/a.csv")) }
            return nil
        }
        try await bench.serve()
        #expect(try DisposalLedger(bench.ledger).pending() == 0)
        #expect(
            try bench.lines("SELECT detail ->> 'note' FROM events WHERE event = 'file.disposed'") == ["gone"]
        )
    }

    @Test func `delete removes what loaded well, and moves the rest`() async throws {
        let bench = try RunBench()
        try bench.put(good, "subsidiaries/pending/good.csv", modified: 1)
        try bench.put(bad, "subsidiaries/pending/partly.csv", modified: 2)
        try bench.put("nonsense", "subsidiaries/pending/bad.csv", modified: 3)
        try await bench.serve { $0.after = .delete }
        #expect(try bench.folder.names(in: "inbox/subsidiaries/pending") == [])
        #expect(try bench.folder.names(in: "inbox/subsidiaries/processed") == ["partly.csv"])
        #expect(
            try bench.folder.names(in: "inbox/subsidiaries/failed")
                == ["bad.csv", "bad.csv.errors.csv", "partly.csv.errors.csv"]
        )
    }

    @Test(arguments: [(1, 60), (2, 120), (3, 240), (6, 1920), (7, 3600), (5000, 3600)])
    func `attempts come later and later, up to an hour apart`(attempts: Int, seconds: Int64) {
        #expect(DisposalLedger.pause(afterAttempts: attempts) == seconds)
    }
}

@Suite(.timeLimit(.minutes(5)))
struct ErrorReportTests {
    private func report(_ text: String, type: String = "subsidiaries") async throws -> String {
        let bench = try RunBench()
        try bench.put(text, "\(type)/pending/a.csv")
        try await bench.serve()
        return try bench.text("\(type)/failed/a.csv.errors.csv")
    }

    @Test func `the sender's cells come back byte for byte behind our three columns`() async throws {
        let text = "subsidiary_id;name;currency\r\nS1;\"a;\nb\";XXY\r\nS2;fine;EUR\r\n  ;;usd\r\n"
        let report = try await report(text)
        let lines = report.components(separatedBy: "\r\n")
        #expect(lines.count == 4 && lines[3].isEmpty)
        #expect(lines[0] == "error_codes;error_messages;row_number;subsidiary_id;name;currency")
        #expect(lines[1].hasPrefix("bad_currency;") && lines[1].hasSuffix(";2;S1;\"a;\nb\";XXY"))
        #expect(lines[2].hasPrefix("required_blank|required_blank;") && lines[2].hasSuffix(";4;  ;;usd"))
    }

    @Test func `a parked row is reported too`() async throws {
        let report = try await report("subsidiary_id,name,parent_id\nS1,One,S7\n")
        #expect(report.contains("\r\nparent_not_found,") && report.hasSuffix(",2,S1,One,S7\r\n"))
    }

    @Test func `a correction that fails again has the report columns once`() async throws {
        let report = try await report(
            "error_codes,error_messages,row_number,subsidiary_id,name\r\nx,y,2,S1,\r\n"
        )
        let lines = report.components(separatedBy: "\r\n")
        #expect(lines[0] == "error_codes,error_messages,row_number,subsidiary_id,name")
        #expect(lines[1].hasPrefix("required_blank,") && lines[1].hasSuffix(",2,S1,"))
    }

    @Test func `a file refused as a whole gets one line without a number`() async throws {
        let report = try await report("")
        #expect(report == "error_codes,error_messages,row_number\r\nempty_file,The file is empty.,\r\n")
    }

    @Test func `many disposals are under way at once, and each file ends where it belongs`() async throws {
        let bench = try RunBench()
        for number in 0..<150 { try bench.put(pdf, "invoice_pdfs/\(number).pdf", modified: number) }
        // Held back until as many wait as may: one after the other they would wait for ever.
        let gate = MoveGate(width: 64)
        bench.inbox.during { call in if call == .move { await gate.pass() } }
        try await bench.serve()
        #expect(await gate.most == 64)
        #expect(try DisposalLedger(bench.ledger).pending() == 0)
        #expect(try bench.folder.names(in: "inbox/invoice_pdfs/processed").count == 150)
        #expect(try bench.folder.names(in: "inbox/invoice_pdfs") == ["processed"])
        #expect(try bench.count(.fileDisposed) == 150)
    }

    @Test func `files that want one name are told apart, though they are moved at once`() async throws {
        let bench = try RunBench()
        // By their own names and the one that a taken name gets, these two meet.
        try bench.put("old", "subsidiaries/processed/a.csv")
        try bench.put(good, "subsidiaries/pending/a.csv", modified: 1)
        try bench.put(good + "S2,Two\n", "subsidiaries/pending/a.20260105T100000Z.csv", modified: 2)
        try await bench.serve()
        let names = try bench.folder.names(in: "inbox/subsidiaries/processed")
        #expect(names.count == 3)
        let texts = try Set(names.map { try bench.text("subsidiaries/processed/\($0)") })
        #expect(texts == ["old", good, good + "S2,Two\n"])
        #expect(try DisposalLedger(bench.ledger).pending() == 0)
    }

    @Test func `an inbox that goes away counts against one file, and the rest stays due`() async throws {
        let bench = try RunBench()
        for number in 0..<100 { try bench.put(pdf, "invoice_pdfs/\(number).pdf", modified: number) }
        bench.inbox.before { $0 == .move ? .unreachable("cut off") : nil }
        try await bench.serve()
        #expect(try bench.lines("SELECT count(*) FROM disposal WHERE attempts > 0") == ["1"])
        #expect(try DisposalLedger(bench.ledger).pending() == 100)
        #expect(bench.inbox.count(.move) <= 64)
        bench.inbox.heal()
        try await bench.disposer().carryOut()
        #expect(try DisposalLedger(bench.ledger).pending() == 0)
    }

    @Test func `moves whose replies were lost by the dozen are found out`() async throws {
        let bench = try RunBench()
        for number in 0..<100 { try bench.put(pdf, "invoice_pdfs/\(number).pdf", modified: number) }
        bench.inbox.after { $0 == .move ? .unreachable("cut off") : nil }
        try await bench.serve()
        #expect(try DisposalLedger(bench.ledger).pending() == 100)
        bench.inbox.heal()
        try await bench.disposer().carryOut()
        #expect(try bench.folder.names(in: "inbox/invoice_pdfs/processed").count == 100)
        #expect(try DisposalLedger(bench.ledger).pending() == 0)
        let notes = try bench.lines("SELECT count(*) FROM events WHERE detail ->> 'note' IS NOT NULL")
        #expect(notes == ["0"])
    }
}

/// Lets nobody through until so many wait.
private actor MoveGate {
    private let width: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private var isOpen = false
    private(set) var most = 0

    init(width: Int) { self.width = width }

    func pass() async {
        if isOpen { return }
        await withCheckedContinuation { continuation in
            waiting.append(continuation)
            most = max(most, waiting.count)
            guard waiting.count == width else { return }
            isOpen = true
            for other in waiting { other.resume() }
            waiting.removeAll()
        }
    }
}
