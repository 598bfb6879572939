import GRDB
package import Receivables

/// How the rows of a first load are put together: the columns of the type's table, one after the other.
package struct RowPlan: Sendable {
    package enum Step: Sendable {
        /// The same in all rows: parts of ``header`` and ``body``, already packed.
        case constant(header: Range<Int>, body: Range<Int>)
        /// So many columns without a value in any row.
        case nulls(Int)
        /// The value of a column that the file has, by its place among the columns asked for.
        case value(Int)
    }

    package let steps: [Step]
    /// What the constants are cut out of, with padding behind the last one.
    package let header: [UInt8]
    package let body: [UInt8]
    /// The columns of which an index is to be fed, by their places; `nil` where it is empty in all rows.
    package let indexed: [Int?]
    /// The indexes that are made anew after the load.
    let dropped: [String]
    /// Those of the others in which rows may stand in any order.
    let sortedLater: [String]
    let schema: [Definition]
    let table: String

    /// What SQLite keeps of a table or an index.
    struct Definition: Sendable {
        var type: String
        var name: String
        var table: String
        var sql: String?

        /// How many bytes its texts take.
        var bytes: Int { type.utf8.count + name.utf8.count + table.utf8.count + (sql?.utf8.count ?? 0) }

        /// Packs the row that stands for it in the table of tables.
        func pack(at root: Int64, into packer: inout RecordPacker) {
            for text in [type, name, table] { Self.pack(text, into: &packer) }
            packer.append(root)
            if let sql { Self.pack(sql, into: &packer) } else { packer.append(.null) }
        }

        static func pack(_ text: String, into packer: inout RecordPacker) {
            var text = text
            text.withUTF8 { packer.append(.text(UnsafeRawBufferPointer($0))) }
        }
    }

    /// The most bytes that a row takes besides its texts.
    package var room: Int {
        header.count + body.count + steps.count * (RecordPacker.headerPerValue + RecordPacker.bodyPerNumber)
            + RecordPacker.padding
    }

    /// The same of its header.
    package var headerRoom: Int {
        header.count + steps.count * RecordPacker.headerPerValue + RecordPacker.padding
    }
}

extension LoadTransaction {
    /// - Parameters:
    ///   - columns: The columns that the file gives.
    ///   - constants: Columns that are the same in all rows, and the text there, `nil` for no value.
    package func rowPlan(
        of type: RecordType,
        columns: [String],
        constants: [String: String?]
    ) throws -> RowPlan {
        var fixed = ["id": "NULL", "file_id": "\(file)"]
        for (column, text) in constants {
            fixed[column] = try String.fetchOne(db, sql: "SELECT quote(?)", arguments: [text])
        }
        var steps: [RowPlan.Step] = []
        var packed = Constants()
        let table = try Row.fetchAll(
            db,
            sql: "SELECT name, dflt_value FROM pragma_table_info(?) ORDER BY cid",
            arguments: [type.table]
        )
        for column in table {
            let name: String = column["name"]
            if let place = columns.firstIndex(of: name) {
                packed.end(&steps)
                steps.append(.value(place))
            } else {
                let expression = fixed[name] ?? column["dflt_value"] ?? "NULL"
                fixed[name] = expression
                packed.append(try DatabaseValue.fetchOne(db, sql: "SELECT \(expression)") ?? .null)
            }
        }
        packed.end(&steps)
        let indexes = try indexPlans(of: type, columns, fixed)
        return RowPlan(
            steps: steps,
            header: packed.header + Self.padding,
            body: packed.body + Self.padding,
            indexed: indexes.flatMap { if case .fed(let place) = $0.use { [place] } else { [] as [Int?] } },
            dropped: indexes.compactMap { if case .remade = $0.use { $0.name } else { nil } },
            sortedLater: indexes.compactMap { index in
                if case .fed = index.use, !index.isUnique { index.name } else { nil }
            },
            schema: try schema(of: type.table, indexes),
            table: type.table
        )
    }

    private static let padding = [UInt8](repeating: 0, count: RecordPacker.padding)

    /// The packed values that all rows share.
    private struct Constants {
        var header: [UInt8] = []
        var body: [UInt8] = []
        private var start = (header: 0, body: 0)

