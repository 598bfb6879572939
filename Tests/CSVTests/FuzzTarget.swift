import CSV

/// What a fuzzer tries on the CSV reader, and what the tests repeat with everything that is kept of its finds.
///
/// Three bytes of the input choose how the rest of it, the file, is read.
enum FuzzTarget {
    /// Says what is wrong with how the input was read; `nil` when all is well.
    static func finding(in input: [UInt8]) -> String? {
        guard input.count >= 3 else { return nil }
        let way = Way(input[0], input[1], input[2])
        let file = way.opening + input[3...]
        let whole = way.read(file, bufferSize: 4096, chunk: .max)
        guard whole == way.read(file, bufferSize: way.bufferSize, chunk: way.chunk) else {
            return "the buffer of \(way.bufferSize) or the portion of \(way.chunk) bytes shows"
        }
        switch whole.failure {
        case .notCSV, .badEncoding: return nil
        default: break
        }
        if !way.isLimited, let difference = way.difference(from: whole, file) { return difference }
        return roundTrip(whole)
    }

    /// How a file is read.
    private struct Way {
        let bufferSize: Int
        let chunk: Int
        let delimiter: UInt8
        let encoding: Encoding
        /// What stands before the rest of the input.
        ///
        /// A reader looks at the first 4,096 bytes at once; only behind them do buffers and portions matter.
        let opening: [UInt8]
        /// Whether the limits are so low that they are met; not that of the file, which is noticed portion by portion.
        let isLimited: Bool

        init(_ first: UInt8, _ second: UInt8, _ third: UInt8) {
            bufferSize = [1, 2, 5, 63, 64, 65, 127, 200][Int(first & 7)]
            chunk = [Int.max, 1, 3, 64][Int(first >> 3 & 3)]
            delimiter = Array(",;\t|".utf8)[Int(second & 3)]
            encoding = second & 4 == 0 ? .utf8 : .windows1252
            isLimited = third & 1 != 0
            let fill = third & 2 == 0 ? 0 : 4096 - 70 + Int(third >> 2)
            opening = fill == 0 ? [] : [UInt8](repeating: UInt8(ascii: "x"), count: fill) + [delimiter]
        }

        /// What a plain parser says otherwise, as far as it can read such a file.
        func difference(from reading: Reading, _ file: [UInt8]) -> String? {
            if let text = FuzzTarget.decoded(file) {
                // Places in the file mean nothing in the decoded one.
                let rows = NaiveParser.parse(text, delimiter: delimiter).rows
                return rows == reading.rows ? nil : "UTF-16 is read as other rows than \(rows)"
            }
            let isMarked = file.starts(with: [0xEF, 0xBB, 0xBF])
            let is16 = file.starts(with: [0xFE, 0xFF]) || file.starts(with: [0xFF, 0xFE])
            guard !is16, encoding == .utf8 || isMarked || file.allSatisfy({ $0 < 0x80 }) else { return nil }
            let plain = NaiveParser.parse(file, delimiter: delimiter)
            return plain == reading ? nil : "a plain parser reads \(plain)"
        }

        func read(_ file: [UInt8], bufferSize: Int, chunk: Int) -> Reading {
            Reading(
                file,
                delimiter: Character(Unicode.Scalar(delimiter)),
                encoding: encoding,
                limits: isLimited
                    ? Limits(columns: 8, fieldBytes: opening.count + 20)
                    : Limits(),
                bufferSize: bufferSize,
                chunk: chunk
            )
        }
    }

    /// The text of a file in UTF-16 with a mark, decoded by the standard library; `nil` for any other.
    private static func decoded(_ file: [UInt8]) -> [UInt8]? {
        let isBigEndian = file.starts(with: [0xFE, 0xFF])
        guard isBigEndian || file.starts(with: [0xFF, 0xFE]), file.count.isMultiple(of: 2) else { return nil }
        var units: [UInt16] = []
        for place in stride(from: 2, to: file.count, by: 2) {
            let pair = (UInt16(file[place]), UInt16(file[place + 1]))
            units.append(isBigEndian ? pair.0 << 8 | pair.1 : pair.1 << 8 | pair.0)
        }
        // The plain parser would take a second mark for the first.
        guard units.first != 0xFEFF else { return nil }
        return String(validating: units, as: UTF16.self).map { Array($0.utf8) }
    }

    /// Writes what was read, and reads it again.
    private static func roundTrip(_ reading: Reading) -> String? {
        let records = reading.records.filter { $0.flaws.isDisjoint(with: .damage) && $0.invalid == nil }
        guard !records.isEmpty else { return nil }
        var writer = CSVWriter(marksEncoding: true)
        for record in records {
            for field in record.fields { field.withUnsafeBytes { writer.append($0, as: .plain) } }
            writer.endRecord()
        }
        let again = Reading(writer.bytes, bufferSize: 64)
        guard again.failure == nil, again.records.map(\.fields) == records.map(\.fields) else {
            return "what is written is not what is read"
        }
        return nil
    }
}
