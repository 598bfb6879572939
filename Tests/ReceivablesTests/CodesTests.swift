import Testing

@testable import Receivables

struct CodesTests {
    @Test(arguments: [
        ("USD", 2), ("jpy", 0), ("KWD", 3), ("CLF", 4), ("EUR", 2), ("Clp", 0), ("TND", 3), ("XCG", 2),
    ])
    func `a currency has the decimals of ISO 4217`(code: String, exponent: Int) throws {
        let currency = try #require(Currency(code))
        #expect(currency.exponent == exponent)
        #expect(currency.code == code.uppercased())
    }

    @Test func `a currency is stored in upper case`() {
        #expect(reading("USD", as: .currency) == "text USD")
        #expect(reading(" usd ", as: .currency) == "rewritten USD")
    }

    @Test(arguments: ["XXX", "XTS", "XAU", "ZZZ", "US", "USDD", "$", "U$D", "€", "840"])
    func `what is no currency is refused`(code: String) {
        #expect(reading(code, as: .currency) == "bad_currency")
        #expect(Currency(code) == nil)
    }

    @Test func `there are about as many currencies as countries use`() {
        #expect(Currency.all.count == 171)
        #expect(Currency.all.map(\.code) == Currency.all.map(\.code).sorted())
    }

    @Test(arguments: [
        ("DE", "text DE"), ("de", "rewritten DE"), ("UK", "bad_code"), ("XX", "bad_code"),
        ("DEU", "bad_code"),
        ("D", "bad_code"), ("Germany", "bad_code"), ("1A", "bad_code"),
    ])
    func `a country is a code of ISO 3166-1`(text: String, outcome: String) {
        #expect(reading(text, as: .country) == outcome)
    }

    @Test(arguments: [
        "en", "de-CH", "EN-us", "zh-Hant-TW", "es-419", "sl-rozaj-biske", "de-1996", "yue", "zh-yue-HK",
        "en-u-ca-gregory", "de-x-our-own", "sr-Latn",
    ])
    func `a well-formed language tag is kept`(text: String) {
        #expect(reading(text, as: .language) == "text \(text)")
    }

    @Test(arguments: [
        "english", "e", "xx", "en_US", "en-", "-en", "en--US", "en-u", "en-USA1", "en-US-DE", "12", "de-x",
        "en GB",
        "en-123456789", "en-Ü",
    ])
    func `what is no language tag is refused`(text: String) {
        #expect(reading(text, as: .language) == "bad_code")
    }

    @Test(arguments: [
        "Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires", "US/Pacific", "Etc/GMT+5", "Zulu",
    ])
    func `a zone of the database is kept`(text: String) {
        #expect(reading(text, as: .timeZone) == "text \(text)")
        #expect(ZoneName.isKnown(text))
    }

    @Test(arguments: ["Berlin", "Europe", "Europe/Berlin/", "CEST", "+01:00", "Factory", "Europe/Atlantis"])
    func `an unknown zone is refused`(text: String) {
        #expect(reading(text, as: .timeZone) == "bad_code")
        #expect(complaint(text, as: .timeZone) == "\"\(text)\" is not a known time zone.")
    }

    @Test(arguments: [
        "a@b.co", "first.last+tag@sub.example.com", "ü@exämple.de", "O'Neil@x-y.example", "A_b@EXAMPLE.COM",
    ])
    func `an address is stored as given`(text: String) {
        #expect(reading(" \(text) ", as: .email) == "text \(text)")
    }

    @Test(arguments: [
        "a", "a@b", "@b.co", "a@", "a@b@c.de", "a b@c.de", "a@b c.de", "a@.de", "a@b..de", "a@b.de.",
        "a@-b.de",
        "a@b-.de", "a,b@c.de", "a@b.de;c", "<a@b.de>", "a\n@b.de", "a@b.d/e", "a@b\u{A0}c.de",
    ])
    func `what is no address is refused`(text: String) {
        #expect(reading(text, as: .email) == "bad_email")
    }

    @Test func `an address has at most 254 characters`() {
        let domain = "@example.com"
        let longest = String(repeating: "x", count: 254 - domain.count) + domain
        #expect(reading(longest, as: .email) == "text \(longest)")
        #expect(reading("x" + longest, as: .email) == "too_long")
    }

    @Test(arguments: [
        "http://x", "https://example.com/a?b=c#d", "HTTPS://Example.com:8443", "https://user:pw@host/p",
        "http://[::1]/", "https://exämple.de/ü",
    ])
    func `an absolute web address is kept`(text: String) {
        #expect(reading(text, as: .url) == "text \(text)")
    }

    @Test(arguments: [
        "example.com", "www.example.com", "ftp://example.com", "http:/x", "http://", "https://",
        "https:///path",
        "https://?q", "http://a b", "javascript:alert(1)", "//example.com", "http://<x>", "https://:80", "h",
    ])
    func `what is no web address is refused`(text: String) {
        #expect(reading(text, as: .url) == "bad_url")
    }
}
