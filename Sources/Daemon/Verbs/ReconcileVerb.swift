import CSV
import Ledger

/// `ledgerdrop reconcile`: the customers whose open items do not come to their stated balance.
package struct ReconcileVerb: Sendable {
    package enum Form: String, Sendable, CaseIterable {
        case text
        case json
        case csv
    }

    private static let page = 1000
    private let queries: ReconciliationQueries

    package init(_ reader: DropReader) { queries = ReconciliationQueries(reader.ledger) }

    /// Whether something was loaded that is not compared yet.
    package func isBehind() throws -> Bool { try queries.isBehind() }

    /// Shows what the last comparison found, page by page.
    ///
    /// - Parameter write: Is given the output, piece by piece.
    /// - Returns: ``ExitStatus/dataError`` when there are variances.
    /// - Throws: ``CommandFailure`` before the first comparison.
    package func show(_ form: Form, write: (String) -> Void) throws -> ExitStatus {
        guard let summary = try queries.summary() else {
            throw CommandFailure(
                .noInput,
                "nothing was compared yet; it is done once something was loaded"
            )
        }
        switch form {
        case .text: try showText(summary, write)
        case .json: try showJSON(summary, write)
        case .csv: try showCSV(write)
        }
        return summary.variances == 0 ? .ok : .dataError
    }

    private func showText(_ summary: ReconciliationQueries.Summary, _ write: (String) -> Void) throws {
        write("\(summary.variances) of \(summary.customers) customers do not come out, as of \(summary.at)\n")
        for total in summary.totals {
            write(
                "\(total.currency)  \(total.customers) customers, net \(total.net), without signs \(total.gross)\n"
            )
        }
        try each { item in
            let name = DisplayText(item.customer).escaped
            guard let stated = item.stated, let variance = item.variance else {
                return write("\(name)  \(item.currency)  items of \(item.computed) in another currency\n")
            }
            write(
                "\(name)  \(item.currency)  stated \(stated)  computed \(item.computed)  variance \(variance)\n"
            )
        }
    }

    private func showJSON(_ summary: ReconciliationQueries.Summary, _ write: (String) -> Void) throws {
        let totals = summary.totals.map { total in
            JSONValue.object([
                ("currency", .text(total.currency)), ("customers", .integer(Int64(total.customers))),
                ("net", .text(total.net)), ("gross", .text(total.gross)),
            ])
        }
        let head = JSONValue.json(of: [
            ("at", .text(summary.at)), ("customers", .integer(Int64(summary.customers))),
            ("variances", .integer(Int64(summary.variances))), ("totals", .list(totals)),
        ])
        write("\(head.dropLast()),\"items\":[")
        var isFirst = true
        try each { item in
            write("\(isFirst ? "" : ",")\(item.jsonValue.json)")
            isFirst = false
        }
        write("]}\n")
    }

    private func showCSV(_ write: (String) -> Void) throws {
        var line = CSVWriter(delimiter: UInt8(ascii: ","))
        func flush() { line.drain { write(String(decoding: $0, as: UTF8.self)) } }
        for column in ["customer_id", "name", "currency", "stated", "computed", "variance"] {
            line.append(column)
        }
        line.endRecord()
        try each { item in
            line.append(item.customer)
            line.append(item.name ?? "")
            line.append(item.currency)
            for amount in [item.stated, item.computed, item.variance] {
                line.append(amount ?? "", as: .plain)
            }
            line.endRecord()
            flush()
        }
        flush()
    }

    private func each(_ body: (ReconciliationQueries.Item) throws -> Void) throws {
        var last: (customer: String, currency: String)?
        while case let page = try queries.items(after: last, limit: Self.page), !page.isEmpty {
            for item in page { try body(item) }
            last = page.last.map { ($0.customer, $0.currency) }
        }
    }
}

extension ReconciliationQueries.Item {
    /// The item under stable names.
    fileprivate var jsonValue: JSONValue {
        var members: [(key: String, value: JSONValue)] = [
            ("customer_id", .text(customer)), ("currency", .text(currency)),
        ]
        if let name { members.append(("name", .text(name))) }
        if let stated { members.append(("stated", .text(stated))) }
        members.append(("computed", .text(computed)))
        if let variance {
            members += [("variance", .text(variance)), ("code", "reconciliation_variance")]
        }
        return .object(members)
    }
}
