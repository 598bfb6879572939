import Ledger
import Receivables

/// The records of a type that are open before a file is applied; counted only when their number decides.
struct OpenRecords {
    private let type: RecordType
    private let transaction: LoadTransaction
    private let counted: Int?
    private let closed: Int

    /// - Parameter canMatter: Whether their number is asked for at all.
    init(_ type: RecordType, canMatter: Bool, _ transaction: LoadTransaction) throws {
        self.type = type
        self.transaction = transaction
        // Most invoices are open: they are all but the closed ones.
        let isLeft = canMatter && type.absence == .cleared
        closed = isLeft ? try transaction.closedCount() : 0
        counted = isLeft ? nil : canMatter ? try transaction.openCount(of: type) : 0
    }

    /// A number that they do not fall below.
    ///
    /// - Parameter stored: How many records there were at least.
    func atLeast(stored: Int) -> Int { counted ?? stored - closed }

    /// - Parameter inserted: How many records the file has brought since.
    func count(inserted: Int = 0) throws -> Int {
        try counted ?? transaction.storedCount(of: type) - inserted - closed
    }
}
