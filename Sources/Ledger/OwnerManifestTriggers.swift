import GRDB
import Receivables

/// Voids what is remembered of owners, whoever it is that writes.
///
/// Their rows are written by the loads of their files, by healing, by the absence rules, with payments that are voided,
/// and by users of the product. Lines are judged by the amount, currency and status of their payment or credit memo and
/// by the currencies of the invoices as well. That a customer, an invoice or a payment is known ends only with its row.
enum OwnerManifestTriggers {
    static func make(_ db: Database) throws {
        for type in Catalogue.types where !type.identity.owners.isEmpty {
            for (event, row) in [("INSERT", "new"), ("UPDATE", "new"), ("DELETE", "old")] {
                try db.execute(
                    sql: """
                        CREATE TRIGGER IF NOT EXISTS \(type.table)_owner_\(event.lowercased()) AFTER \(event) ON \(type.table)
                        WHEN EXISTS (SELECT 1 FROM owner_manifest WHERE type = '\(type.name)')
                        BEGIN
                            INSERT INTO owner_touched (type, owner)
                            VALUES ('\(type.name)', CAST(\(row).\(type.ownerColumn) AS BLOB)) ON CONFLICT DO NOTHING;
                        END
                        """
                )
            }
            if type.emptySet != nil { try makeTriggers(ofOwners: type, db) }
            for target in Set(type.references.compactMap { Catalogue.type(named: $0.target)?.table }).sorted()
            {
                try db.execute(
                    sql: """
                        CREATE TRIGGER IF NOT EXISTS \(target)_gone_from_\(type.table) AFTER DELETE ON \(target)
                        BEGIN
                            DELETE FROM owner_manifest WHERE type = '\(type.name)';
                        END
                        """
                )
            }
        }
        let lines = Catalogue.types.filter { $0.emptySet != nil }.map { "'\($0.name)'" }.joined(
            separator: ", "
        )
        try db.execute(
            sql: """
                CREATE TRIGGER IF NOT EXISTS invoice_touches_lines AFTER UPDATE OF currency ON invoice
                WHEN old.currency IS NOT new.currency
                BEGIN
                    DELETE FROM owner_manifest WHERE type IN (\(lines));
                END
                """
        )
    }

    /// - Parameter type: The type of the lines of a payment or credit memo.
    private static func makeTriggers(ofOwners type: RecordType, _ db: Database) throws {
        guard let owner = type.reference(from: type.ownerColumn).flatMap({ Catalogue.type(named: $0.target) })
        else { return }
        try db.execute(
            sql: """
                CREATE TRIGGER IF NOT EXISTS \(owner.table)_touches_lines
                AFTER UPDATE OF amount, currency, status, lines_loaded ON \(owner.table)
                WHEN (old.amount IS NOT new.amount OR old.currency IS NOT new.currency OR old.status IS NOT new.status
                      OR old.lines_loaded IS NOT new.lines_loaded)
                     AND EXISTS (SELECT 1 FROM owner_manifest WHERE type = '\(type.name)')
                BEGIN
                    INSERT INTO owner_touched (type, owner)
                    VALUES ('\(type.name)', CAST(new.\(type.ownerColumn) AS BLOB)) ON CONFLICT DO NOTHING;
                END
                """
        )
    }
}
