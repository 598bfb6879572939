import Testing

@testable import Receivables

struct AmountTests {
    @Test(arguments: [
        ("0", 2, 0), ("1", 2, 100), ("-12.5", 2, -1250), ("1234.56", 2, 123_456), ("-0", 2, 0),
        ("-0.00", 2, 0),
        ("007.10", 2, 710), ("10.00", 0, 10), ("1.234", 3, 1234), ("1.2340000", 3, 1234), (" 5.00 ", 2, 500),
        ("0000000000000000000000000000000000000012.00", 2, 1200), ("0.0001", 4, 1),
        ("100000000000000.00", 2, 10_000_000_000_000_000), ("-100000000000000", 2, -10_000_000_000_000_000),
    ])
    func `a plain amount is read exactly`(text: String, scale: Int, units: Int64) {
        #expect(reading(text, as: .money(), scale: scale) == "integer \(units)")
    }

    @Test(arguments: [
        "1,204.50", "1.234,56", "1.2.3", ".50", "12.", "+1.00", "1e3", "-", "--1", "12-", "0x10", "١٢", "１２",
        "€ 5", "5 €", "(12.00)", "1 000", "Infinity", ".", "-.5", "1'000",
    ])
    func `an amount that is not plain is refused, never guessed`(text: String) {
        #expect(reading(text, as: .money()) == "bad_decimal")
        #expect(reading(text, as: .money(), scale: nil) == "bad_decimal")
    }

    @Test(arguments: [("10.5", 0), ("1.005", 2), ("1.2345", 3), ("0.00000000000000000000001", 2)])
    func `decimals beyond the currency's must be zeros`(text: String, scale: Int) {
        #expect(reading(text, as: .money(), scale: scale) == "too_many_decimals")
    }

    @Test(arguments: [
        "100000000000000.01", "-100000000000001", "9223372036854775808", "92233720368547758070000",
        "1000000000000000000000000000000000000000", "9999999999999999999999.99",
    ])
    func `an amount beyond the cap is out of range`(text: String) {
        #expect(reading(text, as: .money()) == "out_of_range")
    }

    @Test func `without a currency the form alone is checked`() {
        #expect(reading("1.23456", as: .money(), scale: nil) == "null")
        #expect(reading("99999999999999999999", as: .money(sign: .positive), scale: nil) == "null")
        #expect(reading("1.5", as: .money(in: .invoice), scale: nil) == "integer 15000")
    }

    @Test func `amounts of another currency have four decimals`() {
        #expect(reading("1.5", as: .money(in: .reporting), scale: 0) == "integer 15000")
        #expect(reading("1.23456", as: .money(in: .reporting), scale: 0) == "too_many_decimals")
    }

    @Test(arguments: [
        ("1,234.56", "integer 123456"), ("(12.00)", "integer -1200"), ("-1,234,567", "integer -123456700"),
        ("(1,000)", "integer -100000"), ("12.5", "integer 1250"), ("1234567.89", "integer 123456789"),
        ("12,34", "bad_decimal"), ("1,2345", "bad_decimal"), ("1234,567", "bad_decimal"),
        (",123", "bad_decimal"),
        ("1,,234", "bad_decimal"), ("1,234,", "bad_decimal"), ("(-1)", "bad_decimal"), ("()", "bad_decimal"),
        ("(1", "bad_decimal"), ("-(1)", "bad_decimal"), ("1.234,56", "bad_decimal"),
        ("1,234.5,6", "bad_decimal"),
    ])
    func `the lenient mode takes groups and parentheses`(text: String, outcome: String) {
        #expect(reading(text, as: .money(), with: FieldReading(money: .lenient)) == outcome)
    }

    @Test func `the sign is judged`() {
        #expect(reading("0", as: .money(sign: .positive)) == "out_of_range")
        #expect(reading("-1", as: .money(sign: .nonNegative)) == "out_of_range")
        #expect(reading("-0", as: .money(sign: .nonNegative)) == "integer 0")
        #expect(reading("-1", as: .money(sign: .nonZero)) == "integer -100")
        #expect(reading("0.00", as: .money(sign: .nonZero)) == "out_of_range")
        #expect(complaint("-1", as: .money(sign: .nonNegative)) == "\"-1\" must be 0 or more.")
    }

    @Test func `messages name the currency`() {
        #expect(
            complaint("10.5", as: .money(), currency: "JPY", scale: 0)
                == "\"10.5\" has 1 decimals; JPY allows 0."
        )
        #expect(complaint("12-", as: .money()) == "\"12-\" is not a number; expected 1234.56.")
    }

    @Test(arguments: [
        ("1", "text 1"), ("1.500", "text 1.5"), ("001.0", "text 1"), ("0.50", "text 0.5"),
        ("00.25", "text 0.25"),
        ("1.123456789012", "text 1.123456789012"), ("1.1234567890123", "too_many_decimals"),
        ("1.1230000000000000", "text 1.123"), ("100", "text 100"), ("0", "out_of_range"),
        ("0.000", "out_of_range"),
        ("-1.5", "out_of_range"), ("1.", "bad_decimal"), (".5", "bad_decimal"), ("1,5", "bad_decimal"),
        ("1.2.3", "bad_decimal"), ("abc", "bad_decimal"), ("-", "bad_decimal"), ("1e5", "bad_decimal"),
        ("12345678901234567", "out_of_range"), ("0000000000000000000002", "text 2"),
    ])
    func `a rate keeps its digits without surrounding zeros`(text: String, outcome: String) {
        #expect(reading(text, as: .decimal) == outcome)
    }

    @Test(arguments: [
        (123_450 as Int64, 2, "1234.50"), (-5, 2, "-0.05"), (0, 2, "0.00"), (7, 0, "7"), (-7, 0, "-7"),
        (1234, 3, "1.234"), (15_000, 4, "1.5000"),
    ])
    func `an amount is written with all its decimals`(units: Int64, scale: Int, text: String) {
        #expect(Amount.text(units, scale: scale) == text)
    }
}
