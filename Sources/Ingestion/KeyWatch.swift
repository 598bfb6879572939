import CSV
import Ledger

/// Notices a key that stands in the file for the second time, in a pass that has not looked ahead.
///
/// Keys of stored rows are told apart by the row, exactly. Keys of rows that were refused or set aside are compared by
/// hash: should two of them meet by chance, that costs a detour and nothing else.
final class KeyWatch {
    private(set) var met = Presence()
    private var homeless: Set<RecordHash> = []
    private let hasher: RecordHasher

    /// Beyond this many, memory would grow with a bad file.
    private static let most = 100_000

    init(isWeak: Bool) {
        // A key of its own for each file: what is not stored need not last.
        hasher = RecordHasher(fingerprint: (0..<32).map { _ in .random(in: .min ... .max) }, isWeak: isWeak)
    }

    /// Notes a stored row.
    ///
    /// - Throws: ``Detour``.
    @inline(__always)
    func meet(row: Int64) throws(Detour) {
        guard met.insert(row) else { throw .repeatedKey }
    }

    /// Notes the key of a row that is not stored; ``keep(row:key:)`` once it is.
    ///
    /// - Throws: ``Detour``.
    func meet(key: UnsafeRawBufferPointer) throws(Detour) {
        guard homeless.insert(hasher.hash(key)).inserted else { throw .repeatedKey }
        guard homeless.count < Self.most else { throw Detour(reason: "too_many_refused") }
    }

    /// Notes that the row with that key is stored now.
    func keep(row: Int64, key: UnsafeRawBufferPointer) throws(Detour) {
        homeless.remove(hasher.hash(key))
        try meet(row: row)
    }
}
