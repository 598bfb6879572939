import CSV
import Ledger
import Receivables

/// What the reading thread of a first load must know: how a row of the file becomes a row of the table, and which rows
/// are none of its business.
struct FirstPlan: Sendable {
    /// Where a value of the row comes from.
    enum Source: Sendable {
        case column(Int)
        case scale
        case custom
    }

    let spoolPath: String
    let layout: FileLayout
    let headerRecord: Int64
    let settings: LoadSettings
    let sources: [Source]
    let keyColumn: Int
    /// The places of the columns that name a record of the same type.
    let ownParents: [Int]
    /// The keys that a row must find, and where in a row it names them.
    let parents: [(place: Int, keys: KnownKeys)]
    let checks: RuleChecks
    /// The column whose values should be unique, but need not.
    let numberColumn: Int?
    let customNames: [String]
    let hasher: RecordHasher?
    let fileBytes: Int64

    /// A row has its id and these.
    var width: Int { sources.count + 1 }
}

/// What the reading thread found besides the rows.
struct FirstReading: Sendable {
    var figures = FileFigures()
    /// The records that go the plain way, by number.
    var aside = Presence()
    var asideCount = 0
    var unread: UnreadColumns
}

extension FirstPlan {
    /// Where in a row the value of a native column stands.
    func place(of column: Int?) -> Int? { Self.place(of: column, in: sources) }

    static func place(of column: Int?, in sources: [Source]) -> Int? {
        sources.firstIndex { if case .column(let source) = $0 { source == column } else { false } }.map {
            $0 + 1
        }
    }
}

extension KeyedLoad {
    /// The values of a new row that its record gives, by the columns that take them.
    var storedSources: [(column: String, source: FirstPlan.Source)] {
        zip(targets, sources).compactMap { target, source in
            if let source { return (target.name, .column(source)) }
            switch target.name {
            case "scale": return (target.name, .scale)
            case "custom": return (target.name, .custom)
            default: return nil
            }
        }
    }

    /// The other targets of a new row and what all such rows have there, `nil` for no value.
    var storedConstants: [String: String?] {
        let varying = Set(storedSources.map(\.column))
        let constant = targets.map(\.name).filter { !varying.contains($0) }
        return Dictionary(uniqueKeysWithValues: constant.map { ($0, $0 == "status" ? "OPEN" : nil) })
    }
}
