/// Reads records one by one from a source of bytes.
///
/// Memory stays within a few chunks and one record, whatever the input holds. Blank lines are passed over; they
/// count in ``Record/number`` and ``Record/line``.
package struct RecordReader<Source: ByteSource>: ~Copyable {
    private var splitter: Splitter
    private var feed: Feed<Source>

    /// Makes a reader for one file from its first byte.
    ///
    /// - Parameters:
    ///   - source: The bytes of the file.
    ///   - delimiter: An ASCII byte other than the quote, CR, LF and NUL.
    ///   - encoding: What the file is written in unless a byte-order mark says otherwise.
    ///   - limits: What is too much.
    ///   - bufferSize: How many bytes are read at once.
    package init(
        _ source: Source,
        delimiter: UInt8 = UInt8(ascii: ","),
        encoding: Encoding = .utf8,
        limits: Limits = Limits(),
        bufferSize: Int = 256 << 10
    ) {
        precondition(bufferSize > 0)
        splitter = Splitter(delimiter: delimiter, limits: limits, capacity: bufferSize + Opening.length)
        feed = Feed(source, encoding: encoding, limit: limits.fileBytes, chunk: bufferSize)
    }

    /// Goes on to the next record.
    ///
    /// - Returns: Whether there is one; then ``record`` shows it until the next call.
    /// - Throws: What refuses the whole file. Records delivered before were whole and right.
    package mutating func next() throws(CSVFailure) -> Bool {
        while true {
            switch try splitter.step() {
            case .record:
                return true
            case .end:
                return false
            case .hungry:
                try refill()
            }
        }
    }

    /// The record that ``next()`` found.
    ///
    /// Mutating, as is ``bytesRead``, for what is asked once a record: else the compiler copies all of the reader for it.
    package var record: Record { mutating get { splitter.record } }

    /// Blank lines met so far.
    package var blankRecords: Int64 { splitter.blankRecords }

    /// Whether the last line met had a line end; tells of the whole file once ``next()`` was false.
    package var endedWithLineEnd: Bool { splitter.endedWithLineEnd }

    /// Bytes taken from the source so far.
    package var bytesRead: Int64 { mutating get { Int64(feed.bytesRead) } }

    private mutating func refill() throws(CSVFailure) {
        try splitter.makeRoom(feed.roomNeeded)
        if !feed.isOpen {
            let start = try feed.open(into: &splitter.window)
            splitter.begin(feed.form, at: start.offset, skipping: start.skipped)
        }
        while splitter.needsBytes {
            if try !feed.fill(&splitter.window) {
                splitter.markEnd()
            }
        }
        guard !feed.isTooLarge else {
            throw .tooLarge(
                what: .file,
                limit: feed.limit,
                record: splitter.number + 1,
                line: splitter.line
            )
        }
    }
}
