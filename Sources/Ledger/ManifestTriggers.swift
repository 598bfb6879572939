import GRDB
import Receivables

/// Voids what manifests say, whoever it is that writes a row.
///
/// Rows of snapshot types are written by the loads of their files (plain, quick, corrections, deltas, replays, released
/// files), by healing, by clearing, by links to parents, by customers that are made up, and by users of the product.
/// Triggers see all of them, the next one too. A load that writes a new manifest has none while it runs, so that they do
/// nothing then; new rows need no trigger, since no entry can name them.
enum ManifestTriggers {
    static func make(_ db: Database) throws {
        for type in Catalogue.types where type.isSnapshot {
            try db.execute(
                sql: """
                    CREATE TRIGGER IF NOT EXISTS \(type.table)_touched AFTER UPDATE ON \(type.table)
                    WHEN EXISTS (SELECT 1 FROM manifest WHERE type = '\(type.name)')
                    BEGIN
                        INSERT INTO manifest_touched (type, id) VALUES ('\(type.name)', old.id) ON CONFLICT DO NOTHING;
                    END;
                    """
            )
        }
        // A record that goes, or gets another key, may be the parent of any row: nothing is known any more.
        for type in Catalogue.types where type.isSnapshot || type.isNamed {
            guard case .single(let key) = type.identity else { continue }
            try db.execute(
                sql: """
                    CREATE TRIGGER IF NOT EXISTS \(type.table)_gone AFTER DELETE ON \(type.table)
                    BEGIN
                        DELETE FROM manifest;
                    END;
                    CREATE TRIGGER IF NOT EXISTS \(type.table)_renamed AFTER UPDATE OF \(key) ON \(type.table)
                    WHEN old.\(key) IS NOT new.\(key)
                    BEGIN
                        DELETE FROM manifest;
                    END;
                    """
            )
        }
    }
}

extension RecordType {
    /// Whether rows of a snapshot type name records of this one.
    fileprivate var isNamed: Bool {
        Catalogue.types.contains { other in
            other.isSnapshot && other.references.contains { $0.target == name }
        }
    }
}
