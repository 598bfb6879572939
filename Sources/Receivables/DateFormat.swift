/// A form in which a sender writes dates, such as `dd/MM/yyyy`.
///
/// A pattern has `yyyy` once, `MM` or `M` once and `dd` or `d` once; every other character stands for itself.
/// `M` and `d` take one or two digits and must not touch another number.
package struct DateFormat: Sendable, Equatable {
    /// `yyyy-MM-dd`.
    package static let iso = DateFormat(
        pattern: "yyyy-MM-dd",
        pieces: [.year, .literal(0x2D), .month(2), .literal(0x2D), .day(2)]
    )

    private enum Piece: Equatable {
        case year
        /// The fewest digits; the most are two.
        case month(Int)
        case day(Int)
        case literal(UInt8)

        var isNumber: Bool { if case .literal = self { false } else { true } }
        var isElastic: Bool { self == .month(1) || self == .day(1) }
    }

    /// The form as the configuration gives it.
    package let pattern: String
    private let pieces: [Piece]

    private init(pattern: String, pieces: [Piece]) {
        self.pattern = pattern
        self.pieces = pieces
    }

    /// Reads a pattern, or `nil` if it does not describe a whole date.
    package init?(_ pattern: String) {
        var pieces: [Piece] = []
        var rest = Array(pattern.utf8)[...]
        while let letter = rest.first {
            let run = rest.prefix { $0 == letter }
            rest = rest.dropFirst(run.count)
            switch (letter, run.count) {
            case (UInt8(ascii: "y"), 4): pieces.append(.year)
            case (UInt8(ascii: "M"), 1...2): pieces.append(.month(run.count))
            case (UInt8(ascii: "d"), 1...2): pieces.append(.day(run.count))
            case _ where letter.isLetter && letter != UInt8(ascii: "T") || letter.isDigit: return nil
            default: pieces.append(contentsOf: run.map(Piece.literal))
            }
        }
        let numbers = pieces.filter(\.isNumber)
        let months = numbers.filter { if case .month = $0 { true } else { false } }
        guard numbers.count == 3, months.count == 1, numbers.contains(.year) else { return nil }
        guard numbers.contains(.day(1)) || numbers.contains(.day(2)) else { return nil }
        for (piece, next) in zip(pieces, pieces.dropFirst()) where piece.isNumber && next.isNumber {
            if piece.isElastic || next.isElastic { return nil }
        }
        self.init(pattern: pattern, pieces: pieces)
    }

    /// The day that a text names in this form, or `nil`.
    func read(_ text: UnsafeRawBufferPointer) -> Day? {
        var index = 0
        var year = 0
        var month = 0
        var day = 0
        for piece in pieces {
            switch piece {
            case .literal(let byte):
                guard index < text.count, text[index] == byte else { return nil }
                index += 1
            case .year:
                guard let value = number(text, &index, digits: 4...4) else { return nil }
                year = value
            case .month(let fewest):
                guard let value = number(text, &index, digits: fewest...2) else { return nil }
                month = value
            case .day(let fewest):
                guard let value = number(text, &index, digits: fewest...2) else { return nil }
                day = value
            }
        }
        return index == text.count ? Day(year: year, month: month, day: day) : nil
    }

    private func number(
        _ text: UnsafeRawBufferPointer,
        _ index: inout Int,
        digits: ClosedRange<Int>
    ) -> Int? {
        let start = index
        while index < text.count, index - start < digits.upperBound, text[index].isDigit { index += 1 }
        return index - start < digits.lowerBound ? nil : Digits.value(text, start..<index)
    }
}
