import Glibc
package import Ledger

/// The file `status.log`: every event as one line, in order, none missing and none twice.
///
/// It is a projection. At start an incomplete last line is cut off, the last number is found, and the table of events is
/// followed from there. The file `status.seq` keeps that number too, for a start right after the log was rotated away.
package actor StatusLog {
    /// Events are fetched in lots, so that memory does not grow with what has piled up.
    private static let lot = 500
    /// How much of the end of the file is searched for its last lines.
    private static let tail: off_t = 128 * 1024

    private let directory: StateDirectory
    private let drop: String
    private let events: EventQueries
    private let journal: @Sendable (StoredEvent) -> Void
    private var log: Int32
    private let number: Int32
    /// The number of the last event that was told.
    package private(set) var lastSeq: Int64

    /// Opens the log and mends its end.
    ///
    /// `journal` is told each event as well, after the file was.
    ///
    /// - Throws: ``StateDirectoryFailure``.
    package init(
        in directory: StateDirectory,
        of ledger: Ledger,
        journal: @escaping @Sendable (StoredEvent) -> Void = { _ in }
    ) throws(StateDirectoryFailure) {
        self.directory = directory
        drop = ledger.dropName
        events = EventQueries(ledger)
        self.journal = journal
        log = try Self.open(directory)
        number = try directory.open("status.seq", flags: O_RDWR | O_CREAT)
        let durable = Self.storedNumber(number)
        let told = try Self.mendEnd(log, durable: durable, path: directory.path(of: "status.log"))
        // Only a log that was just rotated away tells nothing; else it is asked what it tells.
        lastSeq = told > 0 ? told : Self.storedNumber(number)
    }

    /// The number of the last event that was told, by the log or beside it; 0 for none.
    ///
    /// Only for whoever holds the drop: an incomplete last line is cut off.
    static func lastTold(in directory: StateDirectory) throws(StateDirectoryFailure) -> Int64 {
        let log = try open(directory)
        defer { close(log) }
        let number = try directory.open("status.seq", flags: O_RDWR | O_CREAT)
        defer { close(number) }
        let durable = storedNumber(number)
        return max(try mendEnd(log, durable: durable, path: directory.path(of: "status.log")), durable)
    }

    isolated deinit {
        close(log)
        close(number)
    }

    /// Tells every event that has not been told.
    ///
    /// - Throws: ``StateDirectoryFailure`` when the file cannot be written, `DatabaseError` when the ledger cannot be
    ///   read; either way the next call goes on where this one stopped.
    package func catchUp() throws {
        while true {
            let lot = try events.after(lastSeq, limit: Self.lot)
            guard let last = lot.last else { return }
            try append(lot.map { StatusLine.json($0, drop: drop) + "\n" }.joined())
            lastSeq = last.seq
            storeNumber()
            for event in lot { journal(event) }
        }
    }

    /// Lets go of a file that was rotated away.
    package func reopen() throws(StateDirectoryFailure) {
        let next = try Self.open(directory)
        close(log)
        log = next
    }

    private static func open(_ directory: StateDirectory) throws(StateDirectoryFailure) -> Int32 {
        try directory.open("status.log", flags: O_RDWR | O_CREAT | O_APPEND)
    }

    private func append(_ text: String) throws(StateDirectoryFailure) {
        let before = lseek(log, 0, SEEK_END)
        guard AtomicFile.writeAll(Array(text.utf8)[...], to: log) else {
            let code = errno
            // A full disk may have taken half a line; nobody must ever see one.
            if before >= 0 { ftruncate(log, before) }
            throw StateDirectoryFailure(path: directory.path(of: "status.log"), code: code)
        }
        // Of what was written and not synced a power loss may leave any part.
        guard fdatasync(log) == 0 else {
            throw StateDirectoryFailure(path: directory.path(of: "status.log"), code: errno)
        }
    }

    private func storeNumber() {
        // Always of the same width, so that one write replaces it. Losing it costs a longer look while the log is there.
        let digits = String(lastSeq)
        let line = String(repeating: "0", count: 19 - min(19, digits.count)) + digits + "\n"
        _ = line.withCString { pwrite(number, $0, 20, 0) }
    }

    private static func storedNumber(_ file: Int32) -> Int64 {
        var buffer = [UInt8](repeating: 0, count: 20)
        guard pread(file, &buffer, buffer.count, 0) == buffer.count else { return 0 }
        return Int64(String(decoding: buffer.dropLast(), as: UTF8.self)) ?? 0
    }

    /// Cuts an incomplete last line, and everything from where lines stop following one another.
    ///
    /// `durable`: the lines up to this one are known to be whole. Returns the last number; 0 when there is none.
    private static func mendEnd(
        _ file: Int32,
        durable: Int64,
        path: String
    ) throws(StateDirectoryFailure) -> Int64 {
        let size = lseek(file, 0, SEEK_END)
        guard size > 0 else { return 0 }
        var window = tail
        while true {
            let start = max(0, size - window)
            let bytes = try read(file, from: start, to: size, path: path)
            // The first line of the window is only known to be whole at the start of the file.
            let first = start == 0 ? 0 : bytes.firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.endIndex
            let (last, end, begin) = follow(bytes, from: first)
            guard start == 0 || begin > 0 && begin <= durable else {
                window *= 4
                continue
            }
            if end < bytes.endIndex { ftruncate(file, start + off_t(end)) }
            return last
        }
    }

    /// The last number of the lines that follow one another, where they end, and their first number.
    private static func follow(_ bytes: [UInt8], from first: Int) -> (last: Int64, end: Int, begin: Int64) {
        var (last, end, begin): (Int64, Int, Int64) = (0, first, 0)
        while let newline = bytes[end...].firstIndex(of: 0x0A) {
            guard let seq = seq(of: bytes[end..<newline]), last == 0 || seq == last + 1 else { break }
            if begin == 0 { begin = seq }
            last = seq
            end = newline + 1
        }
        return (last, end, begin)
    }

    private static func read(
        _ file: Int32,
        from start: off_t,
        to end: off_t,
        path: String
    ) throws(StateDirectoryFailure) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: Int(end - start))
        let count = pread(file, &buffer, buffer.count, start)
        guard count == buffer.count else { throw StateDirectoryFailure(path: path, code: errno) }
        return buffer
    }

    private static func seq(of line: ArraySlice<UInt8>) -> Int64? {
        let head = Array("{\"seq\":".utf8)
        guard line.starts(with: head), line.last == UInt8(ascii: "}"),
            // Control bytes are escaped; raw ones are a hole.
            line.allSatisfy({ $0 >= 0x20 })
        else { return nil }
        let digits = line.dropFirst(head.count).prefix { (0x30...0x39).contains($0) }
        return Int64(String(decoding: digits, as: UTF8.self))
    }
}
