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
    package func receive(_ arrival: LocalArrival, at time: Timestamp) throws -> Int64 {
        try pool.write { db in try db.receive(arrival, at: time) }
    }
}

/// A file that came on another way than over the server.
package struct LocalArrival: Sendable {
    package var name: String
    /// The record type's name.
    package var type: String
    package var size: Int64
    /// `nil` where it is not known whether the same bytes came before.
    package var sha256: String?

    package init(name: String, type: String, size: Int64, sha256: String? = nil) {
        self.name = name
        self.type = type
        self.size = size
        self.sha256 = sha256
    }
}

extension Database {
    func receive(_ arrival: LocalArrival, at time: Timestamp) throws -> Int64 {
        try execute(
            sql: """
                INSERT INTO file (type, directory, path, path_text, name, size, sha256, state, first_seen_at, received_at)
                VALUES (:type, '', :path, :name, :name, :size, :sha256, 'received', :now, :now)
                """,
            arguments: [
                "type": arrival.type, "path": Data(arrival.name.utf8), "name": arrival.name,
                "size": arrival.size, "sha256": arrival.sha256, "now": time.text,
            ]
        )
        return lastInsertedRowID
    }
}