        mutating func append(_ value: DatabaseValue) {
            let text = String.fromDatabaseValue(value) ?? ""
            var kinds = [UInt8](repeating: 0, count: RecordPacker.headerPerValue)
            var bytes = [UInt8](repeating: 0, count: max(text.utf8.count, RecordPacker.bodyPerNumber))
            kinds.withUnsafeMutableBufferPointer { kinds in
                bytes.withUnsafeMutableBufferPointer { bytes in
                    guard let first = kinds.baseAddress, let body = bytes.baseAddress else { return }
                    var packer = RecordPacker(header: first, body: body)
                    switch value.storage {
                    case .int64(let number): packer.append(number)
                    case .string(let text): RowPlan.Definition.pack(text, into: &packer)
                    default: packer.append(.null)
                    }
                    self.header += kinds[..<(packer.header - first)]
                    self.body += bytes[..<(packer.body - body)]
                }
            }
        }

        mutating func end(_ steps: inout [RowPlan.Step]) {
            let kinds = start.header..<header.count
            if header[kinds].allSatisfy({ $0 == 0 }) {
                if !kinds.isEmpty { steps.append(.nulls(kinds.count)) }
            } else {
                steps.append(.constant(header: kinds, body: start.body..<body.count))
            }
            start = (header.count, body.count)
        }
    }

    // MARK: - Indexes

    private enum IndexUse {
        /// Its entries are this column's values, `nil` where all rows have none.
        case fed(Int?)
        /// None of the rows belongs into it.
        case empty
        /// To look at all rows afterwards is less trouble.
        case remade
    }

    private struct IndexPlan {
        var name: String
        var isUnique: Bool
        var use: IndexUse
    }

    private func indexPlans(
        of type: RecordType,
        _ columns: [String],
        _ fixed: [String: String]
    ) throws -> [IndexPlan] {
        let indexes = try Row.fetchAll(
            db,
            sql: """
                SELECT l.name, l."unique", l.partial, s.sql,
                       (SELECT count(*) FROM pragma_index_info(l.name)) AS width,
                       (SELECT i.name FROM pragma_index_info(l.name) i WHERE i.seqno = 0) AS first
                  FROM pragma_index_list(?) l JOIN sqlite_schema s ON s.type = 'index' AND s.name = l.name
                """,
            arguments: [type.table]
        )
        return try indexes.map { row in
            let column: String? = row["first"]
            var index = IndexPlan(name: row["name"], isUnique: row["unique"] == 1, use: .remade)
            guard row["width"] == 1, let column else { return index }
            // Whether another value is unique nobody looks after.
            let definition: String? = row["sql"]
            // Whether another value than the key is unique nobody looks after.
            if index.isUnique, type.identity != .single(column) || definition != nil { return index }
            if row["partial"] == 1 {
                if try isEmpty(definition, where: fixed) { index.use = .empty }
            } else if let place = columns.firstIndex(of: column) {
                index.use = .fed(place)
            } else if fixed[column] == "NULL" {
                index.use = .fed(nil)
            }
            return index
        }
    }

    /// Whether no row can be in an index that takes only some.
    private func isEmpty(_ definition: String?, where fixed: [String: String]) throws -> Bool {
        // A column in double quotes that is not there would be taken for a text.
        guard let definition, !definition.contains("\""), let end = definition.firstRange(of: "WHERE ") else {
            return false
        }
        let row = fixed.map { "\($1) AS \($0)" }.joined(separator: ", ")
        let condition = definition[end.upperBound...]
        do {
            let sql = "SELECT EXISTS (SELECT 1 FROM (SELECT \(row)) WHERE \(condition))"
            return try Bool.fetchOne(db, sql: sql) == false
        } catch let error as DatabaseError where error.resultCode == .SQLITE_ERROR {
            // It asks for a column that the file has.
            return false
        }
    }

    /// The table and its indexes: those that are fed first, the empty ones behind them.
    private func schema(of table: String, _ indexes: [IndexPlan]) throws
        -> [RowPlan.Definition]
    {
        let fed = indexes.filter { if case .fed = $0.use { true } else { false } }
        let empty = indexes.filter { if case .empty = $0.use { true } else { false } }
        return try ([table] + fed.map(\.name) + empty.map(\.name)).map { name in
            let row = try Row.fetchOne(
                db,
                sql: "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE name = ?",
                arguments: [name]
            )
            guard let row else { throw DatabaseError(resultCode: .SQLITE_SCHEMA) }
            return RowPlan.Definition(
                type: row["type"],
                name: row["name"],
                table: row["tbl_name"],
                sql: row["sql"]
            )
        }
    }
}
