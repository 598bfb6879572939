/// The sender's side: records that live and change from day to day, from which files are cut.
struct RandomWorld {
    /// Cells by column, by type and a number of the record.
    private var records: [String: [Int: [String: String]]] = [:]

    /// The header that a type has until it changes.
    private var headers: [String: [String]] = [:]

    /// How many records there are at most.
    private static let sizes = [
        "subsidiaries": 4, "customers_with_open_balances": 9, "open_invoices": 14, "contacts": 10,
        "payment_receipts": 6, "payment_applications": 10, "credit_memo_receipts": 4,
        "credit_memo_applications": 6,
    ]

    private static let customNames = [
        "Region", "region", "REGION", "x field", "note-1", "po_numbr", "curency_2",
    ]

    /// The file of a day: most of the records, some of them changed.
    mutating func sheet(_ type: ModelType, _ random: inout SplitMix64) -> RandomSheet {
        let header = header(type, &random)
        let size = Self.sizes[type.name] ?? 5
        var rows: [[String]] = []
        // A day on which much is missing, or little.
        let share = random.pick([100, 100, 95, 80, 40])
        for number in 0..<size {
            age(type, number, &random)
            guard let record = records[type.name]?[number], random.chance(share) else { continue }
            var row = header.map { record[normalised($0)] ?? random.pick(["", "u", "v, w"]) }
            if random.chance(5) { spoil(&row, header, type, &random) }
            rows.append(row)
            if random.chance(3) { rows.append(row) }
            if random.chance(3) {
                var other = row
                other[other.count - 1] += "1"
                rows.append(other)
            }
        }
        if type.isLines && random.chance(15) { emptyOnePayment(&rows, header, type, &random) }
        if random.chance(30) { rows.shuffle(using: &random) }
        return RandomSheet(header: header, rows: rows)
    }

    /// Makes a record appear, or changes a few of its cells.
    private mutating func age(_ type: ModelType, _ number: Int, _ random: inout SplitMix64) {
        if records[type.name]?[number] == nil {
            guard random.chance(60) else { return }
            let pool = RandomValues.pools[type.idColumn] ?? []
            let isKeyed = !type.isReplacedSet && pool.indices.contains(number)
            let id = isKeyed ? pool[number] : random.pick(pool)
            var record: [String: String] = [:]
            for column in type.columns {
                record[column.name] = RandomValues.good(column, of: type, id: id, &random)
            }
            record[type.idColumn] = id
            if type.name == "contacts" { choosesOwner(&record, &random) }
            records[type.name, default: [:]][number] = record
        } else if random.chance(25), var record = records[type.name]?[number] {
            let id = record[type.idColumn] ?? ""
            for _ in 0..<3 {
                let column = random.pick(type.columns)
                if column.name == type.idColumn || (type.name == "contacts" && column.mark == "*") {
                    continue
                }
                record[column.name] = RandomValues.good(column, of: type, id: id, &random)
            }
            records[type.name]?[number] = record
        }
    }

    /// Mostly the customer or the invoice; rarely both or none.
    private func choosesOwner(_ record: inout [String: String], _ random: inout SplitMix64) {
        switch Int.random(in: 0..<20, using: &random) {
        case 0: break
        case 1:
            let owner = records["open_invoices"]?.values.first { $0["invoice_id"] == record["invoice_id"] }
            record["customer_id"] = owner?["customer_id"] ?? ""
        case 2:
            record["customer_id"] = ""
            record["invoice_id"] = ""
        case 3..<9: record["customer_id"] = ""
        default: record["invoice_id"] = ""
        }
    }

    private mutating func header(_ type: ModelType, _ random: inout SplitMix64) -> [String] {
        if let header = headers[type.name], random.chance(75) { return header }
        var header = type.columns
            // The model knows no reporting currency.
            .filter { !$0.name.hasPrefix("reporting_") }
            .filter { $0.mark == "R" || $0.mark == "*" || random.chance($0.mark == "D" ? 70 : 25) }
            .map(\.name)
        if random.chance(30) { header.append(random.pick(Self.customNames)) }
        if type.name == "contacts" && random.chance(30) { header.append("billing_email") }
        if random.chance(30) { header.shuffle(using: &random) }
        if random.chance(10) { header = header.map { $0.uppercased().replacing("_", with: " ") } }
        headers[type.name] = header
        return header
    }

    private func spoil(
        _ row: inout [String],
        _ header: [String],
        _ type: ModelType,
        _ random: inout SplitMix64
    ) {
        for _ in 0..<random.pick([1, 1, 2]) {
            let place = Int.random(in: 0..<header.count, using: &random)
            guard let column = type.columns.first(where: { $0.name == normalised(header[place]) }) else {
                continue
            }
            let isKey = column.name == type.idColumn
            if isKey && !random.chance(20) { continue }
            if let bad = RandomValues.bad(column, isKey: isKey, &random) { row[place] = bad }
        }
    }

    /// Replaces the lines of one payment by the row that says there are none.
    private func emptyOnePayment(
        _ rows: inout [[String]],
        _ header: [String],
        _ type: ModelType,
        _ random: inout SplitMix64
    ) {
        guard let place = header.firstIndex(where: { normalised($0) == type.idColumn }), !rows.isEmpty else {
            return
        }
        let payment = random.pick(rows)[place]
        if !random.chance(15) { rows.removeAll { $0[place] == payment } }
        rows.append(
            header.map { column in
                switch normalised(column) {
                case type.idColumn: payment
                case "amount": "0.00"
                default: ""
                }
            }
        )
    }

    private func normalised(_ name: String) -> String {
        name.lowercased().replacing(" ", with: "_").replacing("-", with: "_")
    }
}
