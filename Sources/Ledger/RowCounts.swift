/// What became of a file's data rows.
///
/// `total` is always the sum of the next five.
package struct RowCounts: Sendable, Equatable {
    package var total = 0
    package var inserted = 0
    package var updated = 0
    /// Also repetitions and skipped rows.
    package var unchanged = 0
    package var rejected = 0
    package var parked = 0
    /// Invoices cleared and customers zeroed because the file does not name them.
    package var cleared = 0
    /// Contacts and lines removed because the file does not name them.
    package var deleted = 0
    package var blank = 0
    /// Cleared invoices that came back with a balance.
    package var reopened = 0

    package init() {}

    /// Whether `total = inserted + updated + unchanged + rejected + parked`.
    package var balances: Bool { total == inserted + updated + unchanged + rejected + parked }

    /// Whether loading left any stored row different.
    package var changedNothing: Bool { inserted == 0 && updated == 0 && cleared == 0 && deleted == 0 }

    /// The counts under the names of the status log.
    package var detail: [(key: String, value: JSONValue)] {
        [
            ("rows_total", total), ("rows_inserted", inserted), ("rows_updated", updated),
            ("rows_unchanged", unchanged), ("rows_rejected", rejected), ("rows_parked", parked),
            ("rows_cleared", cleared), ("rows_deleted", deleted),
        ].map { ($0.0, .integer(Int64($0.1))) }
    }
}
