/// The keyed hash of a record's raw bytes: stands for the bytes where they are not at hand.
///
/// 128 bits, so that no two records of one ledger meet by chance; keyed by a secret, so that nobody can make them meet
/// on purpose. The function is part of what is stored: changing it means raising ``version``.
@frozen
package struct RecordHash: Hashable, Sendable {
    package var low: UInt64
    package var high: UInt64

    /// Belongs into every fingerprint.
    package static let version = 1

    @inlinable
    package init(low: UInt64, high: UInt64) {
        self.low = low
        self.high = high
    }

    /// The hash of a set from those of its members, in whatever order they come; zero is the empty set.
    @inlinable
    package static func &+= (sum: inout RecordHash, member: RecordHash) {
        let (low, carry) = sum.low.addingReportingOverflow(member.low)
        sum.low = low
        sum.high &+= member.high &+ (carry ? 1 : 0)
    }
}
