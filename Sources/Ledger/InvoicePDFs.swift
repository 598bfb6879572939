import GRDB

/// Invoice PDFs and the invoices they belong to.
extension LoadTransaction {
    /// What became of a PDF's row.
    package enum PutOutcome: Sendable {
        case inserted
        case updated
        case unchanged
    }

    /// Stores a PDF under its name, and links it.
    ///
    /// - Returns: What changed, and the invoices it fits when there are several.
    package func putPDF(name: String, sha256: String, size: Int64) throws -> (PutOutcome, ambiguous: [String])
    {
        let stem = Self.stem(of: name)
        let matches = try invoices(fitting: stem)
        let status = matches.isEmpty ? "UNMATCHED" : matches.count == 1 ? "LINKED" : "AMBIGUOUS"
        let invoice = matches.count == 1 ? matches.first : nil
        let ambiguous = matches.count > 1 ? matches : []
        let stored = try Row.fetchOne(
            db.cachedStatement(
                sql: "SELECT sha256, size, status, invoice_id FROM invoice_pdf WHERE name = ?"
            ),
            arguments: [name]
        )
        if let stored, stored["sha256"] == sha256, stored["size"] == size, stored["status"] == status,
            stored["invoice_id"] as String? == invoice
        {
            return (.unchanged, ambiguous)
        }
        let put = try db.cachedStatement(
            sql: """
                INSERT INTO invoice_pdf (name, stem, sha256, size, status, invoice_id, file_id)
                VALUES (:name, :stem, :sha256, :size, :status, :invoice, :file)
                ON CONFLICT (name) DO UPDATE SET sha256 = excluded.sha256, size = excluded.size,
                    status = excluded.status, invoice_id = excluded.invoice_id, file_id = excluded.file_id
                """
        )
        try put.execute(arguments: [
            "name": name, "stem": stem, "sha256": sha256, "size": size, "status": status,
            "invoice": invoice, "file": file,
        ])
        return (stored == nil ? .inserted : .updated, ambiguous)
    }

    /// Tries the PDFs again that fitted no invoice; called after every load of invoices.
    ///
    /// - Parameter named: The invoices that may fit one now; `nil` for all.
    /// - Returns: How many were linked, and those that fit several invoices now.
    package func relinkPDFs(
        to named: Presence? = nil
    ) throws -> (linked: Int, ambiguous: [(name: String, invoices: [String])]) {
        var linked = 0
        var ambiguous: [(name: String, invoices: [String])] = []
        let rows: [Row]
        if let named, try hasUnmatched(beyond: named.count) {
            // Many PDFs wait, and the file is small: they are not all tried for each of many such files.
            rows = try unmatched(perhapsOf: named)
        } else {
            rows = try Row.fetchAll(
                db,
                sql: "SELECT id, name, stem FROM invoice_pdf WHERE status = 'UNMATCHED' ORDER BY id"
            )
        }
        for row in rows {
            let matches = try invoices(fitting: row["stem"])
            guard let first = matches.first else { continue }
            try db.execute(
                sql: "UPDATE invoice_pdf SET status = ?, invoice_id = ? WHERE id = ?",
                arguments: [
                    matches.count == 1 ? "LINKED" : "AMBIGUOUS", matches.count == 1 ? first : nil,
                    row["id"] as Int64,
                ]
            )
            if matches.count == 1 { linked += 1 } else { ambiguous.append((row["name"], matches)) }
        }
        return (linked, ambiguous)
    }

    private func hasUnmatched(beyond count: Int) throws -> Bool {
        let further = try db.cachedStatement(
            sql: """
                SELECT EXISTS (SELECT 1 FROM invoice_pdf INDEXED BY invoice_pdf_unmatched
                                WHERE status <> 'LINKED' LIMIT 1 OFFSET ?)
                """
        )
        return try Bool.fetchOne(further, arguments: [count]) ?? false
    }

    /// The PDFs without an invoice whose names may stand for one of these, in the order in which they came.
    private func unmatched(perhapsOf invoices: Presence) throws -> [Row] {
        // A stem fits by the invoice's own file name, its number or its id; the latter two are written without `/`.
        let waiting = try db.cachedStatement(
            sql: """
                SELECT p.id, p.name, p.stem FROM invoice i JOIN invoice_pdf p INDEXED BY invoice_pdf_unmatched
                    ON p.stem IN (i.pdf_filename, substr(i.pdf_filename, 1, length(i.pdf_filename) - 4),
                                  replace(i.invoice_number, '/', '_'), replace(i.invoice_id, '/', '_'))
                   AND p.status <> 'LINKED'
                 WHERE i.id = ? AND p.status = 'UNMATCHED'
                """
        )
        var found: [Int64: Row] = [:]
        for invoice in invoices.rows {
            for row in try Row.fetchAll(waiting, arguments: [invoice]) { found[row["id"]] = row }
        }
        return found.sorted { $0.key < $1.key }.map(\.value)
    }

    /// The invoices that a PDF fits, by the first rule under which there are any: its own file name, its number, its id.
    private func invoices(fitting stem: String) throws -> [String] {
        let named = try find(
            "pdf_filename IN (:stem || '.pdf', :stem || '.PDF', :stem || '.Pdf', :stem)",
            ["stem": stem]
        )
        if !named.isEmpty { return named }
        let spellings = Self.spellings(of: stem)
        for column in ["invoice_number", "invoice_id"] {
            let found: [String]
            if let spellings {
                let places = repeatElement("?", count: spellings.count).joined(separator: ", ")
                found = try find("\(column) IN (\(places))", StatementArguments(spellings))
            } else {
                let prefix = String(stem.prefix { $0 != "_" })
                found = try find(
                    "\(column) >= :prefix AND \(column) < :prefix || x'f4' AND replace(\(column), '/', '_') = :stem",
                    ["stem": stem, "prefix": prefix]
                )
            }
            if !found.isEmpty { return found }
        }
        return []
    }

    private func find(_ condition: String, _ arguments: StatementArguments) throws -> [String] {
        try String.fetchAll(
            db.cachedStatement(sql: "SELECT invoice_id FROM invoice WHERE \(condition) ORDER BY id LIMIT 10"),
            arguments: arguments
        )
    }

    /// What a stem may stand for: `/` cannot stand in a file name and is written `_`.
    ///
    /// - Returns: `nil` when these are too many to be looked up one by one.
    private static func spellings(of stem: String) -> [String]? {
        var spellings = [""]
        for piece in stem.split(separator: "_", omittingEmptySubsequences: false).enumerated() {
            if piece.offset == 0 {
                spellings = [String(piece.element)]
                continue
            }
            guard spellings.count < 64 else { return nil }
            spellings = spellings.flatMap { ["\($0)_\(piece.element)", "\($0)/\(piece.element)"] }
        }
        return spellings
    }

    /// The name without its extension, whatever the extension's case.
    static func stem(of name: String) -> String {
        name.lowercased().hasSuffix(".pdf") ? String(name.dropLast(4)) : name
    }
}
