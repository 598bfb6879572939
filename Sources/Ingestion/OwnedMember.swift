import Ledger

/// A row of a set, as it was set aside.
struct OwnedMember {
    var place: RecordPlace
    /// The record as decoded, without its line end; valid while the set is being settled.
    var bytes: UnsafeRawBufferPointer
    /// Whether the file has other rows of the owner.
    var hasSiblings: Bool
    /// What is known of the other rows with its key; `nil` when there are none.
    var repetition: Repetition?
}

/// Rows of one key that stand in a file more than once, as one of them sees it.
struct Repetition {
    var firstRecord: Int64
    var lastRecord: Int64
    /// Whether all of them are the same bytes.
    var areIdentical: Bool
    /// The others, a few at most; none where all are identical.
    var twins: [Int64]
}

extension OwnedMember {
    init(_ staged: StagedRows.Member, bytes: UnsafeRawBufferPointer) {
        place = staged.place
        self.bytes = bytes
        hasSiblings = staged.hasSiblings
        guard staged.isRepeated else { return }
        repetition = Repetition(
            firstRecord: staged.firstRecord,
            lastRecord: staged.lastRecord,
            areIdentical: staged.areIdentical,
            twins: staged.twins
        )
    }
}
