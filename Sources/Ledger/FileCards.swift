import GRDB

/// What a directory of all files keeps of one.
package struct FileCard: Sendable, Equatable {
    package var id: Int64
    /// The record type, where it is known.
    package var type: String?
    package var state: String
    /// Escaped, as people are shown it; it never changes.
    package var name: String
    /// When it was first seen, in milliseconds of the epoch.
    package var seenAt: Int64
}

/// How files became what they are, for a directory of all of them that is kept in memory.
package struct FileCards: Sendable {
    /// What is new since the last look.
    package struct News: Sendable {
        /// Files that are new or may have changed, in the order of their ids.
        package var cards: [FileCard] = []
        /// The newest event that was looked at.
        package var seq: Int64 = 0
        /// Whether there is more.
        package var isCut = false
    }

    /// So many events, and so many files, are looked at in one go.
    private static let limit = 20_000

    let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// Files with an id above `file`, and those up to it that events after `seq` tell of; -1 begins.
    ///
    /// Each change of a state has an event; where a plan changes many at once, that is the event of its run.
    ///
    /// - Throws: `DatabaseError`.
    package func news(after seq: Int64, file: Int64) throws -> News {
        try ledger.pool.read { db in
            let last = try Int64.fetchOne(db, sql: "SELECT max(seq) FROM event") ?? 0
            var news = News(seq: seq)
            var cards: [FileCard] = []
            // A new directory begins with what there is, and not with how it came about.
            if seq < 0 {
                news.seq = last
            } else if last > seq {
                let (files, runs, end) = try Self.touched(after: seq, in: db)
                news.seq = end ?? last
                news.isCut = end != nil
                // The changes of files that are not known yet come with them.
                for page in files.filter({ $0 <= file }).sorted().chunked(by: 500) {
                    cards += try Self.cards(
                        db,
                        "file_id IN (\(page.map(String.init).joined(separator: ",")))"
                    )
                }
                for run in runs { cards += try Self.cards(db, "run_id = \(run) AND file_id <= \(file)") }
            }
            let fresh = try Self.cards(db, "file_id > \(file) ORDER BY file_id LIMIT \(Self.limit)")
            if fresh.count == Self.limit { news.isCut = true }
            cards += fresh
            news.cards = cards.sorted { $0.id < $1.id }
            return news
        }
    }

    private static func touched(after seq: Int64, in db: Database) throws
        -> (files: Set<Int64>, runs: Set<Int64>, end: Int64?)
    {
        var files: Set<Int64> = []
        var runs: Set<Int64> = []
        var end: Int64 = seq
        var count = 0
        let rows = try Row.fetchCursor(
            db,
            sql: "SELECT seq, event, run_id, file_id FROM event WHERE seq > ? ORDER BY seq LIMIT \(limit)",
            arguments: [seq]
        )
        while let row = try rows.next() {
            count += 1
            end = row[0]
            if let file: Int64 = row[3] {
                files.insert(file)
            } else if let run: Int64 = row[2], (row[1] as String).hasPrefix("run.") {
                runs.insert(run)
            }
        }
        return (files, runs, count == limit ? end : nil)
    }

    private static func cards(_ db: Database, _ condition: String) throws -> [FileCard] {
        var cards: [FileCard] = []
        let rows = try Row.fetchCursor(
            db,
            sql: "SELECT file_id, type, state, name, first_seen_at FROM file WHERE \(condition)"
        )
        while let row = try rows.next() {
            cards.append(
                FileCard(
                    id: row[0],
                    type: row[1],
                    state: row[2],
                    name: row[3],
                    seenAt: Timestamp(row[4] as String)?.milliseconds ?? 0
                )
            )
        }
        return cards
    }

    /// The files of some ids, in their order; at most 500 are asked for.
    package func files(_ ids: [Int64]) throws -> [FileRow] {
        guard !ids.isEmpty else { return [] }
        return try ledger.pool.read { db in
            let list = ids.prefix(500).map(String.init).joined(separator: ",")
            let rows = try Row.fetchAll(db, sql: "SELECT * FROM file WHERE file_id IN (\(list))")
                .map(FileRow.init)
            let found = Dictionary(rows.map { ($0.id, $0) }) { first, _ in first }
            return ids.compactMap { found[$0] }
        }
    }
}

extension Array {
    /// The elements in pieces of at most that length.
    fileprivate func chunked(by length: Int) -> [ArraySlice<Element>] {
        stride(from: 0, to: count, by: length).map { self[$0..<Swift.min($0 + length, count)] }
    }
}
