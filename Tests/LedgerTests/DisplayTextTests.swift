import Ledger
import Testing

struct DisplayTextTests {
    @Test(arguments: [
        ("invoices.csv", "invoices.csv"), ("a\nb\r\t\0.csv", "a\\u000ab\\u000d\\u0009\\u0000.csv"),
        ("\u{1B}]0;owned\u{07}", "\\u001b]0;owned\\u0007"), ("a\u{202E}vsc.exe", "a\\u202evsc.exe"),
        (
            "\u{2028}\u{2029}\u{85}\u{7F}\u{200F}\u{061C}\u{2066}",
            "\\u2028\\u2029\\u0085\\u007f\\u200f\\u061c\\u2066"
        ),
        ("Müller 請求書 😀", "Müller 請求書 😀"),
    ])
    func `what would act on a terminal is spelt out`(name: String, shown: String) {
        #expect(DisplayText(name).escaped == shown)
    }

    @Test(
        arguments: [
            ([0x61, 0xFF, 0x62], "a\\xFFb"), ([0xC3], "\\xC3"), ([0xE2, 0x82], "\\xE2\\x82"),
            ([0xC0, 0xAF], "\\xC0\\xAF"),
            ([0xED, 0xA0, 0x80, 0x0A], "\\xED\\xA0\\x80\\u000a"), ([], ""),
        ] as [([UInt8], String)]
    )
    func `bytes that are no UTF-8 are shown as such`(bytes: [UInt8], shown: String) {
        #expect(DisplayText(bytes: bytes).escaped == shown)
    }

    @Test func `a name over the limit is cut between characters`() {
        let name = DisplayText(String(repeating: "a", count: 254) + "é.csv")
        #expect(name.isCut)
        #expect(name.text == String(repeating: "a", count: 254))
        #expect(name.escaped.hasSuffix("a…"))
        #expect(!DisplayText(String(repeating: "a", count: 255)).isCut)
        #expect(DisplayText(bytes: [UInt8](repeating: 0x80, count: 300)).text.count == 255 * 4)
    }
}
