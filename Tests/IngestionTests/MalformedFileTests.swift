import CSV
import Ingestion
import Ledger
import Receivables
import Testing

/// What becomes of files as the world makes them (`failure-cases.md` 5), from their bytes to the stored rows: nothing is
/// padded, shifted or guessed; a bad row is rejected where it stands and the others load; a bad file changes nothing.
struct MalformedFileTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let testDescription: String
        var bytes: [UInt8]
        /// The state of the file, and the reason if there is one.
        var state = "loaded"
        /// The customers behind it, as `key|name|balance`.
        var stored: [String]
        /// As `record severity code column`.
        var issues: [String] = []
        var change: @Sendable (inout LoadSettings) -> Void = { _ in }

        init(
            _ name: String,
            _ bytes: [UInt8],
            _ state: String = "loaded",
            stored: [String] = ["C1|Ann|1.00", "C2|Bob|2.00"],
            issues: [String] = [],
            change: @escaping @Sendable (inout LoadSettings) -> Void = { _ in }
        ) {
            testDescription = name
            self.bytes = bytes
            self.state = state
            self.stored = stored
            self.issues = issues
            self.change = change
        }

        init(
            _ name: String,
            _ text: String,
            _ state: String = "loaded",
            stored: [String] = ["C1|Ann|1.00", "C2|Bob|2.00"],
            issues: [String] = [],
            change: @escaping @Sendable (inout LoadSettings) -> Void = { _ in }
        ) {
            self.init(name, Array(text.utf8), state, stored: stored, issues: issues, change: change)
        }
    }

    static let header = "customer_id,name,balance,currency\n"
    static let good = header + "C1,Ann,1.00,USD\nC2,Bob,2.00,USD\n"

    private static func in16(_ text: String, isBigEndian: Bool, hasMark: Bool = true) -> [UInt8] {
        (hasMark ? [0xFEFF] : []).appending(text.utf16).flatMap {
            let pair = [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)]
            return isBigEndian ? pair : pair.reversed()
        }
    }

    private static func separated(by delimiter: String) -> String {
        good.replacing(",", with: delimiter)
    }

    static let shapes = [
        Case("LF", good),
        Case("CRLF", good.replacing("\n", with: "\r\n")),
        Case("CR", good.replacing("\n", with: "\r")),
        Case("no final line end", String(good.dropLast())),
        Case("empty lines", "\n" + good.replacing("\nC2", with: "\n\n\r\nC2") + "\n\n\n"),
        Case("Ctrl-Z at the end", good + "\u{1A}"),
        Case("blanks around cells", header + " C1 ,\tAnn ,1.00 , USD\nC2,Bob, 2.00,USD\n"),
        Case("a mark", "\u{FEFF}" + good),
        Case("a mark before a quoted header", "\u{FEFF}\"customer_id\"" + good.dropFirst(11)),
        Case("UTF-16, little-endian", in16(good, isBigEndian: false)),
        Case("UTF-16, big-endian", in16(good.replacing("\n", with: "\r\n"), isBigEndian: true)),
        Case(
            "the header in other spelling",
            "Customer ID , NAME,\"Balance\",currency\nC1,Ann,1.00,USD\nC2,Bob,2.00,USD\n"
        ),
        Case("a trailing delimiter on every line", good.replacing("\n", with: ",\n")),
        Case("sep=;", "sep=;\r\n" + separated(by: ";"), issues: ["- warning delimiter_detected -"]),
        Case(
            "semicolons",
            separated(by: ";"),
            issues: ["- warning delimiter_detected -"]
        ),
        Case("tabs", separated(by: "\t"), issues: ["- warning delimiter_detected -"]),
        Case("pipes", separated(by: "|"), issues: ["- warning delimiter_detected -"]),
        Case("pipes, as configured", separated(by: "|")) { $0.delimiter = UInt8(ascii: "|") },
        Case(
            "a preamble",
            "Open balances\n\nas of 2025-01-05,,\n" + good,
            issues: ["- warning preamble_skipped -"]
        ),
        Case(
            "Windows-1252 where it is declared",
            header.utf8 + [0x43, 0x31, 0x2C, 0x80, 0xE9] + ",1,USD\n".utf8
        ) {
            $0.encoding = .windows1252
        }.storing("C1|€é|1.00"),
        Case("line ends of Unicode are data", header + "C1,a\u{2028}b\u{85}c\u{C}d\u{B}e,1,USD\n")
            .storing("C1|a\u{2028}b\u{85}c\u{C}d\u{B}e|1.00"),
        Case("a line end in quotes is data", header + "C1,\"a\r\nb\nc\rd\",1,USD\n").storing(
            "C1|a\r\nb\nc\rd|1.00"
        ),
        Case("a quote in the middle is data", header + "C1,5\" pipe,1,USD\n").storing("C1|5\" pipe|1.00"),
        Case("other quotes are data", header + "C1,'a',1,USD\nC2,“b”,2,USD\n").storing(
            "C1|'a'|1.00",
            "C2|“b”|2.00"
        ),
        Case("leading zeros are kept", header + "0012,a,1,USD\n12,b,2,USD\n").storing(
            "0012|a|1.00",
            "12|b|2.00"
        ),
        Case("keys are told apart by their bytes", header + "c1,a,1,USD\nC1,b,2,USD\n").storing(
            "C1|b|2.00",
            "c1|a|1.00"
        ),
        Case("composed and decomposed keys differ", header + "\u{E9},a,1,USD\ne\u{301},b,2,USD\n")
            .storing("e\u{301}|b|2.00", "\u{E9}|a|1.00"),
        Case(
            "formulas are stored as they are",
            header + "C1,\"=cmd|'/c calc'!A1\",1,USD\nC2,@SUM(A1),2,USD\nC3,＝1,3,USD\n+1,-2+3,4,USD\n"
        ).storing("+1|-2+3|4.00", "C1|=cmd|'/c calc'!A1|1.00", "C2|@SUM(A1)|2.00", "C3|＝1|3.00"),
        Case(
            "a minus before nothing is zero",
            header + "C1,Ann,-0.00,USD\n",
            issues: ["2 warning zero_balance balance"]
        )
        .storing("C1|Ann|0.00"),
    ]

    /// A row that is rejected, between two that load.
    private static func row(
        _ name: String,
        _ row: String,
        _ issues: String...,
        stored: [String] = ["C1|Ann|1.00", "C2|Bob|2.00"]
    ) -> Case {
        let text = header + "C1,Ann,1.00,USD\n" + row + "\nC2,Bob,2.00,USD\n"
        return Case(name, text, "loaded_with_errors", stored: stored, issues: issues)
    }

    static let rows = [
        row("too few cells", "C9,Zed,9.00", "3 error wrong_field_count -"),
        row("too many cells", "C9,Zed,9.00,USD,x", "3 error wrong_field_count -"),
        row("a comma that should be quoted", "C9,Zed, Inc,9.00,USD", "3 error wrong_field_count -"),
        row("typographic quotes", "C9,“Zed, Inc”,9.00,USD", "3 error wrong_field_count -"),
        row("a space before the quote", "C9, \"Zed, Inc\",9.00,USD", "3 error wrong_field_count -"),
        row("a trailing delimiter on one line", "C9,Zed,9.00,USD,", "3 error wrong_field_count -"),
        row("a footnote", "*** end of report ***", "3 error wrong_field_count -"),
        row(
            "text behind a quote",
            "C9,\"Zed\"x,9.00,USD",
            "- warning absence_suspended -",
            "3 error bad_quoting -"
        ),
        row(
            "a backslash before a quote",
            "C9,\"Zed \\\"Z\\\"\",9.00,USD",
            "- warning absence_suspended -",
            "3 error bad_quoting -"
        ),
        row(
            "a lone carriage return",
            "C9,Zed\r,9.00,USD",
            "- warning absence_suspended -",
            "3 error stray_cr -"
        ),
        row(
            "two rows glued by a carriage return",
            "C8,Yan,8.00,USD\rC9,Zed,9.00,USD",
            "- warning absence_suspended -",
            "3 error stray_cr -"
        ),
        row("a NUL", "C9,Z\u{0}d,9.00,USD", "3 error bad_encoding -"),
        row(
            "the header again",
            "customer_id,name,balance,currency",
            "3 error bad_currency currency",
            "3 error bad_decimal balance"
        ),
        row("a total", "Total,,3.00,USD", "3 error required_blank name"),
        row(
            "a total without a name",
            ",Total,3.00,USD",
            "- warning absence_suspended -",
            "3 error required_blank customer_id"
        ),
        row("a placeholder", "C9,Zed,N/A,USD", "3 error null_literal balance"),
        row("a fault of a spreadsheet", "C9,Zed,#REF!,USD", "3 error bad_decimal balance"),
        row("an amount with groups", "C9,Zed,\"1,234.56\",USD", "3 error bad_decimal balance"),
        row("an amount of another language", "C9,Zed,\"1.234,56\",USD", "3 error bad_decimal balance"),
        row("an amount in parentheses", "C9,Zed,(12.00),USD", "3 error bad_decimal balance"),
        row("a sign behind", "C9,Zed,12-,USD", "3 error bad_decimal balance"),
        row("a currency sign", "C9,Zed,€ 5,USD", "3 error bad_decimal balance"),
        row("an exponent", "C9,Zed,1e3,USD", "3 error bad_decimal balance"),
        row("an infinite exponent", "C9,Zed,1e309,USD", "3 error bad_decimal balance"),
        row("infinity", "C9,Zed,Infinity,USD", "3 error bad_decimal balance"),
        row("not a number", "C9,Zed,NaN,USD", "3 error null_literal balance"),
        row("another base", "C9,Zed,0x10,USD", "3 error bad_decimal balance"),
        row("full-width digits", "C9,Zed,１２,USD", "3 error bad_decimal balance"),
        row(
            "forty digits",
            "C9,Zed,\(String(repeating: "9", count: 40)),USD",
            "3 error out_of_range balance"
        ),
    ]

    /// Bytes that no text in UTF-8 has.
    static let encodings: [Case] = [
        ("overlong", [0xC0, 0xAF]), ("a lone surrogate", [0xED, 0xA0, 0x80]), ("cut", [0xE2, 0x82]),
        ("Windows-1252 that was not declared", [0xE9]), ("beyond Unicode", [0xF4, 0x90, 0x80, 0x80]),
    ].map { name, bytes in
        Case(
            name,
            (header + "C1,Ann,1.00,USD\nC9,").utf8 + bytes + ",9.00,USD\nC2,Bob,2.00,USD\n".utf8,
            "loaded_with_errors",
            issues: ["3 error bad_encoding -"]
        )
    }

    private static func refused(
        _ name: String,
        _ bytes: [UInt8],
        _ reason: String,
        change: @escaping @Sendable (inout LoadSettings) -> Void = { _ in }
    ) -> Case {
        let before = ["C1|before|7.00", "C3|before|7.00"]
        return Case(name, bytes, "failed \(reason)", stored: before, issues: [], change: change)
    }

    private static func refused(_ name: String, _ text: String, _ reason: String) -> Case {
        refused(name, Array(text.utf8), reason)
    }

    static let files = [
        refused("no bytes", "", "empty_file"),
        refused("a mark alone", "\u{FEFF}", "empty_file"),
        refused("blank lines alone", "\n\r\n\n", "empty_file"),
        refused("no header", "C1,Ann,1.00,USD\nC2,Bob,2.00,USD\n", "missing_header"),
        refused("another delimiter than the configured", Array(separated(by: "\t").utf8), "missing_header") {
            $0.delimiter = UInt8(ascii: ";")
        },
        refused("a column twice", "customer_id,name,balance,Balance ,currency\n", "duplicate_column"),
        refused(
            "a quote that never closes",
            good + "C9,\"Zed,9.00,USD\nC10,Yan,1.00,USD\n",
            "unterminated_quote"
        ),
        refused("UTF-16 without a mark", in16(good, isBigEndian: false, hasMark: false), "bad_encoding"),
        refused("UTF-32", [0xFF, 0xFE, 0, 0] + good.utf8.flatMap { [$0, 0, 0, 0] }, "bad_encoding"),
        refused("XLSX or ZIP", [0x50, 0x4B, 3, 4, 0x14] + good.utf8, "not_csv"),
        refused("gzip", [0x1F, 0x8B, 8, 0] + good.utf8, "not_csv"),
        refused("PDF", "%PDF-1.7\n" + good, "not_csv"),
        refused("HTML", "<!DOCTYPE html><table>" + good, "not_csv"),
        refused("XML", "<?xml version=\"1.0\"?>\n" + good, "not_csv"),
        refused("JSON", "{\"customers\": []}\n" + good, "not_csv"),
        refused(
            "a header of 70 kB",
            Array((header.dropLast() + "," + String(repeating: "x", count: 70_000) + "\n").utf8),
            "too_large"
        ) {
            $0.limits = Limits(fieldBytes: 65_536)
        },
        refused(
            "more columns than the limit",
            good.replacing("currency", with: "currency" + String(repeating: ",", count: 5000)),
            "too_large"
        ),
        refused(
            "a field over the limit",
            Array((good + "C9,\"" + String(repeating: "x", count: 3000)).utf8),
            "too_large"
        ) {
            $0.limits = Limits(fieldBytes: 1000)
        },
    ]

    /// What is stored, each customer once, as a user sees it.
    private static let customers = """
        SELECT customer_id, name, balance FROM customers_with_open_balances WHERE balance <> '0.00' OR name <> 'before'
         ORDER BY customer_id
        """

    @Test(arguments: shapes + rows + encodings) func `nothing is shifted or guessed, and what is good loads`(
        _ test: Case
    ) throws {
        let drop = try LoadingDrop(test.settings)
        let outcome = try drop.batch(.init("customers_with_open_balances", bytes: test.bytes))
        let settled = outcome.values.first.map { "\($0.state.rawValue)\($0.reason.map { " \($0)" } ?? "")" }
        #expect(settled == test.state)
        let stored = try drop.query(Self.customers)
        #expect(stored == test.stored)
        let issues = try drop.issues()
        #expect(issues == test.issues)
    }

    @Test(arguments: files) func `a file that cannot be read as one changes nothing`(_ test: Case) throws {
        let drop = try LoadingDrop(test.settings)
        let before = Self.header + "C1,before,7.00,USD\nC3,before,7.00,USD\n"
        try drop.load(.init("customers_with_open_balances", before, name: "before.csv"), with: LoadSettings())
        let outcome = try drop.batch(.init("customers_with_open_balances", bytes: test.bytes))
        let settled = outcome.values.first.map { "\($0.state.rawValue)\($0.reason.map { " \($0)" } ?? "")" }
        #expect(settled == test.state)
        let stored = try drop.query(Self.customers)
        #expect(stored == test.stored)
        let count = try drop.query("SELECT count(*) FROM row_issues WHERE severity = 'error'")
        #expect(count == ["1"])
    }

    @Test func `names of columns are data, whatever they say`() throws {
        let drop = try LoadingDrop()
        let names = ["id); DROP TABLE customer;--", "\"", "rowid", "'", "custom\u{1B}[2J"]
        let header =
            Self.header.dropLast() + names.map { ",\"\($0.replacing("\"", with: "\"\""))\"" }.joined()
        let outcome = try drop.batch(
            .init("customers_with_open_balances", header + "\nC1,Ann,1.00,USD,v,w,x,y,z\n")
        )
        #expect(outcome.values.first?.state == .loaded)
        let values = try drop.query(
            "SELECT DISTINCT value FROM customers_with_open_balances, json_each(custom) ORDER BY 1"
        )
        #expect(values.count == names.count && Set(values).isSubset(of: ["v", "w", "x", "y", "z"]))
        let warnings = try drop.issues()
        #expect(warnings.count == names.count)
        let message = try drop.query("SELECT message FROM row_issues").joined()
        #expect(!message.contains("\u{1B}"))
    }

    @Test func `rows keep their numbers and places behind blank lines`() throws {
        let drop = try LoadingDrop()
        let text = Self.header + "\n\nC1,Ann,1.00,USD\n\n\"C2\n\",x,y,USD\nC3,Cid,?,USD\n"
        try drop.batch(.init("customers_with_open_balances", text))
        let places = try drop.query(
            "SELECT record, line, column_name FROM row_issues ORDER BY record, column_name"
        )
        #expect(places == ["6|6|balance", "7|8|balance"])
    }
}

extension MalformedFileTests.Case {
    fileprivate func storing(_ rows: String...) -> Self {
        var copy = self
        copy.stored = rows
        return copy
    }

    fileprivate var settings: LoadSettings {
        var settings = LoadSettings()
        change(&settings)
        return settings
    }
}

extension LoadingDrop {
    /// Loads one file with other settings than the drop's.
    fileprivate func load(_ file: File, with other: LoadSettings) throws {
        let own = settings
        settings = other
        defer { settings = own }
        try batch(file)
    }
}

extension [UInt16] {
    fileprivate func appending(_ units: some Sequence<UInt16>) -> [UInt16] { self + units }
}
