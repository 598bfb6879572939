import Testing

@testable import Receivables

struct CatalogueTests {
    @Test(arguments: Catalogue.types.map(\.name))
    func `a type has exactly the columns of its page, in that order`(name: String) throws {
        let type = try #require(Catalogue.type(named: name))
        let columns = type.columns.map { "\($0.name) \($0.class.mark) \($0.pageForm)" }
        #expect(columns.joined(separator: "\n") == pageOfRecordTypes[name])
    }

    @Test func `every type of the page stands in the catalogue once`() {
        #expect(Set(Catalogue.types.map(\.name)) == Set(pageOfRecordTypes.keys))
        #expect(Catalogue.types.count == pageOfRecordTypes.count)
        #expect(Set(Catalogue.types.map(\.table)).count == Catalogue.types.count)
    }

    @Test func `types stand in the load order`() {
        #expect(
            Catalogue.types.map(\.name) == [
                "subsidiaries", "customers_with_open_balances", "open_invoices", "contacts",
                "payment_receipts",
                "payment_applications", "credit_memo_receipts", "credit_memo_applications", "invoice_pdfs",
            ]
        )
    }

    @Test(arguments: Catalogue.types.map(\.name))
    func `every key, reference, rule and default names a column`(name: String) throws {
        let type = try #require(Catalogue.type(named: name))
        let columns = Set(type.columns.map(\.name))
        #expect(columns.count == type.columns.count)
        #expect(columns.isSuperset(of: type.key))
        #expect(columns.isSuperset(of: type.references.map(\.column)))
        #expect(columns.isSuperset(of: type.rules.map(\.column)))
        #expect(columns.isSuperset(of: type.rules.flatMap(\.otherColumns)))
        if let emptySet = type.emptySet {
            #expect(columns.isSuperset(of: [emptySet.blank, emptySet.zero]))
        }
        for column in type.columns {
            if case .column(let other, _) = column.default { #expect(columns.contains(other)) }
        }
        let isKeyed = type.key.contains { type.column(named: $0)?.class == .required }
        #expect(isKeyed || type.isFileOfBytes)
    }

    @Test func `every type stands behind those that its rows refer to`() throws {
        for (place, type) in Catalogue.types.enumerated() {
            let known = Catalogue.types.prefix(place).map(\.name)
            for reference in type.references where reference.target != type.name {
                #expect(known.contains(reference.target), "\(type.name).\(reference.column)")
            }
            // Records find their target by one column.
            for reference in type.references {
                let target = try #require(Catalogue.type(named: reference.target))
                guard case .single = target.identity else {
                    Issue.record(
                        "\(type.name) refers to \(target.name), which has no key of one column"
                    )
                    continue
                }
            }
        }
    }

    @Test func `a default taken from the owner names a column of the owner`() throws {
        for type in Catalogue.types {
            for column in type.columns {
                guard case .owner(let other) = column.default else { continue }
                let owner = try #require(type.identity.owners.first)
                let reference = try #require(type.reference(from: owner))
                let target = try #require(Catalogue.type(named: reference.target))
                #expect(target.column(named: other)?.format == column.format)
            }
        }
    }

    @Test func `only the four types of the page keep custom columns`() {
        let keeping = Catalogue.types.filter(\.keepsCustomColumns).map(\.name)
        #expect(
            keeping == [
                "customers_with_open_balances", "open_invoices", "payment_receipts", "credit_memo_receipts",
            ]
        )
    }

    @Test func `only customers and invoices are snapshots`() {
        #expect(
            Catalogue.types.filter(\.isSnapshot).map(\.name) == [
                "customers_with_open_balances", "open_invoices",
            ]
        )
    }

    @Test func `a blank never clears what a user may have entered`() {
        let kept = Set(Catalogue.types.flatMap(\.columns).filter(\.keepsUserValue).map(\.name))
        #expect(
            kept == [
                "collector_email", "tags", "do_not_contact", "promise_to_pay_date", "promised_amount",
                "dispute_status", "dispute_reason", "dispute_date",
            ]
        )
        for column in Catalogue.types.flatMap(\.columns) where kept.contains(column.name) {
            #expect(column.keepsUserValue)
        }
    }

    @Test func `a template holds the required and default columns`() {
        #expect(
            RecordType.openInvoices.template()
                == "invoice_id,invoice_number,customer_id,invoice_date,due_date,amount,balance,currency,"
                + "subsidiary_id,po_number,payment_terms,memo,pdf_filename"
        )
        #expect(
            RecordType.contacts.template()
                == "customer_id,invoice_id,email,first_name,last_name,title,phone,tags"
        )
        #expect(RecordType.contacts.template(all: true).hasSuffix(",do_not_email,notes"))
        #expect(RecordType.invoicePDFs.template(all: true).isEmpty)
    }

    @Test func `a code has the spelling of the page and one family at least`() {
        #expect(IssueCode.balanceGreaterThanAmount.rawValue == "balance_gt_amount")
        #expect(IssueCode.strayCarriageReturn.rawValue == "stray_cr")
        #expect(IssueCode.allCases.allSatisfy { !$0.families.isEmpty })
        #expect(IssueCode.allCases.filter { $0.families.contains(.fileError) }.count == 15)
        #expect(IssueCode.allCases.filter { $0.families.contains(.rowError) }.count == 26)
        // The page's thirty, and `over_applied` of a receipt whose amount falls below its lines.
        #expect(IssueCode.allCases.filter { $0.families.contains(.warning) }.count == 31)
    }

    @Test func `a rule's code belongs to what the rule does`() {
        for rule in Catalogue.types.flatMap(\.rules) {
            guard let issue = rule.issue else { continue }
            #expect(issue.families.contains(rule.rejects ? .rowError : .warning))
        }
    }
}

extension Column.Class {
    fileprivate var mark: String {
        switch self {
        case .required: "R"
        case .owner: "R*"
        case .standard: "D"
        case .optional: "O"
        }
    }
}

extension Column {
    /// The form in the page's words.
    fileprivate var pageForm: String {
        switch format {
        case .id: "id"
        case .string(255): "string"
        case .string(let limit): "string ≤ \(limit)"
        case .money(_, .nonZero): "money > 0"
        case .money: "money"
        case .decimal: "decimal > 0"
        case .date: "date"
        case .timestamp: "ts"
        case .bool: "bool"
        case .currency: "cur"
        case .country: "country"
        case .language: "language"
        case .timeZone: "time_zone"
        case .email: "email"
        case .url: "url"
        case .list: "list"
        case .oneOf(let words): "enum(\(words.all.joined(separator: ",")))"
        }
    }
}
