import Glibc
import Ledger
import Receivables

/// Loads an invoice PDF: a file that is one record.
struct PDFLoad {
    /// The largest PDF that is taken, in bytes (`records.md` 3.9).
    static let limit: Int64 = 25 << 20
    /// How far from the end `%%EOF` may stand.
    private static let tail = 1024

    let file: ReceivedFile
    let transaction: LoadTransaction

    /// - Throws: ``FileRefusal`` when the file is no PDF.
    func load() throws -> RowCounts {
        try check()
        var counts = RowCounts()
        counts.total = 1
        let (outcome, ambiguous) = try transaction.putPDF(
            name: file.name,
            sha256: file.sha256,
            size: file.size
        )
        switch outcome {
        case .inserted: counts.inserted = 1
        case .updated: counts.updated = 1
        case .unchanged: counts.unchanged = 1
        }
        if !ambiguous.isEmpty, outcome != .unchanged {
            try transaction.issues.append(.pdfAmbiguous(file.name, invoices: ambiguous))
        }
        return counts
    }

    private func check() throws {
        guard file.size > 0 else { throw FileRefusal(.emptyFile) }
        guard file.size <= Self.limit else {
            throw FileRefusal(.tooLarge("PDF", found: "of \(file.size) bytes", limit: "\(Self.limit) bytes"))
        }
        let spool = try SpoolFile(path: file.spoolPath)
        guard try spool.bytes(at: 0, count: 5).elementsEqual("%PDF-".utf8) else {
            throw FileRefusal(
                .badStructure(line: 1, found: "the first bytes are not %PDF-", expected: "a PDF")
            )
        }
        let start = max(0, file.size - Int64(Self.tail))
        let end = try spool.bytes(at: start, count: Self.tail)
        guard String(decoding: end, as: UTF8.self).contains("%%EOF") else {
            throw FileRefusal(.badStructure(line: 1, found: "no %%EOF near the end", expected: "a whole PDF"))
        }
    }
}
