import Testing

@testable import Receivables

struct FindingTests {
    @Test func `a message says where, what was found and what was expected`() {
        let place = RowPlace(record: 17, line: 19, column: "due_date")
        let message = withBytes(Array("2025-13-01".utf8)) { cell in
            FieldProblem(.badDate, expected: "YYYY-MM-DD").finding(of: cell).message(at: place)
        }
        #expect(message == "Row 17 (line 19), due_date: \"2025-13-01\" is not a date; expected YYYY-MM-DD.")
    }

    @Test func `a hint ends the message`() {
        let issue = Finding.missingRequiredColumn(["due_date"], near: "due_dat")
        #expect(issue.message() == "Missing required column(s): due_date. Did you mean \"due_dat\"?")
        #expect(
            Finding.wrongFieldCount(found: 4, expected: 3).hinting("A quote is lost.")
                .message(at: RowPlace(record: 2, line: 2))
                == "Row 2 (line 2): 4 cells, header has 3. A quote is lost."
        )
    }

    @Test func `a quoted value is cut at forty characters and shows no control characters`() {
        let long = String(repeating: "é", count: 41)
        #expect(Finding.quoted(long) == "\"\(long.dropLast())…\"")
        #expect(Finding.quoted(String(long.dropLast())) == "\"\(long.dropLast())\"")
        #expect(Finding.quoted("a\r\n\t\u{1B}b") == "\"a\\r\\n\\t\\u{1b}b\"")
        let bytes = Array(String(repeating: "😀", count: 500).utf8)
        #expect(withBytes(bytes) { Finding.quoted($0) }.count == 43)
    }

    @Test func `a key in very many rows makes a short message`() {
        let issue = Finding.duplicateKey("A", records: Array(2...1_000))
        #expect(issue.text == "Key \"A\" also in row(s) 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 and 989 more.")
    }

    @Test func `a loop of parents is drawn`() {
        #expect(Finding.parentCycle(["a", "b"]).text == "\"a\" → \"b\" → \"a\".")
        #expect(Finding.parentCycle(["a"], severity: .warning).severity == .warning)
    }
}
