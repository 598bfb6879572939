package import Ledger

/// What makes loading quick: no file ends otherwise for it.
///
/// Only tests change it.
package struct LoadTuning: Sendable {
    /// Whether files may be loaded in a single pass.
    package var takesQuickPaths = true
    /// The number of rows from which a snapshot's records are remembered, or what a file said of each owner.
    package var rememberedRows = 10_000
    /// How many entries of a manifest are stored in one piece; a few such pieces are looked at together.
    package var blockEntries = 65_536
    /// How many entries a manifest has, at least, for each change of the last one, to be stored as its changes alone.
    ///
    /// These are written anew every day, and all entries then every few days.
    package var entriesPerChange = 4
    /// How many records of one block must be stored just so, yet not be found, before the order counts as lost.
    package var strays = 1024
    /// The most entries that are held in no order, 20 bytes for each, so that the process stays small.
    package var mapEntries = 1_400_000
    /// Whether hashes that only point out where to look closer are cut to 8 bits.
    package var hashesWeakly = false

    /// The size of a file from which it is worth a thread to load it into an empty table.
    package var firstBytes: Int64 = 64 << 10
    /// How much of such a file is read, at least, before its rows are handed on.
    package var stretchBytes: Int64 = 256 << 10
    /// How much of a file of contacts or lines is held in memory.
    package var parts = PartedRows.Limits()

    package init() {}
}
