import Receivables
import Testing

/// The quick reading of cells must never say anything else than the whole one.
struct CellPlanTests {
    private static let words = [
        "", " ", "a", "-", "0", "1", "-0", "-0.00", "0.000", "1.", ".5", "1.5", "12.345", "1234.5678",
        "1,234.00", "(5)",
        "99999999999999", "999999999999999", "10000000000000000", "10000000000000001", "-12.30", "+1", "1e3",
        "1 2",
        "2024-02-29", "2023-02-29", "1899-12-31", "1900-01-01", "2199-12-31", "2200-01-01", "2024-13-01",
        "2024-00-10",
        "2024-04-31", "2024-4-30", "20240430", "2024/04/30", "2024-01-28", "2024-01-29", " 2024-01-05\t",
        "2024-01-05T10:00:00Z", "2024-01-05t10:00:00z", "2024-01-05T10:00:60Z", "2024-01-05T24:00:00Z",
        "2024-02-30T10:00:00Z", "2024-01-05T10:00:00+02:00", "2024-01-05T10:00:00.120Z",
        "2024-01-05 10:00:00Z",
        "EUR", "eur", "Eur", "XXX", "EU1", "JPY", "NULL", "n/a", "NaN", "#N/A", "null ", "none", "open",
        "Open", "OPEN",
        "invoice", "true", "no", "Y", "DE", "de", "en-GB", "Europe/Berlin", "a@b.example",
        "http://x.example/",
        "a|b|a", "|", "1.10", "001.5", "\u{A0}12.50\u{A0}", "Ä", "\u{A0}", "x\u{A0}",
        String(repeating: "x", count: 255), String(repeating: "x", count: 256),
        String(repeating: "é", count: 200),
        String(repeating: "é", count: 256),
    ]

    @Test(arguments: Catalogue.types.filter { !$0.isFileOfBytes })
    func `a cell that is read quickly has the value of the whole reading`(type: RecordType) throws {
        for reading in [
            FieldReading(),
            FieldReading(money: .lenient, dateFormats: [.iso, try #require(DateFormat("dd.MM.yyyy"))]),
        ] {
            for scale in [nil, 0, 2, 3, 4] {
                for word in Self.words { compare(word, type, reading, scale) }
            }
        }
    }

    @Test func `random amounts and dates are read alike`() {
        let type = RecordType.openInvoices
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            let length = Int.random(in: 1...12, using: &generator)
            let letters = (0..<length).map { _ in "0123456789.-: TZ,".randomElement(using: &generator) ?? "0"
            }
            compare(String(letters), type, FieldReading(), 2)
        }
    }

    @Test func `amounts of any length are read quickly, and as the whole reading reads them`() throws {
        let type = RecordType.openInvoices
        let amount = try #require(type.index(of: "amount"))
        var generator = SystemRandomNumberGenerator()
        for digits in 1...7 {
            let least = (1..<digits + 2).reduce(1 as Int64) { power, _ in power * 10 }
            for _ in 0..<500 {
                let units = Int64.random(in: (digits == 1 ? 1 : least)..<least * 10, using: &generator)
                var text = "\(units / 100).\(units / 10 % 10)\(units % 10)"
                #expect(quick(text, type, amount) == .integer(units))
                let changed = Int.random(in: 0..<text.utf8.count, using: &generator)
                text = String(
                    decoding: text.utf8.enumerated().map { place, byte in
                        place == changed ? .random(in: 0...0x7F, using: &generator) : byte
                    },
                    as: UTF8.self
                )
                compare(text, type, FieldReading(), 2)
            }
        }
    }

    @Test func `every word of a column is read quickly, and nothing that differs in one byte`() {
        for type in Catalogue.types {
            for column in type.columns.indices {
                guard case .oneOf(let words) = type.columns[column].format else { continue }
                for word in words.all {
                    #expect(quick(word, type, column) == .text(word))
                    for changed in 0..<word.utf8.count {
                        let bytes = word.utf8.enumerated().map { $0 == changed ? $1 ^ 1 : $1 }
                        #expect(quick(String(decoding: bytes, as: UTF8.self), type, column) == nil)
                    }
                }
            }
        }
    }

    private enum Value: Equatable {
        case null
        case integer(Int64)
        case text(String)
    }

    /// What the quick reading makes of a word; `nil` when it leaves it to the whole one.
    private func quick(_ word: String, _ type: RecordType, _ column: Int) -> Value? {
        let plan = CellPlan(type.columns, present: [column], reading: FieldReading())
        var values = [FlatValue](repeating: .null, count: type.columns.count)
        var unread = 0
        return Array(word.utf8).withUnsafeBytes { bytes in
            var cell = bytes
            guard plan.read(&cell, scale: 2, into: &values, unread: &unread) == 0 else { return nil }
            if let number = values[column].integer { return .integer(number) }
            return values[column].text.map { .text(String(decoding: $0, as: UTF8.self)) } ?? .null
        }
    }

    /// Reads the word in every column, both ways.
    private func compare(_ word: String, _ type: RecordType, _ reading: FieldReading, _ scale: Int?) {
        let present = Array(type.columns.indices)
        let plan = CellPlan(type.columns, present: present, reading: reading)
        let bytes = Array(word.utf8)
        bytes.withUnsafeBytes { cell in
            var values = [FlatValue](repeating: .null, count: present.count)
            var unread = [Int](repeating: 0, count: present.count)
            let cells = [UnsafeRawBufferPointer](repeating: cell, count: present.count)
            let left = plan.read(cells, scale: scale, into: &values, unread: &unread)
            for column in present where !unread[..<left].contains(column) {
                let whole = reading.read(cell, as: type.columns[column], scale: scale)
                guard case .value(let value) = whole else {
                    Issue.record("\(type.columns[column].name) takes \(word)")
                    continue
                }
                #expect(
                    describe(values[column].value) == describe(value),
                    "\(type.columns[column].name): \(word)"
                )
                #expect(!(values[column].isNull && type.columns[column].class == .required))
            }
        }
    }

    private func describe(_ value: FieldValue) -> String {
        switch value {
        case .null: "null"
        case .integer(let number): "\(number)"
        case .text(let bytes): "'\(String(decoding: bytes, as: UTF8.self))'"
        case .rewritten(let bytes): "'\(String(decoding: bytes, as: UTF8.self))'"
        }
    }
}
