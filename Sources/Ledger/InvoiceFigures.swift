import GRDB
package import Receivables

/// What is open and what is cleared, by currency, as one moment shows it.
package struct InvoiceFigures: Sendable, Equatable {
    /// How long an open invoice is overdue.
    package enum Age: Int, Sendable, CaseIterable {
        case notDue
        case upTo30
        case upTo60
        case upTo90
        case over90

        /// As people are shown it.
        package var label: String {
            switch self {
            case .notDue: "not due"
            case .upTo30: "1–30 days"
            case .upTo60: "31–60 days"
            case .upTo90: "61–90 days"
            case .over90: "over 90 days"
            }
        }

        /// As programs are shown it.
        package var word: String {
            switch self {
            case .notDue: "not_due"
            case .upTo30: "1_30"
            case .upTo60: "31_60"
            case .upTo90: "61_90"
            case .over90: "over_90"
            }
        }
    }

    /// A number of invoices and their sum.
    package struct Total: Sendable, Equatable {
        package var count: Int64 = 0
        /// In ten-thousandths of the currency's unit, exactly.
        package var sum: Int128 = 0

        package init(count: Int64 = 0, sum: Int128 = 0) {
            self.count = count
            self.sum = sum
        }

        mutating func add(_ minorUnits: Int64, scale: Int64) {
            count += 1
            // At most 10^4 times an integer of 64 bits, and at most 2^63 of them.
            sum += Int128(minorUnits) * Int128(factors[Int(min(4, max(0, scale)))])
        }
    }

    /// The invoices of one currency.
    package struct OfCurrency: Sendable, Equatable {
        /// An ISO 4217 code.
        package var currency: String
        /// The balances of the open ones.
        package var open = Total()
        /// The amounts of the cleared ones.
        package var cleared = Total()
        /// The open ones by ``Age``.
        package var ages = [Total](repeating: Total(), count: Age.allCases.count)

        package init(currency: String) { self.currency = currency }

        /// Exact decimal text with the decimals of the currency.
        package func text(_ total: Total) -> String {
            let exponent = Currency(currency)?.exponent ?? 2
            var sum = total.sum
            var decimals = 4
            while decimals > exponent, sum % 10 == 0 {
                sum /= 10
                decimals -= 1
            }
            let digits = String(sum.magnitude)
            let padded = String(repeating: "0", count: max(0, decimals + 1 - digits.utf8.count)) + digits
            let sign = sum < 0 ? "-" : ""
            return decimals > 0
                ? "\(sign)\(padded.dropLast(decimals)).\(padded.suffix(decimals))" : sign + padded
        }
    }

    /// The day against which the invoices are due.
    package var today: String
    /// In the order of the codes.
    package var currencies: [OfCurrency] = []

    package init(today: String, currencies: [OfCurrency] = []) {
        self.today = today
        self.currencies = currencies
    }
}

private let factors: [Int64] = [10_000, 1000, 100, 10, 1]

/// Adds up the invoices; it reads them all, so it is no question for a request.
package struct InvoiceFigureQueries: Sendable {
    let ledger: Ledger

    package init(_ ledger: Ledger) { self.ledger = ledger }

    /// The figures against a day of the calendar.
    ///
    /// - Throws: `DatabaseError`.
    package func figures(today: Day) throws -> InvoiceFigures {
        // Dates are stored as text that sorts like the days.
        let bounds = [0, -30, -60, -90].map { (today.adding(days: $0) ?? today).bytes }
        var figures: [UInt32: InvoiceFigures.OfCurrency] = [:]
        try ledger.pool.read { db in
            // In the order of the table: through an index each row would be a search of its own.
            let rows = try RawStatement(
                db,
                sql: "SELECT currency, scale, status, due_date, balance, amount FROM invoice NOT INDEXED"
            )
            while try rows.step() {
                let code = rows.bytes(0)
                guard code.count == 3 else { continue }
                let key = UInt32(code[0]) << 16 | UInt32(code[1]) << 8 | UInt32(code[2])
                let scale = rows.integer(1) ?? 2
                // 'OPEN' or 'CLEARED'.
                let isOpen = rows.bytes(2).count == 4
                var age = 0
                if isOpen {
                    let due = rows.bytes(3)
                    while age < bounds.count, due.count == 10, due.lexicographicallyPrecedes(bounds[age]) {
                        age += 1
                    }
                }
                let value = rows.integer(isOpen ? 4 : 5) ?? 0
                let name = { String(decoding: code, as: UTF8.self) }
                figures[key, default: InvoiceFigures.OfCurrency(currency: name())].add(
                    value,
                    scale: scale,
                    age: isOpen ? age : nil
                )
            }
        }
        return InvoiceFigures(
            today: today.description,
            currencies: figures.sorted { $0.key < $1.key }.map(\.value)
        )
    }
}

extension InvoiceFigures.OfCurrency {
    /// Adds an invoice; `nil` for the age of a cleared one.
    fileprivate mutating func add(_ minorUnits: Int64, scale: Int64, age: Int?) {
        guard let age else { return cleared.add(minorUnits, scale: scale) }
        open.add(minorUnits, scale: scale)
        ages[age].add(minorUnits, scale: scale)
    }
}
