import Glibc
import TestSupport
import Testing

/// Very many small files lie in the drop at one slot: invoice PDFs, sheets of a few rows, and what is neither.
@Suite(.timeLimit(Torture.limit))
struct ManyFilesTests {
    /// Eight of ten are PDFs, one is a sheet, one is refused.
    private static func file(_ number: Int) -> DroppedFile {
        let padding = String(repeating: "x", count: 900)
        switch number % 10 {
        case 0:
            return .sheet(
                "payment_receipts",
                "payment_id,customer_id,payment_date,amount,currency,memo",
                (1...3).map { "P\(number)-\($0),C1,2025-02-01,\(number).25,USD,\(padding.prefix(300))" },
                name: "payments-\(number).csv"
            )
        case 1:
            return DroppedFile("no PDF \(number) \(padding)", in: "invoice_pdfs", name: "scan-\(number).pdf")
        default:
            return DroppedFile(
                "%PDF-1.4\n\(number) \(padding)\n%%EOF\n",
                in: "invoice_pdfs",
                name: "INV-\(number).pdf"
            )
        }
    }

    @Test func `each of very many files gets its state, in one run and with one mail`() async throws {
        let files = Torture.number("TORTURE_FILES", long: 100_000, short: 200)
        // One entry of a run is the file of the customers.
        let others = files - 1
        let drop = try await EndToEndDrop.start()
        try drop.place(.customers("C1,Acme,1.00,USD"))
        for number in 0..<others {
            let file = Self.file(number)
            try drop.server.folder.makeFolder("inbox/\(file.folder)")
            try drop.server.folder.write(file.bytes, to: "inbox/\(file.path)")
        }

        let start = ContinuousClock.now
        let program = try drop.launch("poll")
        var most = Memory()
        let status = try await poll("the end of the run") {
            most.look(at: program.processID)
            return program.exitStatus
        }
        let time = ContinuousClock.now - start
        #expect(status == 65, "\(drop.lastComplaint())")

        let refused = (0..<others).count { $0 % 10 == 1 }
        let states = try drop.query("SELECT state, count(*) FROM files GROUP BY state ORDER BY state")
        #expect(states == ["failed|\(refused)", "loaded|\(files - refused)"])
        let sums = try drop.query(
            "SELECT (SELECT count(*) FROM payment_receipts), (SELECT count(*) FROM invoice_pdfs)"
        )
        let sheets = (0..<others).count { $0 % 10 == 0 }
        #expect(sums == ["\(sheets * 3)|\(others - refused - sheets)"])
        #expect(try drop.mailKinds() == ["digest"])
        for folder in ["payment_receipts/pending", "invoice_pdfs"] {
            #expect(try drop.listing(folder).allSatisfy { !$0.hasSuffix(".csv") && !$0.hasSuffix(".pdf") })
        }
        let verdict = try drop.verify()
        #expect(verdict.good && verdict.notes.isEmpty, "\(verdict.complaint)")
        if Torture.isLong { #expect(time < .seconds(15 * 60)) }
        Torture.tell(
            "\(files) files, \(refused) of them refused: done after \(time / .seconds(1)) s with one mail, with \(most.kilobytes / 1024) MB"
        )
    }

    /// The most memory that a program had.
    private struct Memory {
        private(set) var kilobytes = 0

        mutating func look(at process: pid_t) {
            guard let status = try? TemporaryFolder.read("/proc/\(process)/status") else { return }
            let lines = String(decoding: status, as: UTF8.self).split(separator: "\n")
            guard let line = lines.first(where: { $0.hasPrefix("VmHWM:") }) else { return }
            kilobytes = max(kilobytes, line.split(separator: " ").compactMap { Int($0) }.first ?? 0)
        }
    }
}
