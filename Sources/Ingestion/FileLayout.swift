import CSV
import Ledger
import Receivables

/// Which cell of a file's rows means what: the header, matched with the catalogue.
struct FileLayout {
    /// A column that is not ours but kept as a custom field.
    struct Custom {
        var field: Int
        /// The header as it is spelt.
        var name: String
        var normalised: String
    }

    /// A further address in a contacts file.
    struct Label {
        var field: Int
        /// The source tag of the contacts that come from it.
        var source: String
    }

    var type: RecordType
    var delimiter: UInt8
    /// The header record, byte for byte.
    var header: [UInt8]
    var fieldCount: Int
    /// For each native column of the type, the field that holds it.
    var fields: [Int?]
    var customs: [Custom] = []
    var labels: [Label] = []
    /// Fields that nobody reads; a warning is due when one holds data.
    var unread: [(field: Int, name: String)] = []
    /// The file repairs single rows: an error report that came back.
    var isCorrection = false
    /// The names of all fields, for messages.
    var names: [String]
    var warnings: [(finding: Finding, column: String?)] = []

    func field(of column: String) -> Int? { type.index(of: column).flatMap { fields[$0] } }
    func has(_ column: String) -> Bool { field(of: column) != nil }

    /// The three columns that our error reports put in front.
    static let reportColumns: Set<String> = ["error_codes", "error_messages", "row_number"]

    /// Matches a header with a type.
    ///
    /// - Parameters:
    ///   - record: A record that ``isHeader(_:of:aliases:)`` took for the header.
    ///   - aliases: Their names of columns, normalised, to ours.
    /// - Throws: ``FileRefusal`` when two columns have one name.
    init(_ record: Record, type: RecordType, delimiter: UInt8, aliases: [String: String]) throws(FileRefusal)
    {
        self.type = type
        self.delimiter = delimiter
        header = Array(record.bytes)
        fieldCount = record.count
        names = Self.names(record, aliases: aliases)
        fields = type.columns.map { _ in nil }
        let place = RecordPlace(record: record.number, line: record.line, byteOffset: record.byteOffset)
        for (name, count) in Dictionary(grouping: names.filter { !$0.isEmpty }, by: { Array($0.utf8) })
            .mapValues(\.count).filter({ $0.value > 1 }).sorted(by: {
                $0.key.lexicographicallyPrecedes($1.key)
            })
        {
            let text = String(decoding: name, as: UTF8.self)
            throw FileRefusal(.duplicateColumn(text, times: count), at: place, column: text)
        }
        isCorrection = Self.reportColumns.isSubset(of: names)
        var unknown: [(field: Int, name: String, spelt: String)] = []
        for (field, name) in names.enumerated() {
            if let column = type.index(of: name) {
                fields[column] = field
            } else if name.isEmpty {
                unread.append((field, ""))
            } else if !(isCorrection && Self.reportColumns.contains(name)) {
                let spelt = String(decoding: Cell.trimmed(record.field(field)), as: UTF8.self)
                unknown.append((field, name, spelt))
            }
        }
        for column in unknown { add(column.field, column.name, spelt: column.spelt) }
    }

    private mutating func add(_ field: Int, _ name: String, spelt: String) {
        let missing = type.columns.indices.filter { fields[$0] == nil }.map { type.columns[$0].name }
        let near = Header.nearMiss(of: name, among: missing)
        if let suffix = type.extraContactSuffix, name.hasSuffix(suffix), name.utf8.count > suffix.utf8.count {
            labels.append(Label(field: field, source: "\(type.name)/\(name)"))
        } else if type.keepsCustomColumns {
            customs.append(Custom(field: field, name: spelt, normalised: name))
            warnings.append((.unknownColumnCustom(spelt), spelt))
        } else {
            unread.append((field, spelt))
            warnings.append((.unknownColumnIgnored(spelt), spelt))
        }
        if let near, labels.last?.field != field {
            warnings.append((.nearMissColumn(spelt, native: near, isKept: type.keepsCustomColumns), spelt))
        }
    }

    /// The names of a header's fields as they are matched, aliases applied.
    static func names(_ record: Record, aliases: [String: String]) -> [String] {
        (0..<record.count).map { field in
            let name = Header.normalise(record.field(field))
            return aliases[name] ?? name
        }
    }

    /// Whether a record with these names can be the header of a file of the type.
    static func isHeader(_ names: [String], of type: RecordType) -> Bool {
        let present = Set(names)
        let owners = type.columns.filter { $0.class == .owner }
        return type.requiredColumns.allSatisfy { present.contains($0.name) }
            && (owners.isEmpty || owners.contains { present.contains($0.name) })
    }
}
