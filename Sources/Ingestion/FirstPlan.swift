import CSV
import Ledger
import Receivables

/// What the reading thread of a first load must know: how a row of the file becomes a row of the table, and which rows
/// are none of its business.
struct FirstPlan: Sendable {
    /// Where a value of the row comes from.
    enum Source: Sendable, Equatable {
        case column(Int)
        case scale
        case custom
    }

    /// What is appended to a row, one after the other.
    enum Step: Sendable {
        case constant(header: Range<Int>, body: Range<Int>)
        case nulls(Int)
        case column(Int)
        /// A value that is asked for again, under this number.
        case marked(column: Int, mark: Int)
        case scale
        case custom
    }

    let spoolPath: String
    let layout: FileLayout
    let headerRecord: Int64
    let settings: LoadSettings
    let rows: RowPlan
    let steps: [Step]
    /// The columns whose values are asked for again, by their marks.
    let marked: [Int]
    /// The marks of what the indexes are fed with; `nil` where that is nothing in all rows.
    let indexMarks: [Int?]
    let stretches: RowStretches
    let keyColumn: Int
    /// The places of the columns that name a record of the same type.
    let ownParents: [Int]
    /// The keys that a row must find, and the mark under which it names them.
    let parents: [(mark: Int, keys: KnownKeys)]
    let checks: RuleChecks
    /// The column whose values should be unique, but need not.
    let numberColumn: Int?
    let customs: CustomText
    let hasher: RecordHasher?
    let fileBytes: Int64
}

/// What the reading thread found besides the rows.
struct FirstReading: Sendable {
    var figures = FileFigures()
    /// The records that go the plain way, by number.
    var aside = Presence()
    var asideCount = 0
    var unread: UnreadColumns
    /// How many rows were given out.
    var rows = 0
    /// What their records were, for the next file; `nil` where nobody wants to know.
    let hashes: HashList?
    let indexes: [PackedIndex]
}

extension FirstPlan {
    /// What is appended to a row for the steps of its table.
    static func steps(of rows: RowPlan, from sources: [Source], marked: [Int]) -> [Step] {
        rows.steps.map { step in
            switch step {
            case .constant(let header, let body): return .constant(header: header, body: body)
            case .nulls(let count): return .nulls(count)
            case .value(let place):
                switch sources[place] {
                case .column(let column):
                    guard let mark = marked.firstIndex(of: column) else { return .column(column) }
                    return .marked(column: column, mark: mark)
                case .scale: return .scale
                case .custom: return .custom
                }
            }
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
