import Testing

@testable import Receivables

struct FileNameTests {
    @Test(arguments: [
        ("open_invoices-2025-01-05.csv", "2025-01-05", nil), ("20250105.csv", "2025-01-05", nil),
        ("a_2025-01-05T1230.csv", "2025-01-05", 45_000), ("a_20250105_123015.csv", "2025-01-05", 45_015),
        ("a.20250105T120000Z.csv", "2025-01-05", 43_200), ("a_2025-01-05_9999.csv", "2025-01-05", nil),
        ("a_2025-01-05_12345.csv", "2025-01-05", nil), ("a_2025-01-05_part1.csv", "2025-01-05", nil),
        ("batch7_2099-12-31.csv", "2099-12-31", nil), ("x2025-01-05y.csv", "2025-01-05", nil),
        ("2025-01-05_1.csv", "2025-01-05", nil), ("2025-02-30_2025-03-01.csv", "2025-03-01", nil),
    ])
    func `a date in a name is found`(name: String, day: String, second: Int?) throws {
        let date = try #require(FileNameDate(in: name))
        #expect(date.day.description == day)
        #expect(date.secondOfDay == second)
    }

    @Test(arguments: [
        "open_invoices.csv", "", "2025-1-5.csv", "120250105.csv", "202501055.csv", "12025-01-05.csv",
        "2025-01-051.csv", "2025-01-05_2025-01-06.csv", "20250105_20250105.csv", "1999-12-31.csv",
        "2100-01-01.csv",
        "2025-02-30.csv", "05-01-2025.csv", "2025_01_05.csv", "invoices1736078400.csv",
    ])
    func `a name without exactly one date has none`(name: String) {
        #expect(FileNameDate(in: name) == nil)
    }

    @Test func `dates order names, times behind them too`() {
        let names = ["a_20250106.csv", "a_20250105_1200.csv", "a_20250105.csv", "a_2025-01-05T115959.csv"]
        let sorted = names.sorted {
            guard let one = FileNameDate(in: $0), let other = FileNameDate(in: $1) else { return false }
            return one < other
        }
        #expect(
            sorted == ["a_20250105.csv", "a_2025-01-05T115959.csv", "a_20250105_1200.csv", "a_20250106.csv"]
        )
    }

    @Test(arguments: [
        ("open_invoices.csv", "open_invoices"), ("Open Invoices-2025-01-05.CSV", "open_invoices"),
        ("invoices.2025.csv", "open_invoices"), ("customers.csv", "customers_with_open_balances"),
        ("customer_contacts_1.csv", "contacts"), ("customer-payment-receipts.csv", "payment_receipts"),
        ("payment_lines.csv", "payment_applications"), ("credit_memos.csv", "credit_memo_receipts"),
        ("credit_memos_applications-2.csv", "credit_memo_applications"), ("subsidiary", "subsidiaries"),
        ("INV-7.PDF", "invoice_pdfs"), ("open_invoices.pdf", "invoice_pdfs"),
    ])
    func `the type begins the name`(name: String, type: String) {
        #expect(FlatLayout().type(of: name)?.name == type)
    }

    @Test(arguments: [
        "invoicesX.csv", "my_invoices.csv", "customer.csv", "bank.csv", ".csv", "", "payments.csv",
    ])
    func `a name that no pattern begins has no type`(name: String) {
        #expect(FlatLayout().type(of: name) == nil)
    }

    @Test func `configured patterns take the place of a type's own`() {
        let layout = FlatLayout(patterns: ["open_invoices": ["AR-Items", "ar"]])
        #expect(layout.type(of: "ar items 2025.csv")?.name == "open_invoices")
        #expect(layout.type(of: "AR_x.csv")?.name == "open_invoices")
        #expect(layout.type(of: "open_invoices.csv") == nil)
        #expect(layout.type(of: "contacts.csv")?.name == "contacts")
    }

    @Test(arguments: [
        (".DS_Store", IgnoredName.hidden), (".csv", .hidden), ("~a.csv", .temporary),
        ("_tmp1.csv", .temporary),
        ("open_invoices.csv.filepart", .temporary), ("a.TMP", .temporary), ("a.csv.crdownload", .temporary),
        ("notes.txt", .otherExtension), ("a.csv.gz", .otherExtension), ("a.pdf", .otherExtension),
        ("csv", .otherExtension),
    ])
    func `a name that is not ours to take is told apart`(name: String, reason: IgnoredName) {
        #expect(IgnoredName.reason(for: name, in: .openInvoices) == reason)
    }

    @Test func `tables and documents have their own extensions`() {
        #expect(IgnoredName.reason(for: "A.CSV", in: .openInvoices) == nil)
        #expect(IgnoredName.reason(for: "A.Pdf", in: .invoicePDFs) == nil)
        #expect(IgnoredName.reason(for: "a.csv", in: .invoicePDFs) == .otherExtension)
        #expect(IgnoredName.reason(for: "a.pdf", in: nil) == nil)
        #expect(IgnoredName.reason(for: "a.csv", in: nil) == nil)
        #expect(IgnoredName.reason(for: "a.part", in: nil) == .temporary)
    }

    @Test(arguments: [
        ("Net 30", 30), ("net30", 30), ("NET-45 days", 45), ("2/10, net 60", 60), ("Net 0", 0),
        ("due on receipt", nil),
        ("planet 9", nil), ("net", nil), ("net 123456", nil), ("", nil), ("internet 5, net 7", 7),
    ])
    func `net terms are understood`(text: String, days: Int?) {
        #expect(PaymentTerms.netDays(text) == days)
    }
}
