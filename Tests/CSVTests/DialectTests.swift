import CSV
import Testing

/// The table of `loading.md` 9 and what `failure-cases.md` 5 adds to it, as far as splitting is concerned.
struct DialectTests {
    struct Case: CustomTestStringConvertible {
        let testDescription: String
        let input: String
        let rows: [[String]]
        let flaws: [Flaws]
        let delimiter: Character

        init(
            _ name: String,
            _ input: String,
            _ rows: [[String]],
            flaws: [Flaws]? = nil,
            delimiter: Character = ","
        ) {
            testDescription = name
            self.input = input
            self.rows = rows
            self.flaws = flaws ?? Array(repeating: [], count: rows.count)
            self.delimiter = delimiter
        }
    }

    static let cases = [
        Case("byte-order mark", "\u{FEFF}a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        Case("byte-order mark before a quoted header", "\u{FEFF}\"a\",b\n", [["a", "b"]]),
        Case(
            "a second byte-order mark is data",
            "\u{FEFF}\u{FEFF}a\n",
            [["\u{FEFF}a"]],
            flaws: [.highBytes]
        ),
        Case("LF", "a,b\n1,2\n", [["a", "b"], ["1", "2"]]),
        Case("CRLF", "a,b\r\n1,2\r\n", [["a", "b"], ["1", "2"]]),
        Case("CR throughout", "a,b\r1,2\r", [["a", "b"], ["1", "2"]]),
        Case("LF and CRLF mixed", "a\r\n1\n2\r\n", [["a"], ["1"], ["2"]]),
        Case(
            "a lone CR between LF lines",
            "a,b\n1,2\r3,4\n5,6\n",
            [["a", "b"], ["1", "2\r3", "4"], ["5", "6"]],
            flaws: [[], .strayCR, []]
        ),
        Case(
            "a lone LF between CR lines",
            "a\r1\n2\r3\r",
            [["a"], ["1\n2"], ["3"]],
            flaws: [[], .strayCR, []]
        ),
        Case(
            "a lone CR right behind a quote",
            "a\n\"x\"\ry\nz",
            [["a"], ["\"x\"\ry"], ["z"]],
            flaws: [[], .strayCR, []]
        ),
        Case("a lone CR in quotes", "a\n\"x\ry\"\n", [["a"], ["x\ry"]]),
        Case("half a CRLF at the end", "a\r\n1\r", [["a"], ["1"]]),
        Case("half a CRLF and Ctrl-Z at the end", "a\r\n1\r\u{1A}", [["a"], ["1"]]),
        Case("no final line end", "a,b\n1,2", [["a", "b"], ["1", "2"]]),
        Case("nothing behind the last delimiter", "a,b\n1,", [["a", "b"], ["1", ""]]),
        Case("trailing delimiter everywhere", "a,b,\n1,2,\n", [["a", "b", ""], ["1", "2", ""]]),
        Case(
            "bare quote in a cell",
            "a,b\n5\" pipe,2\n",
            [["a", "b"], ["5\" pipe", "2"]],
            flaws: [[], .bareQuote]
        ),
        Case(
            "text after a closing quote",
            "a,b\n\"a\"x,1\n2,3\n",
            [["a", "b"], ["\"a\"x", "1"], ["2", "3"]],
            flaws: [[], .textAfterQuote, []]
        ),
        Case(
            "blank after a closing quote",
            "\"a\" ,1\n2,3\n",
            [["\"a\" ", "1"], ["2", "3"]],
            flaws: [.textAfterQuote, []]
        ),
        Case(
            "text after the last quote of the file",
            "a\n\"b\"x",
            [["a"], ["\"b\"x"]],
            flaws: [[], .textAfterQuote]
        ),
        Case(
            "quotes behind such text swallow no line",
            "\"a\"x,\"b\n1,2\n\"c\",d\n",
            [["\"a\"x", "\"b"], ["1", "2"], ["c", "d"]],
            flaws: [[.textAfterQuote, .bareQuote], [], []]
        ),
        Case(
            "the rest of a cell cut off by such text is told",
            "\"a\"x,\"b\nc\",d\n1,2\n",
            [["\"a\"x", "\"b"], ["c\"", "d"], ["1", "2"]],
            flaws: [[.textAfterQuote, .bareQuote], [.resynchronised, .bareQuote], []]
        ),
        Case(
            "backslash before a quote",
            "\"a\\\"b\",1\n2,3\n",
            [["\"a\\\"b\"", "1"], ["2", "3"]],
            flaws: [[.textAfterQuote, .bareQuote], []]
        ),
        Case("backslash elsewhere", "a\\,b\\\n", [["a\\", "b\\"]]),
        Case("short and long rows", "a,b\n1\n1,2,3\n", [["a", "b"], ["1"], ["1", "2", "3"]]),
        Case("NUL", "a\u{0},b\n1,2\n", [["a\u{0}", "b"], ["1", "2"]], flaws: [.nul, []]),
        Case("NUL in quotes", "\"a\u{0}\",b\n1,2\n", [["a\u{0}", "b"], ["1", "2"]], flaws: [.nul, []]),
        Case(
            "NUL behind a quote",
            "\"a\"\u{0},b\n1,2\n",
            [["\"a\"\u{0}", "b"], ["1", "2"]],
            flaws: [.nul, []]
        ),
        Case("same and empty header names", "a,a,\n", [["a", "a", ""]]),
        Case("header only", "a,b\n", [["a", "b"]]),
        Case("blank lines", "\n\na\n\r\n1\n\n", [["a"], ["1"]]),
        Case("semicolon and decimal comma", "a;b\n1;2,50\n", [["a", "b"], ["1", "2,50"]], delimiter: ";"),
        Case("tab", "a\tb\n", [["a", "b"]], delimiter: "\t"),
        Case("pipe", "a|\"b|c\"\n", [["a", "b|c"]], delimiter: "|"),
        Case("line ends in quotes", "a,b\n\"1\r\n2\n3\",4\n", [["a", "b"], ["1\r\n2\n3", "4"]]),
        Case(
            "space before a quote",
            "a, \"b,c\"\n1,2\n",
            [["a", " \"b", "c\""], ["1", "2"]],
            flaws: [[.bareQuote, .spaceBeforeQuote], []]
        ),
        Case("Ctrl-Z at the end", "a\n1\n\u{1A}", [["a"], ["1"]]),
        Case("Ctrl-Z right behind a cell", "a\n\"1\"\u{1A}", [["a"], ["1"]]),
        Case("Ctrl-Z elsewhere", "a\n\u{1A}1\n\u{1A}\n", [["a"], ["\u{1A}1"], ["\u{1A}"]]),
        Case("separator line", "sep=;\na;b\n", [["sep=", ""], ["a", "b"]], delimiter: ";"),
        Case("doubled quotes", "\"a \"\"b\"\" c\",\"\"\"\",\"\"\"x\"\n", [["a \"b\" c", "\"", "\"x"]]),
        Case("delimiter in quotes", "\"a,b\",c\n", [["a,b", "c"]]),
        Case("single quotes", "'a,b'\n", [["'a", "b'"]]),
        Case(
            "other line ends of Unicode, form feed, vertical tab",
            "a\u{2028}b\u{85}c\u{C}d\u{B}e\n",
            [["a\u{2028}b\u{85}c\u{C}d\u{B}e"]],
            flaws: [.highBytes]
        ),
        Case("a line of blanks is a record", "a\n  \n", [["a"], ["  "]]),
        Case("a line of delimiters is a record", "a,b\n,\n", [["a", "b"], ["", ""]]),
        Case("a quoted empty cell alone on its line is a record", "a\n\"\"\n", [["a"], [""]]),
    ]

