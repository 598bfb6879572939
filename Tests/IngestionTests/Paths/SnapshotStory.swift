import Ingestion

/// Makes a random story about customers and their invoices from a seed: days on which most rows stay byte for byte what
/// they were, and everything else that can happen to them.
struct SnapshotStory {
    private var random: SplitMix64
    private var customers = Sheet(
        type: "customers_with_open_balances",
        header: [
            "customer_id", "name", "balance", "currency", "parent_id", "subsidiary_id", "phone", "Region",
        ]
    )
    private var invoices = Sheet(
        type: "open_invoices",
        header: [
            "invoice_id", "invoice_number", "customer_id", "invoice_date", "due_date", "amount", "balance",
            "currency",
            "memo", "collector_email", "updated_at", "Plant",
        ]
    )
    private var files = 0
    /// Whether this story's files have nothing wrong with them.
    private var isClean = false
    private var last: [String: LoadingDrop.File] = [:]

    /// A file's rows as they stand in it, and how they are written.
    private struct Sheet {
        var type: String
        var header: [String]
        var rows: [[String]] = []
        var lineEnd = "\n"
        var made = 0
    }

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func steps() -> [PathStep] {
        isClean = random.chance(25)
        var steps: [PathStep] = [.batch([subsidiaries()])]
        steps.append(.batch([begin(\.customers, 8), begin(\.invoices, random.pick([12, 30]))]))
        for _ in 0..<Int.random(in: 3...9, using: &random) { steps += day() }
        return steps
    }

    private mutating func day() -> [PathStep] {
        var steps: [PathStep] = []
        if random.chance(12) { steps.append(.configure(configuration())) }
        if random.chance(12) { steps.append(.write(userEdit())) }
        if random.chance(8) {
            steps.append(.replay(Int.random(in: 0..<50, using: &random), isOlder: random.chance(50)))
        }
        var files: [LoadingDrop.File] = []
        if random.chance(6) { files.append(subsidiaries()) }
        if random.chance(60) {
            files += day(of: \.customers)
        }
        if random.chance(90) {
            files += day(of: \.invoices)
        }
        if random.chance(10) { files.append(payments()) }
        if random.chance(10) { files.append(correction()) }
        steps.append(.batch(files))
        if random.chance(25) { steps.append(.release) }
        return steps
    }

    private mutating func begin(_ path: WritableKeyPath<Self, Sheet>, _ rows: Int) -> LoadingDrop.File {
        var sheet = self[keyPath: path]
        grow(&sheet, by: rows)
        self[keyPath: path] = sheet
        return file(&sheet)
    }

    /// Mostly one file; sometimes the same once more, or two.
    private mutating func day(of path: WritableKeyPath<Self, Sheet>) -> [LoadingDrop.File] {
        // A copy, since the random numbers are ours too.
        var sheet = self[keyPath: path]
        defer { self[keyPath: path] = sheet }
        change(&sheet)
        if random.chance(20), let last = last[sheet.type] { return [last] }
        var files = [file(&sheet)]
        if random.chance(6) {
            change(&sheet)
            files.append(file(&sheet))
        }
        return files
    }

    private mutating func file(_ sheet: inout Sheet) -> LoadingDrop.File {
        files += 1
        var rows = sheet.rows
        if isClean { return whole(sheet, rows.map { $0.joined(separator: ",") }) }
        // What stands in this file alone: tomorrow the rows are as they were.
        if random.chance(15), let row = rows.randomElement(using: &random) { rows.append(row) }
        if random.chance(8), var row = rows.randomElement(using: &random) {
            row[row.count - 1] += "!"
            rows.insert(row, at: Int.random(in: 0...rows.count, using: &random))
        }
        var lines = rows.map { $0.joined(separator: ",") }
        if random.chance(25), !lines.isEmpty {
            let place = Int.random(in: 0..<lines.count, using: &random)
            lines[place] = damaged(lines[place])
        }
        if random.chance(8) { lines.insert("", at: Int.random(in: 0...lines.count, using: &random)) }
        return whole(sheet, lines)
    }

    private mutating func whole(_ sheet: Sheet, _ lines: [String]) -> LoadingDrop.File {
        var text = ([sheet.header.joined(separator: ",")] + lines).joined(separator: sheet.lineEnd)
        if !random.chance(4) { text += sheet.lineEnd }
        let day = random.chance(5) ? "2024-12-0\(1 + files % 9)" : ""
        var file = LoadingDrop.File(
            sheet.type,
            text,
            name: "\(sheet.type)-\(files)\(day).csv",
            mtime: Int64(files)
        )
        if !isClean, random.chance(2) { file.bytes.removeLast(file.bytes.count / 3) }
        last[sheet.type] = file
        return file
    }

