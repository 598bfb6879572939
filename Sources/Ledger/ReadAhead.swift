import GRDBSQLite

/// What will probably be read next of a log, read in advance in larger pieces.
///
/// A checkpoint reads the log page by page in the order of the database, which is mostly that of a few runs through the log.
/// All that is read in one phase must stay as it is until its end.
struct ReadAhead {
    /// A run through the log: where it is expected to go on, and what was read of that.
    private struct Run {
        var bytes: UnsafeMutableRawPointer?
        var start: Int64 = 0
        var count = 0
        /// Where the last read ended.
        var end: Int64 = -1
    }

    /// The one that was used last comes first.
    private var runs = [Run](repeating: Run(), count: 3)
    private var phase = 0

    private static let capacity = 0x10000
    /// How far on a read may begin to be taken for the next of a run.
    private static let gap: Int64 = 0x8000

    /// Reads through what was read in advance.
    ///
    /// - Parameters:
    ///   - phase: Another than before: what was read may hold no longer.
    ///   - read: Reads from the file itself.
    mutating func read(
        _ target: UnsafeMutableRawPointer,
        _ amount: Int,
        at place: Int64,
        phase: Int,
        _ read: (UnsafeMutableRawPointer, Int, Int64) -> Int32
    ) -> Int32 {
        if phase != self.phase { forget() }
        self.phase = phase
        let index = runs.firstIndex { place >= $0.end && place - $0.end <= Self.gap }
        var run = runs.remove(at: index ?? runs.count - 1)
        let end = place + Int64(amount)
        defer {
            run.end = end
            runs.insert(run, at: 0)
        }
        if place < run.start || end > run.start + Int64(run.count) {
            run.count = 0
            // The end of the file may be nearer than a whole piece.
            guard index != nil, amount <= Self.capacity,
                read(memory(of: &run), Self.capacity, place) == SQLITE_OK
            else { return read(target, amount, place) }
            run.start = place
            run.count = Self.capacity
        }
        guard let bytes = run.bytes else { return read(target, amount, place) }
        target.copyMemory(from: bytes + Int(place - run.start), byteCount: amount)
        return SQLITE_OK
    }

    private func memory(of run: inout Run) -> UnsafeMutableRawPointer {
        let bytes = run.bytes ?? .allocate(byteCount: Self.capacity, alignment: 16)
        run.bytes = bytes
        return bytes
    }

    /// Frees what was read.
    mutating func forget() {
        for run in runs { run.bytes?.deallocate() }
        runs = [Run](repeating: Run(), count: 3)
    }
}
