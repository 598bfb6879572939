import TestSupport
import Testing

@testable import Receivables

struct FieldReadingTests {
    @Test(arguments: ["", " ", "\t \u{A0}", "\u{A0}"])
    func `a blank cell is null in every column`(text: String) {
        for column in Catalogue.types.flatMap(\.columns) {
            #expect(reading(text, as: column.format) == "null")
        }
        #expect(withBytes(Array(text.utf8), Cell.isBlank))
    }

    @Test(arguments: [
        (" 00012 ", "text 00012"), ("\u{A0}Aé 1\t", "text Aé 1"), ("-1", "text -1"), ("=1+1", "text =1+1"),
        ("NULL", "null_literal"), ("n/a", "null_literal"), ("#N/A", "null_literal"), ("NaN", "null_literal"),
        ("NULLS", "text NULLS"), ("none", "text none"), ("#REF!", "text #REF!"),
    ])
    func `an id is its trimmed bytes`(text: String, outcome: String) {
        #expect(reading(text, as: .id) == outcome)
    }

    @Test func `text may say anything, placeholders too`() {
        #expect(reading("NULL", as: .string()) == "text NULL")
        #expect(reading(" a  b ", as: .string()) == "text a  b")
        #expect(reading("a\nb", as: .string()) == "text a\nb")
    }

    @Test func `lengths are counted in Unicode scalars`() {
        let umlauts = String(repeating: "ü", count: 255)
        #expect(reading(umlauts, as: .id) == "text \(umlauts)")
        #expect(reading(umlauts + "ü", as: .id) == "too_long")
        #expect(reading("  " + umlauts + "  ", as: .string()) == "text \(umlauts)")
        #expect(complaint(umlauts + "üü", as: .string()) == "257 characters; limit 255.")
        let long = String(repeating: "x", count: 4000)
        #expect(reading(long, as: .string(upTo: 4000)) == "text \(long)")
        #expect(reading(long + "x", as: .string(upTo: 4000)) == "too_long")
    }

    @Test(arguments: ["true", "TRUE", "1", "yes", "Yes", "y", "Y"])
    func `a yes is 1`(text: String) {
        #expect(reading(text, as: .bool) == "integer 1")
    }

    @Test(arguments: ["false", "False", "0", "no", "NO", "n"])
    func `a no is 0`(text: String) {
        #expect(reading(text, as: .bool) == "integer 0")
    }

    @Test(arguments: ["2", "ja", "truee", "t", "on", "-1", "1.0"])
    func `what is neither yes nor no is refused`(text: String) {
        #expect(reading(text, as: .bool) == "bad_bool")
    }

    @Test func `a word is stored as the list spells it`() {
        let format = ColumnFormat.oneOf(["open", "on_hold"])
        #expect(reading("open", as: format) == "text open")
        #expect(reading(" On_Hold ", as: format) == "rewritten on_hold")
        #expect(reading("on hold", as: format) == "bad_enum")
        #expect(reading("opened", as: format) == "bad_enum")
        #expect(complaint("x", as: format) == "\"x\" is not one of open, on_hold.")
        #expect(reading("debit", as: .oneOf(["DEBIT"])) == "rewritten DEBIT")
    }

    @Test(arguments: [
        ("a", "text a"), ("a|b", "text a|b"), ("a | b", "rewritten a|b"), ("a||b|", "rewritten a|b"),
        ("b|a|b", "rewritten b|a"), ("|", "null"), (" | | ", "null"), ("A|a", "text A|a"),
        ("Escalation Contact|x y", "text Escalation Contact|x y"),
    ])
    func `a list keeps its order and loses empties and repeats`(text: String, outcome: String) {
        #expect(reading(text, as: .list) == outcome)
    }

    @Test(arguments: [
        ColumnFormat.money(), .decimal, .date, .timestamp, .bool, .currency, .country, .language, .timeZone,
        .email, .url, .list, .oneOf(["nan", "null"]),
    ])
    func `a placeholder in a typed column is a mistake of its own`(format: ColumnFormat) {
        for text in ["NULL", "null", "N/A", "#n/a", "NAN", " NaN "] {
            #expect(reading(text, as: format) == "null_literal")
        }
    }

    @Test func `every format survives any bytes`() {
        var random = SplitMix64(seed: 7)
        let formats = Catalogue.types.flatMap(\.columns).map(\.format)
        let alphabet = Array("0123456789-.:TtZz+ ,()|@aé/\"nul#".utf8) + [0xC2, 0xA0, 0xFF, 0x00]
        let lenient = FieldReading(
            money: .lenient,
            dateFormats: ["d.M.yyyy", "yyyyMMdd", "MM/dd/yyyy"].compactMap(DateFormat.init)
        )
        for _ in 0..<4_000 {
            let length = Int.random(in: 0...28, using: &random)
            let bytes = (0..<length).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            let format = formats.randomElement(using: &random) ?? .id
            withBytes(bytes) { cell in
                for reading in [FieldReading(), lenient] {
                    let outcome = reading.read(cell, as: .standard("x", format), scale: length % 5)
                    if case .problem(let problem) = outcome {
                        #expect(problem.finding(of: cell).text.hasSuffix("."))
                    }
                }
            }
        }
    }
}
