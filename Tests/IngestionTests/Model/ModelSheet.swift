/// A file as the model sees it: its header understood, its data rows still text.
struct ModelSheet {
    /// The declared columns that the header holds, with their places.
    var native: [(place: Int, column: ModelColumn)] = []

    /// Unknown columns of a type that keeps them: the name as compared, and as spelled.
    var custom: [(place: Int, name: String, spelling: Text)] = []

    /// The further `<label>_email` columns of contacts.
    var labels: [(place: Int, name: String)] = []
    var rows: [SourceRow] = []

    /// What is noted about the file as a whole: code and column.
    var warnings: [(code: String, column: String?)] = []
    var isCorrection = false
    var endsWithLineEnd = false
    var width = 0

    /// The code of the file error; then nothing else here counts.
    var error: String?

    init(bytes: [UInt8], type: ModelType) {
        let bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        if bytes.allSatisfy({ $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
            error = "empty_file"
            return
        }
        if foreign.contains(where: { bytes.starts(with: $0) }) {
            error = "not_csv"
            return
        }
        for delimiter in ",;\t|".utf8 {
            let reader = NaiveReader(bytes, delimiter: delimiter)
            let filled = reader.records.filter { !$0.bytes.isEmpty }
            guard let place = filled.prefix(11).firstIndex(where: { isHeader($0, of: type) }) else {
                continue
            }
            if reader.endsInsideQuotes {
                error = "unterminated_quote"
                return
            }
            if place > 0 { warnings.append(("preamble_skipped", nil)) }
            if delimiter != UInt8(ascii: ",") { warnings.append(("delimiter_detected", nil)) }
            rows = Array(filled[(place + 1)...])
            endsWithLineEnd = reader.records.last?.hasLineEnd == true
            readHeader(filled[place], of: type)
            return
        }
        error = errorWithoutHeader(NaiveReader(bytes, delimiter: UInt8(ascii: ",")), of: type)
    }

    /// Sorts the header's cells into native, custom, label and ignored columns.
    private mutating func readHeader(_ header: SourceRow, of type: ModelType) {
        let names = header.cells.map(normalised)
        let filledNames = names.filter { !$0.isEmpty }
        if Set(filledNames).count < filledNames.count {
            error = "duplicate_column"
            return
        }
        width = names.count
        isCorrection = reportColumns.allSatisfy(names.contains)
        for index in rows.indices where rows[index].damage == nil && rows[index].cells.count != width {
            rows[index].damage = "wrong_field_count"
        }
        for (place, name) in names.enumerated() {
            let spelling = header.cells[place].trimmed
            if let column = type.columns.first(where: { $0.name == name }) {
                native.append((place, column))
            } else if isCorrection && reportColumns.contains(name) {
                continue
            } else if name.isEmpty {
                let hasData = rows.contains { $0.damage == nil && !$0.cells[place].trimmed.isBlank }
                if hasData { warnings.append(("unknown_column_ignored", nil)) }
            } else if type.name == "contacts" && name.hasSuffix("_email") {
                labels.append((place, name))
            } else {
                if type.keepsCustomColumns { custom.append((place, name, spelling)) }
                let code = type.keepsCustomColumns ? "unknown_column_custom" : "unknown_column_ignored"
                warnings.append((code, spelling.string))
                let missing = type.columns.filter { !names.contains($0.name) }
                if missing.contains(where: { isNearMiss(name, of: $0.name) }) {
                    warnings.append(("near_miss_column", spelling.string))
                }
            }
        }
    }
}

private let reportColumns = ["error_codes", "error_messages", "row_number"]

/// How ZIP, gzip, PDF, XML and JSON begin.
private let foreign: [[UInt8]] = [
    [0x50, 0x4B, 0x03, 0x04], [0x1F, 0x8B], Array("%PDF".utf8), Array("<".utf8), Array("{".utf8),
]

/// Trimmed, in lower case, spaces and `-` as `_`.
private func normalised(_ cell: Text) -> String {
    String(cell.trimmed.string.lowercased().map { $0 == " " || $0 == "-" ? "_" : $0 })
}

/// Whether a record holds every required column, and one of those of which one is enough.
private func isHeader(_ row: SourceRow, of type: ModelType) -> Bool {
    let names = Set(row.cells.map(normalised))
    let alternatives = type.columns.filter { $0.mark == "*" }
    return type.columns.allSatisfy { $0.mark != "R" || names.contains($0.name) }
        && (alternatives.isEmpty || alternatives.contains { names.contains($0.name) })
}

private func errorWithoutHeader(_ reader: NaiveReader, of type: ModelType) -> String {
    if reader.endsInsideQuotes { return "unterminated_quote" }
    guard let first = reader.records.first(where: { !$0.bytes.isEmpty }) else { return "empty_file" }
    if first.damage == "bad_encoding" { return "bad_encoding" }
    let names = first.cells.map(normalised)
    let isKnown = type.columns.contains { names.contains($0.name) }
    return isKnown ? "missing_required_column" : "missing_header"
}

/// Within distance 2 (a swap of neighbours counts as one), or 1 for names of five letters or fewer.
private func isNearMiss(_ name: String, of native: String) -> Bool {
    let limit = native.count <= 5 ? 1 : 2
    let (a, b) = (Array(name), Array(native))
    var cost = Array(repeating: Array(repeating: 0, count: b.count + 1), count: a.count + 1)
    for i in 0...a.count {
        for j in 0...b.count {
            if i == 0 || j == 0 {
                cost[i][j] = max(i, j)
                continue
            }
            let change = a[i - 1] == b[j - 1] ? 0 : 1
            cost[i][j] = min(cost[i - 1][j] + 1, cost[i][j - 1] + 1, cost[i - 1][j - 1] + change)
            if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
                cost[i][j] = min(cost[i][j], cost[i - 2][j - 2] + 1)
            }
        }
    }
    return cost[a.count][b.count] <= limit
}