    private mutating func damaged(_ line: String) -> String {
        switch Int.random(in: 0..<6, using: &random) {
        case 0: line + ",more"
        case 1: line.replacing(",USD", with: ",\"US\"D")
        case 2: line.replacing("2025-", with: "2025/")
        case 3: "," + line.drop { $0 != "," }.dropFirst()
        case 4: line.replacing("o", with: "\u{0}")
        default: line.replacing(",USD", with: ",XXQ")
        }
    }

    /// What happens to a sheet from one day to the next, and stays.
    private mutating func change(_ sheet: inout Sheet) {
        for _ in 0..<random.pick([0, 1, 1, 2, 3]) {
            switch Int.random(in: 0..<12, using: &random) {
            case 0: sheet.rows.shuffle(using: &random)
            case 1: drop(&sheet, Int.random(in: 1...max(1, sheet.rows.count / 3), using: &random))
            case 2: grow(&sheet, by: random.pick([1, 3, 6]))
            case 3: sheet.lineEnd = sheet.lineEnd == "\n" ? "\r\n" : "\n"
            case 4: turn(&sheet)
            case 5: reorderColumns(&sheet)
            case 6: drop(&sheet, 1)
            default: for _ in 0..<random.pick([1, 2, 5]) { edit(&sheet) }
            }
        }
    }

    private mutating func drop(_ sheet: inout Sheet, _ count: Int) {
        guard sheet.rows.count > count else { return }
        let start = Int.random(in: 0...sheet.rows.count - count, using: &random)
        sheet.rows.removeSubrange(start..<start + count)
    }

    /// The second part first.
    private mutating func turn(_ sheet: inout Sheet) {
        let middle = Int.random(in: 0...sheet.rows.count, using: &random)
        sheet.rows = Array(sheet.rows[middle...] + sheet.rows[..<middle])
    }

    private mutating func reorderColumns(_ sheet: inout Sheet) {
        let (one, two) = (
            Int.random(in: 1..<sheet.header.count, using: &random),
            Int.random(in: 1..<sheet.header.count, using: &random)
        )
        sheet.header.swapAt(one, two)
        for row in sheet.rows.indices { sheet.rows[row].swapAt(one, two) }
    }

    private mutating func grow(_ sheet: inout Sheet, by count: Int) {
        let place = Int.random(in: 0...sheet.rows.count, using: &random)
        var added: [[String]] = []
        for _ in 0..<count {
            sheet.made += 1
            // Now and then a key that was there before.
            let number = random.chance(15) ? Int.random(in: 1...sheet.made, using: &random) : sheet.made
            let id = sheet.type == "open_invoices" ? "I\(number)" : "C\(number)"
            guard !(sheet.rows + added).contains(where: { $0.contains(id) }) else { continue }
            added.append(
                sheet.header.map {
                    $0.hasSuffix("_id") && id.first == "\($0)".uppercased().first ? id : value($0, id)
                }
            )
        }
        sheet.rows.insert(contentsOf: added, at: place)
    }

    private mutating func edit(_ sheet: inout Sheet) {
        guard let row = sheet.rows.indices.randomElement(using: &random) else { return }
        let column = Int.random(in: 0..<sheet.header.count, using: &random)
        let name = sheet.header[column]
        if name == "invoice_id" || name == "customer_id" && sheet.type != "open_invoices" { return }
        sheet.rows[row][column] = value(name, sheet.rows[row][0])
    }

