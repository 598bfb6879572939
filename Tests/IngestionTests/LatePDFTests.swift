import Testing

/// PDFs that came before their invoices.
@Suite(.timeLimit(.minutes(5)))
struct LatePDFTests {
    private static let header =
        "invoice_id,invoice_number,customer_id,invoice_date,due_date,amount,balance,currency"

    /// A few invoices take another way through many waiting PDFs than many do through a few; both find the same.
    @Test(arguments: [0, 40])
    func `a PDF is linked as soon as its invoice comes, however many others wait`(others: Int) async throws {
        let bench = try RunBench()
        for number in 0..<others { try bench.put("%PDF-1.4\n%%EOF\n", "invoice_pdfs/other-\(number).pdf") }
        for name in ["I-1", "N_2", "scan_3", "N-4"] {
            try bench.put("%PDF-1.4\n\(name)\n%%EOF\n", "invoice_pdfs/\(name).pdf")
        }
        try await bench.serve()
        #expect(try bench.lines("SELECT DISTINCT status FROM invoice_pdfs") == ["UNMATCHED"])
        try bench.put(
            "customer_id,name,balance,currency\nC1,A,1.00,USD\n",
            "customers_with_open_balances/pending/c.csv"
        )
        let rows = [
            ("I-1", "N-1", ""), ("I-2", "N/2", ""), ("I-3", "N-3", "scan_3.PDF"), ("I-4", "N-4", ""),
            ("I-5", "N-4", ""),
        ]
        .map { "\($0.0),\($0.1),C1,2025-01-01,2025-01-31,1.00,1.00,USD,\($0.2)\n" }
        try bench.put(Self.header + ",pdf_filename\n" + rows.joined(), "open_invoices/pending/i.csv")
        try await bench.serve()
        let linked = try bench.lines(
            "SELECT name, status, invoice_id FROM invoice_pdfs WHERE status <> 'UNMATCHED' ORDER BY name"
        )
        #expect(
            linked == [
                "I-1.pdf LINKED I-1", "N-4.pdf AMBIGUOUS -", "N_2.pdf LINKED I-2", "scan_3.pdf LINKED I-3",
            ]
        )
        let told = try bench.lines(
            "SELECT detail ->> 'pdfs_linked' FROM events WHERE event LIKE 'file.loaded%' AND detail ->> 'name' = 'i.csv'"
        )
        #expect(told == ["3"])
    }
}
