import Foundation
import GRDB

extension Ledger {
    /// A private copy to try things out on; the original is only read.
    ///
    /// Without `original` the copy is a new, empty ledger. `folder` is the caller's, to be removed with all in it.
    ///
    /// - Throws: ``LedgerFailure`` or `DatabaseError`.
    package static func scratch(
        of original: Ledger?,
        drop: Drop,
        in folder: String,
        at time: Timestamp
    ) throws -> Ledger {
        let path = "\(folder)/ledger.sqlite"
        if let original {
            let copy = try DatabaseQueue(path: path)
            try original.pool.backup(to: copy)
            try copy.close()
        }
        return try Ledger.open(path: path, drop: drop, owner: UUID().uuidString, time: time)
    }

    /// Puts a local file into a scratch ledger as if it had just been received.
    ///
    /// Returns its id there.
    package func receiveLocal(name: String, type: String, size: Int64, at time: Timestamp) throws -> Int64 {
        try pool.write { db in
            try db.execute(
                sql: """
                    INSERT INTO file (type, directory, path, path_text, name, size, state, first_seen_at, received_at)
                    VALUES (:type, '', :path, :name, :name, :size, 'received', :now, :now)
                    """,
                arguments: [
                    "type": type, "path": Data(name.utf8), "name": name, "size": size, "now": time.text,
                ]
            )
            return db.lastInsertedRowID
        }
    }
}
