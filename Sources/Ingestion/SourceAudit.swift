import CSV
import Intake
package import Ledger
import Receivables

/// The copies of applied files, read once more and compared with what the ledger made of them.
///
/// Each file must have as many rows as it counts, and a stored amount must be exactly what the last file to change its
/// row says. Files are read under today's settings; what those refuse now is passed over and counted.
package struct SourceAudit {
    /// What is wrong with the number of rows, and with amounts.
    package private(set) var rowFindings: [String] = []
    package private(set) var amountFindings: [String] = []
    package private(set) var files: Int64 = 0
    package private(set) var rows: Int64 = 0
    package private(set) var amounts: Int64 = 0
    /// Files that cannot be read under today's settings, or whose copy is pruned.
    package private(set) var unread: Int64 = 0

    private let settings: LoadSettings

    /// Reads every copy; blocks.
    ///
    /// - Parameters:
    ///   - ledger: Asked as of one moment.
    ///   - spoolFolder: Where the copies lie.
    ///   - settings: How they are read.
    /// - Throws: `DatabaseError` when the ledger cannot be read.
    package init(_ ledger: Ledger, spoolFolder: String, settings: LoadSettings) throws {
        self = try SourceQueries.ask(ledger) { queries in
            var audit = SourceAudit(settings)
            let spool = try Spool(folder: spoolFolder)
            for file in try queries.applied() {
                guard spool.holds(file.sha256) else {
                    audit.unread += 1
                    continue
                }
                do {
                    try audit.compare(file, path: spool.path(of: file.sha256), queries)
                } catch is FileRefusal {
                    audit.unread += 1
                } catch is LoadFailure {
                    audit.unread += 1
                }
            }
            return audit
        }
    }

    private init(_ settings: LoadSettings) { self.settings = settings }

    /// An amount that a file of the type may have.
    private struct Amount {
        let name: String
        let format: ColumnFormat
        let field: Int
        let isTurned: Bool
    }

    private mutating func compare(
        _ file: SourceQueries.Applied,
        path: String,
        _ queries: SourceQueries
    ) throws {
        let source = try SpoolFile(path: path)
        let found = try HeaderSearch(type: file.type, settings: settings).find(in: source)
        let layout = found.layout
        let amounts = Self.amounts(layout)
        let key: (name: String, field: Int)? =
            if case .single(let name) = file.type.identity, let field = layout.field(of: name) {
                (name, field)
            } else { nil }
        // Where one of several rows with one key counts, the others say something else and are right to.
        let comparesAmounts = settings.duplicates == .fail && !file.isReplayed && !amounts.isEmpty
        let reading = settings.reading(of: file.type)
        var (rows, compared): (Int64, Int64) = (0, 0)
        var wrong: [String] = []
        let pulse = Pulse(
            file: ReceivedFile(
                fileID: file.id,
                type: file.type,
                name: "",
                mtime: nil,
                size: 0,
                sha256: file.sha256,
                spoolPath: path
            ),
            progress: nil,
            shouldStop: { false }
        )
        try FileSurvey.scan(
            source,
            layout: layout,
            headerRecord: found.recordNumber,
            settings: settings,
            pulse: pulse
        ) { record in
            rows += 1
            guard comparesAmounts, let key, FileSurvey.isSound(record, layout: layout) else { return }
            let name = Cell.trimmed(record.field(key.field))
            let columns = amounts.map(\.name)
            let stored = try queries.stored(file.type, key: key.name, name, columns: columns, by: file.id)
            guard let stored else { return }
            let currency = layout.field(of: "currency").flatMap { Currency(Cell.trimmed(record.field($0))) }
            for (amount, value) in zip(amounts, stored) {
                let cell = record.field(amount.field)
                guard let exponent = currency?.exponent,
                    case .value(.integer(let said)) = reading.read(cell, as: amount.format, scale: exponent)
                else { continue }
                compared += 1
                let meant = amount.isTurned ? abs(said) : said
                if value != meant { wrong.append("record \(record.number), \(amount.name)") }
            }
        } end: { _ in
        }
        files += 1
        self.rows += rows
        self.amounts += compared
        if rows != file.rows {
            rowFindings.append("file \(file.id) counts \(file.rows) rows, its copy has \(rows)")
        }
        for place in wrong.prefix(LedgerAudit.shown) {
            amountFindings.append("file \(file.id), \(place): another amount is stored")
        }
    }

    /// The amounts in a row's own currency; others need a parent to be read.
    private static func amounts(_ layout: FileLayout) -> [Amount] {
        layout.type.columns.compactMap { column in
            guard case .money(in: .row, _) = column.format, let field = layout.field(of: column.name) else {
                return nil
            }
            let isTurned = layout.type.rules.contains {
                $0.column == column.name && $0.condition == .madePositive
            }
            return Amount(name: column.name, format: column.format, field: field, isTurned: isTurned)
        }
    }
}
