/// The form of a column's values (records.md 1.2).
enum ModelFormat: Equatable {
    case id
    case string(Int)
    case money
    case decimal
    case date
    case timestamp
    case bool
    case currency
    case country
    case language
    case zone
    case email
    case url
    case list
    case words([String])

    /// Reads the notation of `ModelTypes`.
    init(_ word: Substring) {
        if word.hasPrefix("enum(") {
            self = .words(word.dropFirst(5).dropLast().split(separator: ",").map(String.init))
            return
        }
        self =
            switch word {
            case "id": .id
            case "string4000": .string(4000)
            case "money": .money
            case "decimal": .decimal
            case "date": .date
            case "ts": .timestamp
            case "bool": .bool
            case "cur": .currency
            case "country": .country
            case "language": .language
            case "zone": .zone
            case "email": .email
            case "url": .url
            case "list": .list
            default: .string(255)
            }
    }
}

/// One column; `mark` is R, D or O as in records.md, or `*` for "at least one of these".
struct ModelColumn {
    let name: String
    let mark: Character
    let format: ModelFormat
}

/// One record type as section 3 of records.md declares it.
struct ModelType {
    let name: String
    let columns: [ModelColumn]

    init(_ name: String, _ declaration: String) {
        self.name = name
        columns = declaration.split(whereSeparator: \.isNewline).flatMap { line in
            let words = line.split(separator: " ")
            let names = words.dropLast(2)
            return names.map {
                ModelColumn(
                    name: String($0),
                    mark: words[words.count - 2].first ?? "O",
                    format: ModelFormat(words[words.count - 1])
                )
            }
        }
    }

    /// The first column: the key, or the owner's id for lines.
    ///
    /// Contacts have a key of their own.
    var idColumn: String { columns[0].name }

    var keepsCustomColumns: Bool {
        ["customers_with_open_balances", "open_invoices", "payment_receipts", "credit_memo_receipts"]
            .contains(name)
    }

    var isLines: Bool { name == "payment_applications" || name == "credit_memo_applications" }

    /// Types of which a file replaces the whole set of an owner, payment or credit memo.
    var isReplacedSet: Bool { isLines || name == "contacts" }

    /// The type of what lines belong to.
    var lineParent: String {
        name == "payment_applications" ? "payment_receipts" : "credit_memo_receipts"
    }

    /// Columns whose target must be known, with the type they point to (records.md 5.4).
    var references: [(column: String, target: String)] {
        switch name {
        case "subsidiaries": [("parent_id", "subsidiaries")]
        case "customers_with_open_balances": [("subsidiary_id", "subsidiaries")]
        case "open_invoices", "payment_receipts", "credit_memo_receipts":
            [("customer_id", "customers_with_open_balances"), ("subsidiary_id", "subsidiaries")]
        case "contacts":
            [("customer_id", "customers_with_open_balances"), ("invoice_id", "open_invoices")]
        default: [(idColumn, lineParent)]
        }
    }
}
