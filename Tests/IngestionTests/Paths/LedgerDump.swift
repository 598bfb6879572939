import GRDB
import Ledger
import Receivables

/// All that a ledger holds, row by row in the order in which it was written, but for what only makes loading quick.
///
/// The views show these tables and nothing else.
struct LedgerDump {
    var tables: [String: [String]] = [:]

    init(_ ledger: Ledger) throws {
        tables = try ledger.pool.read { db in
            let names = try String.fetchAll(
                db,
                sql: """
                    SELECT name FROM sqlite_schema WHERE type = 'table'
                       AND name NOT LIKE 'manifest%' AND name NOT LIKE 'owner%' AND name NOT LIKE 'sqlite_%'
                       AND name NOT IN ('identity', 'lease')
                    """
            )
            var tables: [String: [String]] = [:]
            for name in names {
                let type = Catalogue.types.first { $0.table == name }
                let sql =
                    name == "event"
                    // How a file was loaded is the one thing that may differ.
                    ? "SELECT seq, at, event, run_id, file_id, json_remove(detail, '$.path', '$.fallback') FROM event"
                    : "SELECT * FROM \(name)"
                let rows = try Row.fetchAll(db, sql: sql)
                if case .single = type?.identity {
                    // In which order new records were written shows nowhere.
                    tables[name] = rows.map { row in "\(row.filter { $0.0 != "id" }.map(\.1))" }.sorted()
                } else {
                    tables[name] = rows.map { "\($0.databaseValues)" }
                }
            }
            return tables
        }
    }

    /// What differs, in a few words.
    func differences(from other: LedgerDump) -> [String] {
        tables.keys.sorted().flatMap { name -> [String] in
            let (mine, theirs) = (tables[name] ?? [], other.tables[name] ?? [])
            guard mine != theirs else { return [] }
            let surplus = mine.filter { !theirs.contains($0) }.prefix(3).map { "\(name) + \($0)" }
            let missing = theirs.filter { !mine.contains($0) }.prefix(3).map { "\(name) - \($0)" }
            return surplus + missing + [
                "\(name): \(mine.count) rows, not \(theirs.count), or in another order"
            ]
        }
    }
}

extension Row {
    fileprivate var databaseValues: [DatabaseValue] { Array(self).map(\.1) }
}
