import Foundation
import GRDB
import Receivables

/// The rows of a type as its view shows them, found by their ids.
struct RowImages {
    /// One row.
    struct Image {
        fileprivate let cells: [(column: String, value: String?)]
        /// The values of the columns that make two rows the same record, as far as they are there.
        let key: String

        subscript(column: String) -> String? { cells.first { $0.column == column }?.value }
    }

    private let statement: Statement
    private let keys: Set<String>

    init(_ db: Database, _ type: RecordType) throws {
        // The view's own definition, with the one row wanted: the view itself does not show ids.
        let view = try String.fetchOne(
            db,
            sql: "SELECT sql FROM sqlite_schema WHERE type = 'view' AND name = ?",
            arguments: [type.name]
        )
        guard let view, let start = view.range(of: " AS\n") else {
            throw DatabaseError(resultCode: .SQLITE_ERROR, message: "the view \(type.name) is missing")
        }
        statement = try db.makeStatement(sql: "\(view[start.upperBound...]) WHERE id = ?")
        keys = type.isFileOfBytes ? ["name"] : Set(type.key)
    }

    func image(of id: Int64) throws -> Image? {
        guard let row = try Row.fetchOne(statement, arguments: [id]) else { return nil }
        let cells = row.map { column, value in
            (
                column: column,
                value: String.fromDatabaseValue(value) ?? Int64.fromDatabaseValue(value).map(String.init)
            )
        }
        let parts = cells.filter { keys.contains($0.column) }.compactMap(\.value)
        return Image(cells: cells, key: parts.joined(separator: " / "))
    }
}

extension RowImages.Image {
    /// The columns that another image of the row shows otherwise, custom columns each by its name.
    func changes(to new: Self, showingValues: Bool) -> [Difference.Change] {
        var changes: [Difference.Change] = []
        for (old, new) in zip(cells, new.cells) where old.value != new.value && old.column != "file_id" {
            if old.column == "custom" {
                changes += Self.customChanges(old.value, new.value)
            } else {
                changes.append(Difference.Change(column: old.column, old: old.value, new: new.value))
            }
        }
        guard !showingValues else { return changes }
        return changes.map { Difference.Change(column: $0.column) }
    }

    private static func customChanges(_ old: String?, _ new: String?) -> [Difference.Change] {
        let (before, after) = (members(of: old), members(of: new))
        return Set(before.keys).union(after.keys).sorted().compactMap { name in
            guard before[name] != after[name] else { return nil }
            return Difference.Change(column: "custom.\(name)", old: before[name], new: after[name])
        }
    }

    private static func members(of json: String?) -> [String: String] {
        (try? JSONDecoder().decode([String: String].self, from: Data((json ?? "{}").utf8))) ?? [:]
    }
}
