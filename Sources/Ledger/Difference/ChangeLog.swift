import GRDB
package import Receivables

/// Notes which rows a load writes, and from which line of which file.
///
/// Temporary triggers note it, so whatever way a row takes it is seen, and what a load takes back is forgotten with it.
/// The notes lie in a temporary table: memory does not grow with the file. Beside the rows of the file's own type, those
/// are noted that the load makes possible: parked rows of other files, and customers made up for rows that name them.
package final class ChangeLog {
    /// A file whose parked rows are tried again.
    struct Healing {
        let name: String
        let type: RecordType
    }

    let type: RecordType
    /// All types whose rows are noted, the file's own first.
    let types: [RecordType]
    /// The newest finding before other files' rows were tried again.
    private(set) var lastFinding: Int64 = 0
    private(set) var healings: [Int64: Healing] = [:]
    private let db: Database
    private let placing: RawStatement
    private var healing: Int64?

    init(_ db: Database, _ type: RecordType) throws {
        self.db = db
        self.type = type
        types = [type] + Catalogue.types.filter { $0.name != type.name && !$0.isFileOfBytes }
        try db.execute(sql: Self.tables)
        for (number, type) in types.enumerated() {
            for change in Change.allCases {
                let row = change == .deleted ? "old" : "new"
                try db.execute(
                    sql: """
                        DROP TRIGGER IF EXISTS temp.\(change.trigger(type));
                        CREATE TEMP TRIGGER \(change.trigger(type)) AFTER \(change.moment) ON main.\(type.table) BEGIN
                            INSERT INTO change_note (type, change, id, line, file)
                            SELECT \(number), \(change.rawValue), \(row).id, line, file FROM change_place WHERE true
                            ON CONFLICT (type, change, id) DO UPDATE SET line = coalesce(line, excluded.line);
                        END
                        """
                )
            }
        }
        placing = try RawStatement(db, sql: "UPDATE temp.change_place SET line = ?, file = ?")
    }

    private static let tables = """
        CREATE TEMP TABLE IF NOT EXISTS change_note (
            type INTEGER NOT NULL, change INTEGER NOT NULL, id INTEGER NOT NULL, line INTEGER, file INTEGER,
            PRIMARY KEY (type, change, id)
        ) WITHOUT ROWID;
        CREATE TEMP TABLE IF NOT EXISTS change_place (line INTEGER, file INTEGER);
        DELETE FROM temp.change_note;
        DELETE FROM temp.change_place;
        INSERT INTO temp.change_place VALUES (NULL, NULL);
        """

    /// What is written from now on comes from this row of the file; from none with `nil`.
    package func stand(at place: RecordPlace?) throws {
        placing.bind(place?.line, at: 1)
        placing.bind(healing, at: 2)
        try placing.run()
    }

    /// What is written from now on comes from parked rows of another file.
    func heal(_ parking: ParkingFile, _ type: RecordType) throws {
        if healings.isEmpty { lastFinding = try IssueLog.last(in: db) }
        healings[parking.file] = Healing(name: parking.name, type: type)
        healing = parking.file
        try stand(at: nil)
    }

    /// Forgets the triggers, for a ledger in which the load is kept.
    func close() throws {
        for type in types {
            for change in Change.allCases {
                try db.execute(sql: "DROP TRIGGER IF EXISTS temp.\(change.trigger(type))")
            }
        }
    }
}

extension ChangeLog {
    /// What happened to a row, as the notes have it.
    enum Change: Int, CaseIterable {
        case inserted = 0
        case updated = 1
        case deleted = 2

        fileprivate var moment: String {
            switch self {
            case .inserted: "INSERT"
            case .updated: "UPDATE"
            case .deleted: "DELETE"
            }
        }

        fileprivate func trigger(_ type: RecordType) -> String { "change_\(moment)_\(type.table)" }
    }
}

extension LoadTransaction {
    /// Begins to note what the load writes.
    package func noteChanges(of type: RecordType) throws {
        changes = try ChangeLog(db, type)
    }

    /// What tries the parked rows of another file within this transaction.
    ///
    /// The changes it makes are noted with those of this load.
    package func healing(_ parking: ParkingFile, _ type: RecordType) throws -> LoadTransaction {
        let other = try LoadTransaction(db, file: parking.file, time: time, isTrial: isTrial)
        try changes?.heal(parking, type)
        other.changes = changes
        return other
    }
}
