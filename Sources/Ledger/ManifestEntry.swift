/// What a manifest says of one record: these bytes are that row.
///
/// Sixteen bytes, stored as they lie in memory: 96 bits of the record's hash, and the row.
package struct ManifestEntry: Sendable, Equatable, BitwiseCopyable {
    package var low: UInt64
    package var high: UInt32
    /// The row's id in its table; 0 for none.
    package var row: UInt32

    package static let none = ManifestEntry(low: 0, high: 0, row: 0)

    /// Instead of an entry: a number of entries of another manifest, from a place on.
    package static func run(from place: UInt32, to end: UInt32) -> ManifestEntry {
        ManifestEntry(low: UInt64(place), high: end - place, row: 0)
    }

    package init(low: UInt64, high: UInt32, row: UInt32) {
        self.low = low
        self.high = high
        self.row = row
    }
}
