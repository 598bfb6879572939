import Foundation
import GRDB

extension Ledger {
    /// Writes a consistent copy of a ledger, as of one moment, while others read and write it.
    ///
    /// - Parameters:
    ///   - path: The ledger.
    ///   - copy: A file that is empty or not there.
    /// - Throws: ``LedgerFailure`` or `DatabaseError`; then `copy` is not to be used.
    package static func copy(_ path: String, to copy: String) throws {
        guard FileManager.default.fileExists(atPath: path) else { throw LedgerFailure.missing(path) }
        // Not a connection of the pool: those may not write anywhere.
        let original = try DatabaseQueue(path: path, configuration: connection(readOnly: true))
        try original.inDatabase { db in
            try refuseForeign(db, path: path)
            try db.execute(sql: "VACUUM INTO ?", arguments: [copy])
        }
        try original.close()
    }

    /// What a copy says about itself, after all of it was read.
    package struct CopyFacts: Sendable {
        package let uuid: String
        package let lastEvent: Int64
    }

    /// Reads a whole copy; nothing is written beside it.
    ///
    /// - Throws: ``LedgerDamaged`` when it is no whole ledger.
    package static func inspect(copy path: String) throws -> CopyFacts {
        let copy = try DatabaseQueue(path: path, configuration: connection(readOnly: true))
        let facts = try copy.read { db in
            try refuseForeign(db, path: path)
            let findings = try LedgerAudit.pages(db)
            guard findings.isEmpty else { throw LedgerDamaged(findings: findings.map(\.message)) }
            guard let uuid = try String.fetchOne(db, sql: "SELECT uuid FROM identity") else {
                throw LedgerFailure.missing(path)
            }
            let last = try Int64.fetchOne(db, sql: "SELECT max(seq) FROM event") ?? 0
            return CopyFacts(uuid: uuid, lastEvent: last)
        }
        try copy.close()
        return facts
    }
}
