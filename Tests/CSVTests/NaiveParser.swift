import CSV

/// The splitter's rules, said byte by byte and without any thought of speed: the oracle of the fuzz tests.
///
/// UTF-8 only, without limits, and without a look at what the file opens with.
struct NaiveParser {
    private enum Kind {
        case undecided
        case lf
        case cr
    }

    private let input: [UInt8]
    private let delimiter: UInt8
    private var position = 0
    private var kind = Kind.undecided
    private var reading = Reading()
    private var number: Int64 = 0
    private var line: Int64 = 1
    private var leftQuoteOpen = false

    // Of the record in work:
    private var seen = Reading.Seen()
    private var quotesAreLiteral = false
    private var quoteIsOpen = false
    private var quotedFeeds: Int64 = 0
    private var quotedReturns: Int64 = 0

    static func parse(_ input: [UInt8], delimiter: UInt8) -> Reading {
        var input = input
        if input.last == 0x1A {
            input.removeLast()
        }
        var parser = NaiveParser(input: input, delimiter: delimiter)
        if input.starts(with: [0xEF, 0xBB, 0xBF]) {
            parser.position = 3
        }
        parser.parseAll()
        return parser.reading
    }

    private init(input: [UInt8], delimiter: UInt8) {
        self.input = input
        self.delimiter = delimiter
    }

    private mutating func parseAll() {
        while position < input.count {
            guard parseRecord() else {
                return
            }
        }
        if reading.records.isEmpty {
            reading.failure = .empty
        }
    }

    /// Parses one record, or says that a quote never closes.
    private mutating func parseRecord() -> Bool {
        seen = Reading.Seen()
        quotesAreLiteral = false
        quoteIsOpen = false
        (quotedFeeds, quotedReturns) = (0, 0)
        let start = position
        while true {
            guard parseCell() else {
                return false
            }
            guard position < input.count, input[position] == delimiter else {
                break
            }
            position += 1
        }
        let end = position
        let lineEnd = lineEndLength
        if lineEnd > 0 && kind == .undecided {
            kind = lineEnd == 1 && input[position] == 0x0D ? .cr : .lf
        }
        let isWhole = lineEnd > 0
        position = lineEnd == -1 ? input.count : position + lineEnd

        number += 1
        seen.number = number
        seen.line = line
        line += 1 + (kind == .cr ? quotedReturns : quotedFeeds)
        reading.endedWithLineEnd = isWhole
        if end == start {
            reading.blankRecords += 1
            return true
        }
        seen.bytes = Array(input[start..<end])
        seen.byteOffset = Int64(start)
        seen.hasLineEnd = isWhole
        if seen.bytes.contains(where: { $0 >= 0x80 }) {
            seen.flaws.insert(.highBytes)
        }
        if leftQuoteOpen && seen.flaws.contains(.bareQuote) {
            seen.flaws.insert(.resynchronised)
        }
        leftQuoteOpen = quotesAreLiteral && quoteIsOpen
        seen.invalid = invalid(seen.bytes).map { offset in
            // The field is found by laying the raw fields end to end.
            var field = 0
            var next = seen.rawFields[0].count + 1
            while offset >= next {
                field += 1
                next += seen.rawFields[field].count + 1
            }
            return [Int64(field), Int64(start + offset)]
        }
        reading.records.append(seen)
        return true
    }

    /// Parses up to the delimiter or line end, or says that a quote never closes.
    private mutating func parseCell() -> Bool {
        let start = position
        var value: [UInt8] = []
        var isProper = false
        if position < input.count, input[position] == 0x22, !quotesAreLiteral {
            let before = (quotedFeeds, quotedReturns)
            position += 1
            while true {
                guard position < input.count else {
                    fail(at: before)
                    return false
                }
                let byte = input[position]
                position += 1
                if byte == 0x22 {
                    guard position < input.count, input[position] == 0x22 else {
                        break
                    }
                    position += 1
                } else if byte == 0x0A {
                    quotedFeeds += 1
                } else if byte == 0x0D {
                    quotedReturns += 1
                } else if byte == 0 {
                    flaw(.nul, at: position - 1)
                }
                value.append(byte)
            }
            isProper = isCellEnd
            // NUL and a stray line end are flaws of their own; all else is text.
            if !isProper && input[position] != 0 && input[position] != 0x0A && input[position] != 0x0D {
                flaw(.textAfterQuote, at: position)
                quotesAreLiteral = true
            }
        }
        while !isCellEnd {
            switch input[position] {
            case 0:
                flaw(.nul, at: position)
            case 0x0A, 0x0D:
                flaw(.strayCR, at: position)
            case 0x22:
                literalQuote(cell: start)
            default:
                break
            }
            position += 1
        }
        let raw = Array(input[start..<position])
        seen.rawFields.append(raw)
        seen.fields.append(isProper ? value : raw)
        seen.quoted.append(isProper)
        return true
    }

    private mutating func literalQuote(cell start: Int) {
        seen.flaws.insert(.bareQuote)
        let before = input[start..<position]
        if !before.isEmpty && before.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) {
            seen.flaws.insert(.spaceBeforeQuote)
        }
        if quoteIsOpen || (quotesAreLiteral && before.isEmpty) {
            quoteIsOpen.toggle()
        }
    }

    private mutating func flaw(_ flaw: Flaws, at position: Int) {
        seen.flaws.insert(flaw)
        seen.firstFlaw = seen.firstFlaw ?? [Int64(seen.fields.count), Int64(position)]
    }

    private mutating func fail(at breaks: (feeds: Int64, returns: Int64)) {
        let returnsCount = kind == .cr || (kind == .undecided && breaks.feeds == 0)
        reading.failure = .unterminatedQuote(
            record: number + 1,
            line: line + (returnsCount ? breaks.returns : breaks.feeds),
            field: seen.fields.count
        )
    }

    private var isCellEnd: Bool {
        position == input.count || input[position] == delimiter || lineEndLength != 0
    }

    /// The bytes of the line end here; 0 if there is none, -1 for the half of one that ends the file.
    private var lineEndLength: Int {
        guard position < input.count else {
            return 0
        }
        let isLast = position + 1 == input.count
        switch (input[position], kind) {
        case (0x0A, .undecided), (0x0A, .lf), (0x0D, .cr):
            return 1
        case (0x0D, _) where !isLast && input[position + 1] == 0x0A:
            return 2
        case (0x0D, .undecided):
            return 1
        case (0x0D, .lf) where isLast:
            return -1
        default:
            return 0
        }
    }

    private func invalid(_ bytes: [UInt8]) -> Int? {
        var decoder = UTF8()
        var iterator = bytes.makeIterator()
        var length = 0
        while true {
            switch decoder.decode(&iterator) {
            case .scalarValue(let scalar):
                length += UTF8.width(scalar)
            case .emptyInput:
                return nil
            case .error:
                return length
            }
        }
    }
}
