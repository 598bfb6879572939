import GRDB
package import Receivables

/// Reads, adds and changes the rows of one record type inside a load's transaction.
///
/// The statements are prepared once for the columns that a file has: this is the loop that every row of every file
/// goes through. A value's bytes must stay where they are until the call returns.
package final class RecordTable {
    /// A column that the file at hand writes.
    package struct Target: Sendable, Equatable {
        package var name: String
        /// Whether a null leaves the stored value as it is.
        package var keepsOnNull: Bool
        /// Whether a null leaves the stored value as it is if a user of the product entered it.
        package var keepsEntered: Bool
        /// Whether the value is a JSON merge patch (RFC 7396) of the stored object.
        package var isPatch: Bool

        package init(
            _ name: String,
            keepsOnNull: Bool = false,
            keepsEntered: Bool = false,
            isPatch: Bool = false
        ) {
            self.name = name
            self.keepsOnNull = keepsOnNull
            self.keepsEntered = keepsEntered
            self.isPatch = isPatch
        }
    }

    private let db: Database
    private let targets: [Target]
    private let findingByKey: RawStatement
    /// Prepared when first needed.
    private var findingByID: RawStatement?
    private let textByID: String
    /// The one of them that stands at the row last found.
    private var finding: RawStatement
    private let inserting: RawStatement
    private let table: String
    /// What is set in each target's column, in SQL.
    private let settings: [String]
    /// Statements that change a row, by the places of the targets that they set; prepared when first needed.
    ///
    /// Only what changes is set: for a column that is set, whatever to, SQLite takes the row out of its index and puts it
    /// back, looks up its parent, and asks its triggers.
    private var updating: [[Int]: RawStatement] = [:]
    /// Rows of one file mostly change in the same few columns.
    private static let mostUpdating = 16
    private let file: Int64
    /// The place of the list of columns that a user filled; `nil` where it does not matter.
    private let watchesEntered: Int?

    /// - Parameters:
    ///   - table: The table's name, from the catalogue.
    ///   - key: The columns of the unique key; they must stand among `targets` too.
    ///   - targets: The columns that are written, in the order in which values are given.
    ///   - watched: Further columns that ``integer(watched:)`` and ``text(watched:)`` show of a found row.
    ///   - file: The file that is recorded as the last to change a row.
    init(_ db: Database, table: String, key: [String], targets: [Target], watched: [String], file: Int64)
        throws
    {
        self.db = db
        self.targets = targets
        self.file = file
        watchesEntered = targets.contains(where: \.keepsEntered) ? targets.count + watched.count + 1 : nil
        let condition = key.map { "\(RecordTables.quoted($0)) = ?" }.joined(separator: " AND ")
        let shown = (targets.map(\.name) + watched + (watchesEntered == nil ? [] : ["entered"]))
            .map(RecordTables.quoted).joined(separator: ", ")
        findingByKey = try RawStatement(db, sql: "SELECT id, \(shown) FROM \(table) WHERE \(condition)")
        finding = findingByKey
        textByID = "SELECT id, \(shown) FROM \(table) WHERE id = ?"
        let places = targets.map { $0.isPatch ? "nullif(json_patch('{}', ?), '{}')" : "?" }
        inserting = try RawStatement(
            db,
            sql: """
                INSERT OR FAIL INTO \(table) (\(targets.map { RecordTables.quoted($0.name) }.joined(separator: ", ")), file_id)
                VALUES (\(places.joined(separator: ", ")), ?)
                """
        )
        self.table = table
        settings = targets.map { target -> String in
            let column = RecordTables.quoted(target.name)
            if target.isPatch { return "\(column) = nullif(json_patch(coalesce(\(column), '{}'), ?), '{}')" }
            if target.keepsOnNull { return "\(column) = coalesce(?, \(column))" }
            return target.keepsEntered
                ? "\(column) = coalesce(?, \(Self.entered(target.name)))" : "\(column) = ?"
        }
    }

    /// Looks a row up by its key and keeps it at hand for the questions below until the next call.
    ///
    /// - Returns: The row's id, or `nil` when there is none.
    package func find(_ key: FieldValue) throws -> Int64? {
        finding.reset()
        finding = findingByKey
        finding.bind(key, at: 1)
        return try finding.step() ? finding.integer(0) : nil
    }

    /// Looks a row up by its key, which a certain row is likely to have: if so, the index is not asked.
    ///
    /// - Parameter place: That of the key among the targets.
    package func find(_ key: FieldValue, in place: Int, likely id: Int64) throws -> Int64? {
        finding.reset()
        finding = try byID()
        finding.bind(id, at: 1)
        if try finding.step(), finding.holds(key, in: place + 1) { return id }
        return try find(key)
    }

    private func byID() throws -> RawStatement {
        if let findingByID { return findingByID }
        let prepared = try RawStatement(db, sql: textByID)
        findingByID = prepared
        return prepared
    }

    /// Looks a row up by its key of two columns.
    package func find(_ first: FieldValue, _ second: FieldValue) throws -> Int64? {
        finding.reset()
        finding = findingByKey
        finding.bind(first, at: 1)
        finding.bind(second, at: 2)
        return try finding.step() ? finding.integer(0) : nil
    }

    /// The places of the targets whose columns these values would change in the row that was found.
    package func changes(_ values: [FieldValue]) throws -> [Int] {
        var changes: [Int] = []
        for (place, target) in targets.enumerated() {
            if try differs(values[place], from: target, column: place + 1) { changes.append(place) }
        }
        return changes
    }

    private func differs(_ value: FieldValue, from target: Target, column: Int) throws -> Bool {
        if target.isPatch { return try patchChanges(value, column: column) }
        guard case .null = value else { return !finding.holds(value, in: column) }
        if target.keepsOnNull || finding.isNull(column) { return false }
        return !(target.keepsEntered && enteredColumns.contains(target.name))
    }

    /// The stored value, if a user of the product entered it.
    private static func entered(_ column: String) -> String {
        "CASE WHEN instr(entered, '|\(column)|') > 0 THEN \(RecordTables.quoted(column)) END"
    }

    /// The columns of the row that was found which a user of the product filled.
    private var enteredColumns: Set<String> {
        guard let watchesEntered else { return [] }
        return Set((finding.text(watchesEntered) ?? "").split(separator: "|").map(String.init))
    }

    /// An integer of the row that was found; `nil` for null.
    ///
    /// - Parameter watched: The place among the watched columns.
    package func integer(watched: Int) -> Int64? { finding.integer(targets.count + 1 + watched) }

    /// A text of the row that was found; `nil` for null.
    package func text(watched: Int) -> String? { finding.text(targets.count + 1 + watched) }

    /// Whether the row that was found has this value.
    ///
    /// - Parameter place: The place of the column among the targets.
    package func holds(_ value: FieldValue, in place: Int) -> Bool { finding.holds(value, in: place + 1) }

    /// Whether the watched column of the row that was found has this value.
    package func holds(_ value: FieldValue, watched: Int) -> Bool {
        finding.holds(value, in: targets.count + 1 + watched)
    }

    /// Adds a row.
    ///
    /// - Returns: Its id.
    package func insert(_ values: [FieldValue]) throws -> Int64 {
        finding.reset()
        for (index, value) in values.enumerated() { inserting.bind(value, at: index + 1) }
        inserting.bind(file, at: values.count + 1)
        try inserting.run()
        return db.lastInsertedRowID
    }

    /// Writes values into the row that was found.
    ///
    /// - Parameter places: Those of the targets that are written, as ``changes(_:)`` gave them.
    package func update(_ values: [FieldValue], at places: [Int], id: Int64) throws {
        finding.reset()
        let (statement, places) = try updating(places)
        for (index, place) in places.enumerated() { statement.bind(values[place], at: index + 1) }
        statement.bind(file, at: places.count + 1)
        statement.bind(id, at: places.count + 2)
        try statement.run()
    }

    /// A statement that sets these targets and maybe others.
    private func updating(_ places: [Int]) throws -> (statement: RawStatement, places: [Int]) {
        if let statement = updating[places] { return (statement, places) }
        // Where rows change in ever other columns, one statement sets all.
        let places = updating.count < Self.mostUpdating ? places : Array(targets.indices)
        if let statement = updating[places] { return (statement, places) }
        let changes = places.map { settings[$0] } + ["file_id = ?"]
        // `OR FAIL`: whatever goes wrong takes all of the load back. A statement that can be taken back alone makes
        // SQLite copy every page that it changes.
        let statement = try RawStatement(
            db,
            sql: "UPDATE OR FAIL \(table) SET \(changes.joined(separator: ", ")) WHERE id = ?",
            // There are more choices of columns than a connection should keep.
            isCommon: places.count == targets.count
        )
        updating[places] = statement
        return (statement, places)
    }

    /// Whether merging the patch into the stored object of the found row gives another object.
    private func patchChanges(_ patch: FieldValue, column: Int) throws -> Bool {
        // A stored object is always the result of a patch, so equal objects are equal texts.
        if finding.holds(patch, in: column) { return false }
        let stored = finding.text(column) ?? "{}"
        let text: String
        switch patch {
        case .text(let bytes): text = String(decoding: bytes, as: UTF8.self)
        case .rewritten(let bytes): text = String(decoding: bytes, as: UTF8.self)
        case .null, .integer: return false
        }
        if stored == text { return false }
        let patching = try db.cachedStatement(sql: "SELECT json_patch(?, ?)")
        return try String.fetchOne(patching, arguments: [stored, text]) != stored
    }
}
