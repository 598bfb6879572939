/// The ways on which a file's rows reach the ledger; all leave it byte for byte the same.
enum LoadPath: String {
    /// A look at the whole file, then every row is judged.
    case plain
    /// One pass into an empty table.
    case first
    /// One pass in which rows that were loaded before are known by their bytes.
    case manifest
    /// None: the file is the last one once more.
    case identical
}

/// Why a single pass cannot go on: what it did is taken back, and the plain path does the work.
///
/// Thrown wherever the pass meets what it was not made for; never a fault of the file or of ours.
struct Detour: Error {
    /// Told in the file's event; a word of ours, never a value of the file.
    var reason: String

    /// A key stands in the file more than once.
    static let repeatedKey = Detour(reason: "repeated_key")
    /// The system has no thread left for a reader beside the writer.
    static let noThread = Detour(reason: "no_thread")
}
