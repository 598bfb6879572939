/// Random cells, good and bad, from pools so small that collisions happen all the time.
struct RandomValues {
    /// The ids that there can be, by the column that is their key.
    static let pools: [String: [String]] = [
        "subsidiary_id": ["S1", "S2", "S3", "S4"],
        "customer_id": ["C1", "C2", "C3", "C4", "C5", "00012", "12", "C\u{E9}", "Ce\u{301}"],
        "invoice_id": (1...14).map { "I\($0)" },
        "payment_id": (1...6).map { "P\($0)" },
        "credit_memo_id": (1...4).map { "M\($0)" },
    ]

    /// A value that the column accepts, mostly; `id` is the key of the record it is for.
    static func good(_ column: ModelColumn, of type: ModelType, id: String, _ random: inout SplitMix64)
        -> String
    {
        switch column.name {
        case "parent_id":
            let pool = pools[type.idColumn] ?? []
            return random.chance(60) ? "" : random.pick(pool)
        case "subsidiary_id": return random.chance(40) ? "" : random.pick(["S1", "S2", "S3", "S4"])
        case "related_invoice_id": return random.pick(pools["invoice_id"] ?? [])
        case "application_id": return random.chance(30) ? "" : random.pick(["L1", "L2", "L3", "L4", "L5"])
        case "contact_id": return random.chance(60) ? "" : random.pick(["K1", "K2", "K3"])
        case "currency" where type.isLines: return random.chance(60) ? "" : currency(of: id)
        case "currency": return random.chance(1) ? random.pick(["USD", "EUR"]) : currency(of: id)
        case "invoice_number": return random.chance(10) ? "N1" : "N-" + id
        case "amount", "balance", "unapplied_amount", "credit_limit", "amount_invoice_currency":
            return amount(column.name, type, id, &random)
        case _ where pools[column.name] != nil: return random.pick(pools[column.name] ?? [])
        default: return value(column.format, &random)
        }
    }

    /// The currency that a record has, but for rare changes.
    static func currency(of id: String) -> String {
        switch id {
        case "C5", "P5": "JPY"
        case "I9", "P6", "M4": "KWD"
        case "I8", "P4": "EUR"
        default: "USD"
        }
    }

    private static func amount(_ column: String, _ type: ModelType, _ id: String, _ random: inout SplitMix64)
        -> String
    {
        if column == "balance" && random.chance(8) { return random.pick(["0", "0.00", "-0"]) }
        if column == "unapplied_amount" || column == "amount_invoice_currency", random.chance(40) {
            return ""
        }
        let isPayment = type.name == "payment_receipts" || type.name == "credit_memo_receipts"
        let whole = isPayment ? random.pick(["40", "100", "60"]) : random.pick(["5", "20", "40", "50"])
        let isNegative = random.chance(column == "credit_limit" ? 1 : 6)
        return (isNegative ? "-" : "") + whole
            + random.pick(["", ".00", ".0", currency(of: id) == "JPY" ? "" : ".50"])
    }

    private static func value(_ format: ModelFormat, _ random: inout SplitMix64) -> String {
        switch format {
        case .id: random.pick(["", "X1", "00007", "X 2"])
        case .string:
            random.pick([
                "", "Ann", "Smith, Inc", "say \"hi\"", "two\nlines", "\u{E9}", "e\u{301}", "NULL", "=1+1",
                "a;b|c", "5' \"",
            ])
        case .money: random.pick(["", "1", "2.00", "0", "-3.00"])
        case .decimal: random.pick(["", "1.10", "01.50", "2", "0.0500"])
        case .date: random.pick(["2025-01-01", "2025-02-28", "2024-02-29", "2025-03-31"])
        case .timestamp:
            random.pick([
                "", "2025-01-05T10:00:00Z", "2025-01-06T01:00:00+02:00", "2025-01-06T10:00:00-05:00",
                "2025-01-07T00:00:00Z", "2025-01-05T12:00:00+02:00",
            ])
        case .bool: random.pick(["", "true", "FALSE", "1", "no", "Y"])
        case .words(let words): random.chance(30) ? "" : random.pick(words + words.map { $0.uppercased() })
        case .currency: random.pick(["", "USD", "eur"])
        case .country: random.pick(["", "DE", "us"])
        case .language: random.pick(["", "de", "en"])
        case .zone: random.pick(["", "UTC", "Europe/Berlin"])
        case .email: random.pick(["a@x.io", "b@x.io", "c@x.io", "B@x.io", "d@sub.x.io"])
        case .url: random.pick(["", "https://x.io/1", "http://x.io"])
        case .list: random.pick(["", "a|b", " b | a ||a", "Escalation Contact"])
        }
    }

    /// A value that the column refuses; nil where every text is welcome.
    static func bad(_ column: ModelColumn, isKey: Bool, _ random: inout SplitMix64) -> String? {
        if column.mark == "R" && (isKey || random.chance(30)) { return "" }
        switch column.format {
        case .id, .string(255): return String(repeating: "x", count: 256)
        case .string, .list: return nil
        case .money:
            return random.pick(["1,234.56", "12.", "abc", "1e3", "0.0001", "99999999999999999999", "NULL"])
        case .decimal: return random.pick(["abc", "-1", "0", "N/A"])
        case .date:
            return random.pick(["2025-13-01", "2025-02-30", "01.02.2025", "2025-1-1", "1899-12-31", "NaN"])
        case .timestamp: return random.pick(["2025-01-01", "2025-01-01T00:00:00", "yesterday"])
        case .bool: return random.pick(["maybe", "2", "#N/A"])
        case .words: return "nonsense"
        case .currency: return random.pick(["ZZZ", "US", "$", "NULL"])
        case .country: return "11"
        case .language: return "123"
        case .zone: return "Mars/Olympus"
        case .email: return random.pick(["nonsense", "a@b", "a b@x.io", "a@@x.io", "@x.io"])
        case .url: return random.pick(["ftp://x.io", "x.io"])
        }
    }
}