    private mutating func value(_ column: String, _ id: String) -> String {
        switch column {
        case "customer_id" where isClean: "C\(random.pick([1, 2, 3, 4, 5, 6]))"
        case "subsidiary_id" where isClean: random.pick(["", "S1", "S2"])
        case "parent_id" where isClean: ""
        case "balance" where isClean: random.pick(["5", "20.00", "0"])
        case "invoice_id", "customer_id": "C\(random.pick([1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 40]))"
        case "name", "memo":
            random.pick(["Ann", "\"Smith, Inc\"", "\"say \"\"hi\"\"\"", "\u{E9}", "\"two\nlines\""])
        case "balance":
            random.pick(["5", "20.00", "30.10", "0", "", "1,5"].dropLast(random.chance(90) ? 2 : 0) + ["7"])
        case "amount": random.pick(["50", "25.00"])
        case "currency": random.pick(["USD", "USD", "USD", "EUR", "JPY"])
        case "parent_id": random.pick(["", "", "", "", "C1", "C2", "C3", "C99"])
        case "subsidiary_id": random.pick(["", "S1", "S2", random.chance(5) ? "S9" : "S1"])
        case "invoice_number": random.chance(10) ? "N1" : "N-\(id)"
        case "invoice_date": random.pick(["2025-01-01", "2025-01-02"])
        case "due_date": random.pick(["2025-02-01", "2025-03-01", "2024-02-01"])
        case "collector_email": random.pick(["", "", "a@x.io"])
        case "phone": random.pick(["", "1", "22"])
        case "updated_at":
            random.pick(["", "2025-01-05T10:00:00Z", "2025-01-06T10:00:00Z", "2025-01-07T10:00:00Z"])
        default: random.pick(["", "a", "b"])
        }
    }

    private mutating func subsidiaries() -> LoadingDrop.File {
        LoadingDrop.File(
            "subsidiaries",
            "subsidiary_id,name\nS1,One\nS2,Two\(random.chance(20) ? "\nS9,Nine" : "")\n",
            name: "subsidiaries-\(random.next()).csv"
        )
    }

    /// Payments may make customers up.
    private mutating func payments() -> LoadingDrop.File {
        let customer = "C\(Int.random(in: 1...60, using: &random))"
        return LoadingDrop.File(
            "payment_receipts",
            "payment_id,customer_id,payment_date,amount,currency\nP\(random.next() % 9),\(customer),2025-01-02,5,USD\n",
            name: "payments-\(random.next()).csv"
        )
    }

    /// Some rows of the invoices, as an error report that comes back.
    private mutating func correction() -> LoadingDrop.File {
        var sheet = invoices
        for _ in 0..<3 { edit(&sheet) }
        let rows = sheet.rows.shuffled(using: &random).prefix(random.pick([1, 3]))
        let lines = rows.map { "x,y,7," + $0.joined(separator: ",") }
        let header = "error_codes,error_messages,row_number," + sheet.header.joined(separator: ",")
        return LoadingDrop.File(
            sheet.type,
            ([header] + lines).joined(separator: "\n") + "\n",
            name: "correction-\(random.next()).csv"
        )
    }

    private mutating func configuration() -> (inout LoadSettings) -> Void {
        switch Int.random(in: 0..<10, using: &random) {
        case 0: { $0.blankKeeps.toggle() }
        case 1: { $0.orphansFail.toggle() }
        case 2: { $0.duplicates = .first }
        case 3: { $0.duplicates = .last }
        case 4: { $0.duplicates = .fail }
        case 5: { $0.deltaTypes = $0.deltaTypes.isEmpty ? ["open_invoices"] : [] }
        case 6: { $0.unitesParts.toggle() }
        case 7: { $0.guardRows = 2 }
        case 8: { $0.createsStubs.toggle() }
        default: { $0.guardRows = 200 }
        }
    }

    /// What users of the product, or of any SQLite tool, do to rows.
    private mutating func userEdit() -> String {
        // Row ids differ from path to path, keys do not.
        let place = Int.random(in: 0..<20, using: &random)
        let invoice =
            "invoice_id = (SELECT invoice_id FROM invoice ORDER BY invoice_id LIMIT 1 OFFSET \(place))"
        let customer =
            "customer_id = (SELECT customer_id FROM customer ORDER BY customer_id LIMIT 1 OFFSET \(place))"
        return switch Int.random(in: 0..<6, using: &random) {
        case 0:
            "UPDATE invoice SET collector_email = 'u@x.io', entered = '|collector_email|' WHERE \(invoice)"
        case 1: "UPDATE invoice SET balance = 1 WHERE \(invoice)"
        case 2: "UPDATE customer SET phone = '777' WHERE \(customer)"
        case 3:
            "UPDATE invoice SET status = 'CLEARED', cleared_date = '2024-01-01', balance = 0 WHERE \(invoice)"
        case 4: "INSERT INTO user (email, added_at) VALUES ('a@x.io', '') ON CONFLICT DO NOTHING"
        default: "UPDATE customer SET parent_id = NULL WHERE \(customer)"
        }
    }
}