    @Test(arguments: cases)
    func `a dialect is read as its rule says`(_ test: Case) {
        let reading = Reading(test.input, delimiter: test.delimiter)
        #expect(reading.rows == test.rows)
        #expect(reading.records.map(\.flaws) == test.flaws)
        #expect(reading.failure == nil)
    }

    @Test func `a quoted empty cell differs from an empty one`() {
        let reading = Reading("\"\",,\"a\",\"a\"\"b\",b\"\n")
        #expect(reading.rows == [["", "", "a", "a\"b", "b\""]])
        #expect(reading.records.first?.quoted == [true, false, true, true, false])
    }

    @Test func `a raw field keeps its quotes`() {
        let reading = Reading("a,\"b\"\"c\"\r\nx")
        #expect(reading.records.first?.rawFields == [Array("a".utf8), Array("\"b\"\"c\"".utf8)])
        #expect(reading.records.first?.bytes == Array("a,\"b\"\"c\"".utf8))
    }

    @Test(arguments: [
        ("a,b\n1,2\n\"x\ny,2\n3,4\n", 3, 3, 0),
        ("a,b\n\"1\n2\",\"3\n4", 2, 3, 1),
        ("\"", 1, 1, 0),
        ("a\n\"b\"\"", 2, 2, 0),
        ("\"a\rb\",\"c", 1, 2, 1),
    ])
    func `a quote that never closes refuses the file and tells where it was opened`(
        input: String,
        record: Int64,
        line: Int64,
        field: Int
    ) {
        let reading = Reading(input)
        #expect(reading.failure == .unterminatedQuote(record: record, line: line, field: field))
        #expect(reading.records.count == Int(record) - 1)
    }

    @Test(arguments: ["", "\u{FEFF}", "\n\r\n\n", "\u{FEFF}\n", "\r\r", "\u{1A}", "\n\u{1A}"])
    func `a file without a record is empty`(input: String) {
        #expect(Reading(input).failure == .empty)
    }

    @Test(arguments: [
        ("a\nb\n", true), ("a\nb", false), ("a\r\nb\r", false), ("a\rb\r", true), ("a\nb\n\n", true),
        ("a\nb\n\u{1A}", true), ("a\nb\u{1A}", false), ("a\n\"b\"", false),
    ])
    func `the last line end is seen`(input: String, isThere: Bool) {
        let reading = Reading(input)
        #expect(reading.endedWithLineEnd == isThere)
        #expect(reading.records.last?.hasLineEnd == isThere)
    }

    @Test(arguments: [
        ("sep=;", ";"), ("sep=,", ","), ("SEP=\t", "\t"), ("sep=|", "|"), ("sep=", nil), ("sep=;;", nil),
        ("sep=x", nil), ("id,sep=;", nil), ("", nil), ("sep =;", nil),
    ])
    func `a separator line declares the delimiter`(line: String, delimiter: String?) {
        let found = Array(line.utf8).withUnsafeBytes { sniffSeparatorLine(head: $0) }
        #expect(found == delimiter?.utf8.first)
    }

    @Test func `typographic quotes are a hint`() throws {
        for (text, isThere) in [("a\u{201C}b\u{201D},c\n", true), ("\u{2013}é\n", false), ("a\n", false)] {
            var reader = RecordReader(ArraySource(Array(text.utf8)))
            #expect(try reader.next())
            #expect(reader.record.hints().contains(.typographicQuotes) == isThere)
        }
    }
}
