import Testing

@testable import Receivables

struct HeaderTests {
    @Test(arguments: [
        ("Invoice ID", "invoice_id"), (" due-date ", "due_date"), ("\u{A0}AMOUNT\u{A0}", "amount"),
        ("Größe", "größe"), ("a  b", "a__b"), ("", ""), ("ÉTAT", "état"), ("x\u{A0}y", "x_y"),
    ])
    func `a header is matched by its plain name`(header: String, name: String) {
        #expect(Header.normalise(header).utf8.elementsEqual(name.utf8))
    }

    @Test(arguments: [
        ("due_dat", "due_date"), ("po_numbr", "po_number"), ("inovice_id", "invoice_id"), ("emial", "email"),
        ("ammont", "amount"), ("nmae", "name"), ("curency", "currency"), ("paymentterms", "payment_terms"),
    ])
    func `a misspelt header is recognised`(unknown: String, column: String) {
        let columns = [
            "due_date", "po_number", "invoice_id", "email", "amount", "name", "currency", "payment_terms",
        ]
        #expect(Header.nearMiss(of: unknown, among: columns) == column)
    }

    @Test(arguments: [
        ("mails", "email"), ("region", "reason"), ("nme_", "name"), ("due", "due_date"), ("tax", "tags"),
    ])
    func `another word is not`(unknown: String, column: String) {
        let distance = Header.distance(from: Array(unknown.unicodeScalars), to: Array(column.unicodeScalars))
        #expect(distance >= 2)
        #expect(Header.nearMiss(of: unknown, among: [column]) == (unknown == "region" ? column : nil))
    }

    @Test func `the nearest column wins`() {
        #expect(Header.nearMiss(of: "due_dat", among: ["due_day_", "due_date"]) == "due_date")
        #expect(Header.nearMiss(of: String(repeating: "x", count: 70_000), among: ["due_date"]) == nil)
        #expect(Header.nearMiss(of: "amount", among: []) == nil)
    }

    @Test(arguments: [
        ("ab", "ba", 1), ("abc", "abc", 0), ("abc", "", 3), ("ca", "abc", 3), ("invoice", "invocie", 1),
    ])
    func `swapped neighbours count once`(one: String, other: String, edits: Int) {
        #expect(Header.distance(from: Array(one.unicodeScalars), to: Array(other.unicodeScalars)) == edits)
    }
}
