import Foundation
import GRDB

/// A file that another daemon has taken from the drop.
package struct ForeignClaim: Sendable, Hashable {
    /// Where it lies, as the server names it.
    package var path: [UInt8]
    /// The id of the other's ledger.
    package var owner: String

    package init(path: [UInt8], owner: String) {
        self.path = path
        self.owner = owner
    }
}

/// What others hold of our drop, and since when we see it: what lies for a day is told once.
package struct ClaimLedger: Sendable {
    /// How long another daemon may take over a file, in seconds.
    ///
    /// Counted from our first sight of it: the server's times are no times of ours.
    private static let patience: Int64 = 86400

    private let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// Takes note of the claims that lie there now, all of them.
    package func note(_ claims: [ForeignClaim], at time: Timestamp) async throws {
        let isQuiet = try await ledger.pool.read { db in
            try claims.isEmpty
                && Bool.fetchOne(db, sql: "SELECT NOT EXISTS (SELECT 1 FROM foreign_claim)") ?? true
        }
        guard !isQuiet else { return }
        try await ledger.asyncWrite { db in
            let told = try Self.owners(in: db, where: "told_at IS NOT NULL")
            try Self.replace(with: claims, at: time, in: db)
            let due = "told_at IS NULL AND seen_at <= ?"
            let limit = time.adding(seconds: -Self.patience).text
            for owner in try Self.owners(in: db, where: due, limit).sorted() {
                let row = try Row.fetchOne(
                    db,
                    sql: """
                        SELECT count(*) AS files, min(path) AS first, min(seen_at) AS since FROM foreign_claim
                         WHERE owner = ? AND \(due)
                        """,
                    arguments: [owner, limit]
                )
                guard let row else { continue }
                let event = Event(
                    .claimStale,
                    [
                        "owner": .text(owner), "files": .integer(row["files"]),
                        "first": .text(DisplayText(bytes: Array(row["first"] as Data)).text),
                        "seen": .text(row["since"]),
                    ]
                )
                try db.append(event, at: time)
            }
            try db.execute(
                sql: "UPDATE foreign_claim SET told_at = ? WHERE \(due)",
                arguments: [time.text, limit]
            )
            for owner in try told.subtracting(Self.owners(in: db, where: "told_at IS NOT NULL")).sorted() {
                try db.append(Event(.claimRecovered, ["owner": .text(owner)]), at: time)
            }
        }
    }

    private static func replace(with claims: [ForeignClaim], at time: Timestamp, in db: Database) throws {
        let there = Set(claims.map { Data($0.path) })
        let known = try Data.fetchSet(db, sql: "SELECT path FROM foreign_claim")
        for path in known.subtracting(there) {
            try db.execute(sql: "DELETE FROM foreign_claim WHERE path = ?", arguments: [path])
        }
        for claim in claims where !known.contains(Data(claim.path)) {
            try db.execute(
                sql:
                    "INSERT INTO foreign_claim (path, owner, seen_at) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
                arguments: [Data(claim.path), claim.owner, time.text]
            )
        }
    }

    private static func owners(
        in db: Database,
        where condition: String,
        _ argument: String? = nil
    ) throws -> Set<String> {
        try String.fetchSet(
            db,
            sql: "SELECT DISTINCT owner FROM foreign_claim WHERE \(condition)",
            arguments: argument.map { [$0] } ?? []
        )
    }
}
