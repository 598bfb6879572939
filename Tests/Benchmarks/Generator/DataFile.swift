/// A file of a customer, as it was sent on a day.
struct DataFile: Hashable {
    enum Table: String, CaseIterable {
        case subsidiaries, customers, invoices, contacts, payments, applications
    }

    enum Edition: String, CaseIterable {
        /// The first day.
        case first
        /// The next day: 0.7 % of the rows gone, 1.3 % changed, 0.7 % new at the end, the others byte for byte.
        case next
        /// The next day, its rows in another order.
        case shuffled
        /// The first day with two rows in a thousand that are wrong.
        case dirty
    }

    var table: Table
    var edition: Edition

    init(_ table: Table, _ edition: Edition = .first) {
        self.table = table
        self.edition = edition
    }

    /// The name of the file among the generated ones.
    var name: String { "\(table.rawValue)-\(edition.rawValue).csv" }
}

/// What is in a generated file, and what must come of loading it.
struct Contents: Codable, Equatable {
    /// Rows in the file.
    var rows = 0
    /// Rows that differ from those of the first day.
    var changed = 0
    /// Rows that the first day did not have.
    var added = 0
    /// Rows of the first day that are not in the file.
    var absent = 0
    /// Rows that must be refused, and those that must wait for their parent.
    var rejected = 0
    var parked = 0
    var bytes = 0
    /// Sums over all rows that are neither refused nor parked.
    var sums = Sums()
}
