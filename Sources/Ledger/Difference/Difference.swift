/// What loading a file would change, row by row; found by loading it and taking that back.
///
/// It holds keys and cell values: for the eyes of the operator who asked, never for an event, a log or a mail.
package struct Difference: Sendable {
    /// What would become of a row.
    package enum Kind: String, Sendable, CaseIterable {
        case inserted
        case updated
        /// An invoice that the file does not name.
        case cleared
        /// A customer that the file does not name.
        case zeroed
        /// A contact or a line that the file does not name.
        case deleted
        case parked
        case rejected
        /// A parked row of another file that would be stored, since what it waits for is in this one.
        case healed
        /// A parked row of another file that would be refused, since it breaks another rule.
        case unhealed
        /// A customer that would be made up, since a row names it that nobody knows.
        case stub

        /// Those of the file itself.
        package static let own: [Kind] = [
            .inserted, .updated, .cleared, .zeroed, .deleted, .parked, .rejected,
        ]
        /// What comes of it for other files and types.
        package static let alongside: [Kind] = [.healed, .unhealed, .stub]
    }

    /// A column that would show something else than today.
    package struct Change: Sendable, Equatable {
        package var column: String
        /// What the type's view shows; both `nil` where values were not asked for.
        package var old: String?
        package var new: String?
    }

    /// One row that the load would not leave as it is.
    package struct Row: Sendable, Equatable {
        package var kind: Kind
        /// The record type, where it is another than the file's own.
        package var type: String?
        /// The name of the file in which a healed row came, with its id; what `line` tells is its line there.
        package var origin: Origin?
        /// The physical line in the file on which it starts; `nil` for a record that the file does not name.
        package var line: Int64?
        /// The record's key, its parts joined by ` / `; `nil` for a refused row.
        package var key: String?
        package var changes: [Change] = []
        /// Why a row is refused or parked, and the column at fault.
        package var code: String?
        package var column: String?
    }

    /// Another file.
    package struct Origin: Sendable, Equatable {
        package var file: Int64
        package var name: String
    }

    /// How much is listed; the counts are always whole.
    package struct Scope: Sendable {
        /// How many rows of each kind; `nil` for all.
        package var perKind: Int?
        /// Whether changed columns are listed with what they hold.
        package var showsValues: Bool
        /// How many findings are listed.
        package var issues: Int

        package init(perKind: Int? = 100, showsValues: Bool = false, issues: Int = 1000) {
            self.perKind = perKind
            self.showsValues = showsValues
            self.issues = issues
        }
    }

    package var name: String
    package var type: String
    /// The state in which the file would end.
    package var state: FileState
    package var reason: String?
    package var counts: RowCounts
    package var warnings: Int
    /// The rows that were listed, kind by kind; empty where they were handed on one by one.
    package var rows: [Row] = []
    /// How many rows of each kind are not listed; without the kinds of which all are.
    package var leftOut: [Kind: Int] = [:]
    /// How much would come of it for other files and types; without the kinds of which there is none.
    package var alongside: [Kind: Int] = [:]
    package var issues: [IssueRow] = []
    package var issuesLeftOut = 0

    package init(
        name: String,
        type: String,
        state: FileState,
        reason: String?,
        counts: RowCounts = RowCounts(),
        warnings: Int = 0
    ) {
        self.name = name
        self.type = type
        self.state = state
        self.reason = reason
        self.counts = counts
        self.warnings = warnings
    }

    /// Whether every row of the file would be stored.
    package var isWhole: Bool { state == .loaded || state == .duplicate }
}

extension Difference {
    /// The facts of the whole file under stable names, without its rows.
    package var members: [(key: String, value: JSONValue)] {
        var members: [(key: String, value: JSONValue)] = [
            ("name", .text(name)), ("type", .text(type)), ("state", .text(state.rawValue)),
        ]
        if let reason { members.append(("reason", .text(reason))) }
        members += counts.detail
        members.append(("warnings", .integer(Int64(warnings))))
        let cut = Kind.allCases.compactMap { kind in
            leftOut[kind].map { (key: kind.rawValue, value: JSONValue.integer(Int64($0))) }
        }
        members.append(("left_out", .object(cut)))
        for kind in Kind.alongside {
            members.append(("rows_\(kind.rawValue)", .integer(Int64(alongside[kind] ?? 0))))
        }
        return members
    }

    /// What would become of the file, on one line without its end.
    package var summary: String {
        var text = "would be \(state.rawValue)"
        if let reason { text += " (\(reason))" }
        return text + ": \(counts.total) rows, \(counts.inserted) inserted, \(counts.updated) updated, "
            + "\(counts.unchanged) unchanged, \(counts.rejected) rejected, \(counts.parked) parked, "
            + "\(counts.cleared) cleared, \(counts.deleted) deleted"
            + Kind.alongside.compactMap { kind in alongside[kind].map { ", \($0) \(kind.rawValue)" } }
            .joined()
    }

    /// What was not listed, on one line without its end; `nil` when all was.
    package var omission: String? {
        let cut = Kind.allCases.compactMap { kind in leftOut[kind].map { "\($0) \(kind.rawValue)" } }
        return cut.isEmpty ? nil : "not listed: \(cut.joined(separator: ", "))"
    }
}

extension Difference.Row {
    /// No value of a cell is shown longer than this many bytes.
    private static let valueLimit = 1000

    /// The row on one line without its end, fit for a terminal.
    package var text: String {
        var text = kind.rawValue
        if let type { text += " \(type)" }
        if let line { text += " line \(line)" }
        if let origin { text += " of \(DisplayText(origin.name).escaped)" }
        if let key { text += " \(DisplayText(key).escaped)" }
        if let column { text += " \(DisplayText(column).escaped)" }
        if let code { text += " \(code)" }
        let shown = changes.map { change in
            let name = DisplayText(change.column).escaped
            guard change.old != nil || change.new != nil else { return name }
            return "\(name) \(Self.shown(change.old)) -> \(Self.shown(change.new))"
        }
        return shown.isEmpty ? text : "\(text): \(shown.joined(separator: ", "))"
    }

    private static func shown(_ value: String?) -> String {
        value.map { "\"\(DisplayText($0, limit: valueLimit).escaped)\"" } ?? "(blank)"
    }

    package var jsonValue: JSONValue {
        var members: [(key: String, value: JSONValue)] = [("kind", .text(kind.rawValue))]
        if let type { members.append(("type", .text(type))) }
        if let origin {
            members.append(("file", .integer(origin.file)))
            members.append(("name", .text(origin.name)))
        }
        if let line { members.append(("line", .integer(line))) }
        if let key { members.append(("key", .text(key))) }
        if let column { members.append(("column", .text(column))) }
        if let code { members.append(("code", .text(code))) }
        if !changes.isEmpty { members.append(("changes", .list(changes.map(\.jsonValue)))) }
        return .object(members)
    }
}

extension Difference.Change {
    fileprivate var jsonValue: JSONValue {
        var members: [(key: String, value: JSONValue)] = [("column", .text(column))]
        if let old { members.append(("old", .text(old))) }
        if let new { members.append(("new", .text(new))) }
        return .object(members)
    }
}
