import Foundation
import Glibc
import Receivables
import TestSupport

/// One customer's receivables of a size: files that are made when they are first asked for, and kept.
///
/// The same seed and size give the same bytes everywhere; no file is held in memory.
struct Book {
    /// Changes whenever the same seed gives other bytes, so that old files are not taken for new ones.
    private static let version = 1

    let invoices: Int
    let customers: Int
    let folder: String
    private let seed: UInt64

    /// - Parameters:
    ///   - invoices: How many open invoices there are on the first day.
    ///   - customers: How many customers; one for six or seven invoices unless told.
    ///   - seed: Which book of the size.
    ///   - data: The folder where generated files are kept.
    /// - Throws: ``SystemError`` when no folder can be made there.
    init(invoices: Int, customers: Int? = nil, seed: UInt64 = 20_261_120, in data: String) throws {
        self.invoices = invoices
        self.customers = customers ?? max(50, invoices * 15 / 100)
        self.seed = seed
        folder = "\(data)/v\(Self.version)-\(seed)-\(invoices)-\(self.customers)"
        try Files.makeFolder(folder)
    }

    /// The path of a file; it is made if it is not there.
    func path(_ file: DataFile) throws -> String {
        _ = try contents(file)
        return "\(folder)/\(file.name)"
    }

    /// The path of the issues that a dirty file must raise: `record|line|code|column` in each line.
    var issuesPath: String { "\(folder)/invoices-dirty.issues" }

    /// What is in a file; it is made if it is not there.
    func contents(_ file: DataFile) throws -> Contents {
        let account = "\(folder)/\(file.name).json"
        if let known = FileManager.default.contents(atPath: account) {
            return try JSONDecoder().decode(Contents.self, from: known)
        }
        var contents = try make(file)
        contents.bytes = try Files.size("\(folder)/\(file.name)")
        // Written last: a file without its account is one that was not finished.
        try JSONEncoder().encode(contents).write(to: URL(fileURLWithPath: account), options: .atomic)
        return contents
    }

    private func make(_ file: DataFile) throws -> Contents {
        let invoiceRows = InvoiceRows(seed: seed, count: invoices, customers: customers)
        return switch file.table {
        case .subsidiaries: try write(SubsidiaryRows(), file)
        case .customers: try write(CustomerRows(seed: seed, count: customers), file)
        case .invoices: try write(invoiceRows, file)
        case .contacts: try write(ContactRows(seed: seed, customers: customers), file, keepsAll: true)
        case .payments: try write(PaymentRows(seed: seed, invoices: invoiceRows), file, keepsAll: true)
        case .applications:
            try write(ApplicationRows(seed: seed, invoices: invoiceRows), file, keepsAll: true)
        }
    }

    /// - Parameters:
    ///   - rows: The rows of the type.
    ///   - file: Which file of them.
    ///   - keepsAll: Whether no row goes and none comes on the next day, as where files name whole sets.
    /// - Returns: What is in it.
    private func write<Kind: Rows>(_ rows: Kind, _ file: DataFile, keepsAll: Bool = false) throws -> Contents
    {
        try check(Kind.self)
        let output = try RowWriter(path: "\(folder)/\(file.name)")
        output.put(Array(Kind.header.joined(separator: ",").utf8))
        try output.endRow()
        var contents = Contents()
        switch file.edition {
        case .first:
            for row in 0..<rows.count {
                contents.sums += rows.write(row, .first, to: output)
                try output.endRow()
            }
            contents.rows = rows.count
        case .next, .shuffled:
            let added = keepsAll ? 0 : rows.count * 7 / 1000
            let all = rows.count + added
            let order = Permutation(count: all, seed: seed)
            for place in 0..<all {
                let row = file.edition == .shuffled ? order(place) : place
                try writeNext(row, of: rows, keepsAll: keepsAll, to: output, counting: &contents)
            }
        case .dirty:
            try writeDirty(rows, to: output, counting: &contents)
        }
        try output.flush()
        return contents
    }

    private func writeNext(
        _ row: Int,
        of rows: some Rows,
        keepsAll: Bool,
        to output: RowWriter,
        counting contents: inout Contents
    ) throws {
        var version = RowVersion.first
        var chance = Chance(seed: seed &+ 1, table: type(of: rows).table, row: row)
        if row >= rows.count {
            contents.added += 1
        } else {
            switch chance.below(1_000_000) {
            case 0..<7016 where !keepsAll:
                contents.absent += 1
                return
            case 7016..<20_233:
                contents.changed += 1
                version = .changed
            default: break
            }
        }
        contents.sums += rows.write(row, version, to: output)
        contents.rows += 1
        try output.endRow()
    }

    private func writeDirty(_ rows: some Rows, to output: RowWriter, counting contents: inout Contents) throws
    {
        let issues = try RowWriter(path: issuesPath)
        for row in 0..<rows.count {
            guard row % 490 == 245, let flaw = Flaw(rawValue: row / 490 % Flaw.allCases.count) else {
                contents.sums += rows.write(row, .first, to: output)
                try output.endRow()
                continue
            }
            // The header is record 1 and line 1.
            issues.put(Array("\(row + 2)|\(output.lines + 1)|\(flaw.issue.code)|\(flaw.issue.column)".utf8))
            try issues.endRow()
            _ = rows.write(row, .flawed(flaw), to: output)
            try output.endRow()
            if flaw.isParked { contents.parked += 1 } else { contents.rejected += 1 }
        }
        contents.rows = rows.count
        try issues.flush()
    }

    /// Makes sure that the shipped program knows the columns by these names.
    private func check(_ rows: (some Rows).Type) throws {
        guard let type = Catalogue.type(named: rows.type) else {
            throw SystemError(message: "the catalogue has no type \(rows.type)")
        }
        for name in rows.header.dropLast(rows.customColumns) where type.column(named: name) == nil {
            throw SystemError(message: "\(rows.type) has no column \(name)")
        }
        for name in rows.header.suffix(rows.customColumns) where type.column(named: name) != nil {
            throw SystemError(message: "\(name) is not a column of the customer's own")
        }
    }
}
