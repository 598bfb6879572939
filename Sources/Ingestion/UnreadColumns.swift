import CSV
import Ledger
import Receivables

/// The columns that nobody reads: told once each, if any row has data under them.
struct UnreadColumns {
    private var waiting: [(field: Int, name: String)]
    private var found: [(field: Int, name: String)] = []

    init(_ layout: FileLayout) {
        // Named columns are told from the header alone.
        waiting = layout.unread.filter(\.name.isEmpty)
    }

    mutating func look(at record: Record) {
        guard !waiting.isEmpty else { return }
        let hits = waiting.filter { $0.field < record.count && !Cell.isBlank(record.field($0.field)) }
        guard !hits.isEmpty else { return }
        found += hits
        waiting.removeAll { column in hits.contains { $0.field == column.field } }
    }

    func warn(_ transaction: LoadTransaction) throws {
        for column in found { try transaction.issues.append(.unknownColumnIgnored(column.name)) }
    }
}
