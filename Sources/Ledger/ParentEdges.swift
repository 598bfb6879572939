import Foundation
import GRDB

/// The parents that the rows of a file name, in a temporary table, to be linked once all rows are known.
///
/// The graph that is judged is the stored one with the file's edges in place of the stored edges of the same rows.
package final class ParentEdges {
    /// A row that names a parent.
    package struct Edge: Sendable {
        package var child: String
        package var parent: String
        package var place: RecordPlace
        package var isInCycle: Bool
        /// What became of the row before its parent was looked at.
        package var outcome: Int64
        package var bytes: [UInt8]
    }

    private let db: Database
    private let table: String
    private let key: String
    private let adding: RawStatement

    /// - Parameters:
    ///   - table: Whose `parent_id` is the stored edge.
    ///   - key: Its key column.
    init(_ db: Database, table: String, key: String) throws {
        self.db = db
        self.table = table
        self.key = key
        try db.execute(sql: "DELETE FROM temp.parent_edge")
        adding = try RawStatement(
            db,
            sql: """
                INSERT OR REPLACE INTO temp.parent_edge (child, parent, outcome, record, line, byte_offset, bytes)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """
        )
    }

    package func add(
        child: UnsafeRawBufferPointer,
        parent: UnsafeRawBufferPointer,
        outcome: Int64,
        at place: RecordPlace,
        bytes: UnsafeRawBufferPointer? = nil
    ) throws {
        adding.bind(text: child, at: 1)
        adding.bind(text: parent, at: 2)
        adding.bind(outcome, at: 3)
        adding.bind(place.record, at: 4)
        adding.bind(place.line, at: 5)
        adding.bind(place.byteOffset, at: 6)
        if let bytes { adding.bind(blob: bytes, at: 7) } else { adding.bind(nil, at: 7) }
        try adding.run()
    }

    /// Marks every edge that lies on a loop.
    ///
    /// - Returns: Whether there is any.
    package func findCycles() throws -> Bool {
        try db.execute(sql: "UPDATE temp.parent_edge SET mark = 0")
        let stored = try db.makeStatement(sql: storedParent)
        let edge = try db.makeStatement(sql: "SELECT parent, mark FROM temp.parent_edge WHERE child = ?")
        let marking = try db.makeStatement(sql: "UPDATE temp.parent_edge SET mark = ? WHERE child = ?")
        let looping = try db.makeStatement(sql: "UPDATE temp.parent_edge SET in_cycle = 1 WHERE child = ?")
        let following = try db.makeStatement(
            sql: "SELECT min(child) FROM temp.parent_edge WHERE child > ?"
        )
        var walk: Int64 = 0
        var found = false
        func next(of child: String) throws -> (parent: String?, mark: Int64?) {
            if let row = try Row.fetchOne(edge, arguments: [child]) { return (row["parent"], row["mark"]) }
            return (try String.fetchOne(stored, arguments: [child]), nil)
        }
        var last = ""
        while let start = try String.fetchOne(following, arguments: [last]) {
            last = start
            walk += 1
            var here = start
            while true {
                let step = try next(of: here)
                if step.mark == walk {
                    // Back on our own track: go round once more and mark the loop.
                    found = true
                    let first = here
                    repeat {
                        let around = try next(of: here)
                        if around.mark != nil { try looping.execute(arguments: [here]) }
                        here = around.parent ?? first
                    } while !here.utf8.elementsEqual(first.utf8)
                    break
                }
                if let mark = step.mark {
                    if mark != 0 { break }
                    try marking.execute(arguments: [walk, here])
                }
                guard let parent = step.parent else { break }
                here = parent
            }
        }
        return found
    }

    /// The parent of a stored row; a customer that waits for its parent will have it as soon as that one is there.
    private var storedParent: String {
        let parent =
            table == "customer"
            ? "coalesce(parent_id, CASE WHEN parent_cycle IS NULL THEN parent_wanted END)" : "parent_id"
        return "SELECT \(parent) FROM \(table) WHERE \(key) = ?"
    }

    /// The edges in file order, a page at a time.
    package func edges(after record: Int64, limit: Int = 1000) throws -> [Edge] {
        try Row.fetchAll(
            db,
            sql: "SELECT * FROM temp.parent_edge WHERE record > ? ORDER BY record LIMIT ?",
            arguments: [record, limit]
        ).map(edge)
    }

    /// Marks the edges whose parent is stored: their rows can be written now.
    package func findReady() throws {
        try db.execute(
            sql: "UPDATE temp.parent_edge SET ready = 1 WHERE parent IN (SELECT \(key) FROM \(table))"
        )
    }

    /// The next edge whose parent is stored; for rows that cannot be written without it.
    package func nextReady() throws -> Edge? {
        try Row.fetchOne(db, sql: "SELECT * FROM temp.parent_edge WHERE ready = 1 ORDER BY record LIMIT 1")
            .map(edge)
    }

    /// Forgets an edge whose row is dealt with.
    ///
    /// - Parameter isStored: Whether the row stands in the ledger now, so that its children can follow.
    package func remove(_ edge: Edge, isStored: Bool) throws {
        try db.execute(sql: "DELETE FROM temp.parent_edge WHERE child = ?", arguments: [edge.child])
        if isStored {
            try db.execute(
                sql: "UPDATE temp.parent_edge SET ready = 1 WHERE parent = ?",
                arguments: [edge.child]
            )
        }
    }

    /// The keys of the loop that an edge lies on, beginning with its child.
    package func loop(of edge: Edge) throws -> [String] {
        var keys = [edge.child]
        var here = edge.parent
        while !here.utf8.elementsEqual(edge.child.utf8), keys.count < 10 {
            keys.append(here)
            let next =
                try String.fetchOne(
                    db,
                    sql: "SELECT parent FROM temp.parent_edge WHERE child = ?",
                    arguments: [here]
                )
                ?? String.fetchOne(db, sql: storedParent, arguments: [here])
            guard let next else { break }
            here = next
        }
        return keys
    }

    private func edge(_ row: Row) -> Edge {
        Edge(
            child: row["child"],
            parent: row["parent"],
            place: RecordPlace(record: row["record"], line: row["line"], byteOffset: row["byte_offset"]),
            isInCycle: row["in_cycle"],
            outcome: row["outcome"],
            bytes: (row["bytes"] as Data?).map { Array($0) } ?? []
        )
    }
}

extension LoadTransaction {
    package func parentEdges(table: String, key: String) throws -> ParentEdges {
        try ParentEdges(db, table: table, key: key)
    }
}
