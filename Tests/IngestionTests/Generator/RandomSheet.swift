/// The cells of a file to be, and the ways to write and to damage them.
struct RandomSheet {
    var header: [String]
    var rows: [[String]]

    /// Writes the sheet: quoted where needed and sometimes elsewhere, lines ended this way or that.
    ///
    /// Of all data rows one in twenty-five is damaged in its structure when `isDamaged`.
    func bytes(isDamaged: Bool, _ random: inout SplitMix64) -> [UInt8] {
        let delimiter: Character = random.chance(5) ? random.pick([";", "\t", "|"]) : ","
        let lineEnd = random.chance(2) ? "\r" : random.pick(["\n", "\n", "\r\n"])
        var text = ""
        if random.chance(4) { text += "Report of open items" + lineEnd }
        text += header.joined(separator: String(delimiter)) + lineEnd
        for row in rows {
            if random.chance(2) { text += lineEnd }
            var cells = row.map { written($0, delimiter, &random) }
            if isDamaged && random.chance(4) { damage(&cells, canStray: lineEnd != "\r", &random) }
            text += cells.joined(separator: String(delimiter))
            text += lineEnd == "\n" && random.chance(5) ? "\r\n" : lineEnd
        }
        if random.chance(8) { text.removeLast() }
        // A private character stands for the byte that is no UTF-8.
        let bytes = Array(text.replacing("\u{E000}", with: "\u{1}").utf8).map { $0 == 1 ? 0xFF : $0 }
        return random.chance(5) ? [0xEF, 0xBB, 0xBF] + bytes : bytes
    }

    private func written(_ cell: String, _ delimiter: Character, _ random: inout SplitMix64) -> String {
        let needsQuotes = cell.unicodeScalars.contains { scalar in
            scalar == "\"" || scalar == "\n" || scalar == "\r" || scalar == delimiter.unicodeScalars.first
        }
        if needsQuotes || random.chance(8) {
            return "\"" + cell.replacing("\"", with: "\"\"") + "\""
        }
        return random.chance(3) ? " " + cell + random.pick(["", " ", "\u{A0}"]) : cell
    }

    private func damage(_ cells: inout [String], canStray: Bool, _ random: inout SplitMix64) {
        let place = Int.random(in: 0..<cells.count, using: &random)
        switch Int.random(in: 0..<6, using: &random) {
        case 0: cells.append(random.pick(["", "more"]))
        case 1: cells.remove(at: place)
        case 2: cells[place] = "\"abc\"x\""
        case 3: cells[place] = canStray ? "a\rb" : "a\u{0}b"
        case 4: cells[place] = "a\u{0}b"
        default: cells[place] = "a\u{E000}b"
        }
        // A row of nothing is a blank line, not a damaged one.
        if cells.count == 1 && cells[0].isEmpty { cells[0] = "x" }
        if cells.isEmpty { cells = ["x"] }
    }

    /// Turns the sheet into an error report sent back after repair.
    mutating func becomeCorrection() {
        header = ["error_codes", "error_messages", "row_number"] + header
        rows = rows.map { ["bad_date", "Row 7, due_date", "7"] + $0 }
    }
}
