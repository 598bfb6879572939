import CMask

/// Cuts decoded bytes into records and fields: RFC 4180 as an exact state machine.
///
/// Masks tell where in a block of 64 bytes the delimiters are and where the other special bytes (quote, CR, LF, NUL);
/// only the latter reach the machine, everything between them follows from positions. The state survives the end of
/// the bytes in hand, so the outcome does not depend on how the file was cut into chunks. Whoever changes a rule here
/// changes the parser in the tests too, which says the same slowly.
struct Splitter: ~Copyable {
    /// What came of a step.
    enum Outcome {
        /// ``record`` is the next one.
        case record
        /// The bytes in hand hold no further whole record: more are needed, or the word that there are none.
        case hungry
        /// There are no more records.
        case end
    }

    var window: Window
    /// Set once no bytes will follow those in the window.
    private(set) var isAtEnd = false
    private(set) var record: Record
    private(set) var blankRecords: Int64 = 0
    private(set) var endedWithLineEnd = false
    /// Records finished so far, blank ones included.
    private(set) var number: Int64 = 0
    /// The physical line on which the record in work starts.
    private(set) var line: Int64 = 1
    /// Whether any record has been delivered.
    private(set) var hasDelivered = false

    private var cursor = Cursor()
    private var draft = Draft()
    private var lineEnd = LineEnd.undecided
    private var form = Form.utf8
    /// Where the record in work starts in the file.
    private var offset: Int64 = 0
    /// Whether the record before left a quote open when its line ended.
    private var followsOpenQuote = false
    private let delimiter: UInt8
    private let limits: Limits
    private let fieldBytes: Int
    private let recordBytes: Int
    private let columns: Int
    private let table: UnsafeMutablePointer<UInt32>
    private var scratch: UnsafeMutableRawPointer
    private var scratchLength: Int

    init(delimiter: UInt8, limits: Limits, capacity: Int) {
        precondition(![Byte.quote, Byte.lf, Byte.cr, 0].contains(delimiter) && delimiter < 0x80)
        self.delimiter = delimiter
        self.limits = limits
        fieldBytes = min(limits.fieldBytes, FieldTable.offsetMask)
        recordBytes = limits.recordBytes
        columns = min(limits.columns, FieldTable.offsetMask)
        window = Window(capacity: capacity)
        // Delimiters are taken by the block and counted afterwards.
        table = .allocate(capacity: columns + 1 + 64)
        table.initialize(repeating: 0, count: 1)
        scratchLength = 4096
        scratch = .allocate(byteCount: scratchLength + Record.padding, alignment: 1)
        record = .none(table, scratch)
    }

    deinit {
        table.deallocate()
        scratch.deallocate()
    }

    /// Says what the file is written in and how many bytes of it came before the first record.
    ///
    /// - Parameters:
    ///   - form: The form of the file.
    ///   - offset: Where the first record starts in the file.
    ///   - skipped: How many bytes at the front of the window are not part of it.
    mutating func begin(_ form: Form, at offset: Int, skipping skipped: Int) {
        self.form = form
        self.offset = Int64(offset)
        cursor.shift(by: skipped)
    }

    /// Begins anew with one record of a file with LF ends, which stand for every other kind once a record is cut out.
    mutating func restart(with bytes: UnsafeRawBufferPointer) {
        window.count = 0
        window.reserve(bytes.count + 1)
        window.room(bytes.count).copyMemory(from: bytes)
        window.base.storeBytes(of: Byte.lf, toByteOffset: bytes.count, as: UInt8.self)
        window.count = bytes.count + 1
        cursor = Cursor()
        draft = Draft()
        lineEnd = .lf
        followsOpenQuote = false
        isAtEnd = true
    }

    /// Whether a step would be hungry at once.
    var needsBytes: Bool {
        !isAtEnd && window.count - cursor.nextBlock < Self.reach
    }

    /// A block is looked at when two bytes behind it are known: the one that says what its last byte means, and
    /// whether that one is the Ctrl-Z that ends a file.
    private static let reach = 64 + 2

    /// Moves the record in work to the front of the window, unless it is already too large to go on with.
    ///
    /// - Throws: ``CSVFailure/tooLarge(what:limit:record:line:)``.
    mutating func makeRoom(_ length: Int) throws(CSVFailure) {
        // Two bytes more than the limit may yet turn out to be quotes or a CR.
        if cursor.nextBlock - cursor.fieldStart > fieldBytes + 2 {
            throw tooLarge(.field, limits.fieldBytes)
        }
        if cursor.nextBlock - cursor.recordStart > recordBytes + 2 {
            throw tooLarge(.record, recordBytes)
        }
        let unused = cursor.recordStart
        window.drop(unused)
        cursor.shift(by: -unused)
        window.reserve(length)
    }

    /// Takes the word that no bytes will follow.
    mutating func markEnd() {
        isAtEnd = true
        // Ctrl-Z, the end-of-file mark of old systems, counts as such only here.
        if window.count > cursor.recordStart, window.bytes[window.count - 1] == 0x1A {
            window.count -= 1
        }
    }

    /// Goes on to the end of the next record that is not blank.
    ///
    /// - Throws: ``CSVFailure/tooLarge(what:limit:record:line:)``,
    ///   ``CSVFailure/unterminatedQuote(record:line:field:)``, ``CSVFailure/empty``.
    mutating func step() throws(CSVFailure) -> Outcome {
        let base = UnsafeRawPointer(window.base)
        let count = window.count
        // A copy whose address nobody is given, so that the machine runs in registers.
        var cursor = self.cursor

        while true {
            while cursor.specials == 0 {
                if cursor.state == .plain {
                    try cut(cursor.delimiters, &cursor)
                }
                cursor.delimiters = 0
                cursor.sawHigh |= cursor.high
                let next = cursor.nextBlock
                let left = count &- next
                if left < Self.reach {
                    guard isAtEnd && left > 0 else {
                        self.cursor = cursor
                        return isAtEnd ? try finish() : .hungry
                    }
                }
                let block = cmask_scan(base + next, delimiter)
                let known: UInt64 = left < 64 ? (1 &<< UInt64(left)) &- 1 : .max
                cursor.delimiters = block.delimiter & known
                cursor.specials = block.special & known
                cursor.high = block.high & known
                cursor.nextBlock = next &+ 64
            }

            let bit = Int(cmask_first(cursor.specials))
            let before: UInt64 = (1 &<< UInt64(truncatingIfNeeded: bit)) &- 1
            cursor.specials &= cursor.specials &- 1
            if cursor.state == .plain {
                try cut(cursor.delimiters & before, &cursor)
            }
            cursor.delimiters &= ~before
            let position = cursor.nextBlock &- 64 &+ bit
            let byte = base.load(fromByteOffset: position, as: UInt8.self)

            if byte == Byte.quote {
                switch cursor.state {
                case .quoted:
                    close(at: position, &cursor, in: base)
                case .doubled:
                    cursor.state = .quoted
                case .plain where position == cursor.fieldStart && !draft.flaws.contains(.textAfterQuote):
                    cursor.state = .quoted
                case .plain:
                    cursor.marks |= draft.noteLiteralQuote(at: position, cursor, in: base)
                }
            } else if cursor.state == .quoted {
                draft.noteQuoted(byte, at: position, cursor)
            } else if endsRecord(byte, at: position, &cursor, in: base) {
                let hasCR =
                    position > cursor.recordStart && byte == Byte.lf
                    && base.load(fromByteOffset: position &- 1, as: UInt8.self) == Byte.cr
                let end = hasCR ? position &- 1 : position
                cursor.sawHigh |= cursor.high & before
                cursor.high &= ~before
                if try deliver(upTo: end, next: position &+ 1, &cursor) {
                    self.cursor = cursor
                    return .record
                }
            }
        }
    }

    /// Ends a field at each of these delimiters of the block in work.
    @inline(__always)
    private func cut(_ delimiters: UInt64, _ cursor: inout Cursor) throws(CSVFailure) {
        guard delimiters != 0 else {
            return
        }
        var rest = delimiters
        // Where in the record the byte behind the block's first one is.
        let behind = UInt32(truncatingIfNeeded: cursor.nextBlock &- 63 &- cursor.recordStart)
        var start: UInt32 = 0
        repeat {
            start = behind &+ cmask_first(rest)
            cursor.count &+= 1
            table[cursor.count] = start | cursor.marks
            cursor.marks = 0
            rest &= rest &- 1
        } while rest != 0
        cursor.fieldStart = cursor.recordStart &+ Int(truncatingIfNeeded: start)
        guard cursor.count < columns else {
            throw tooLarge(.columns, limits.columns)
        }
    }

    /// Closes a quoted field, unless the quote is the first of two; the byte behind it tells.
    @inline(__always)
    private mutating func close(at position: Int, _ cursor: inout Cursor, in base: UnsafeRawPointer) {
        cursor.state = .plain
        guard position &+ 1 < window.count else {
            return
        }
        switch base.load(fromByteOffset: position &+ 1, as: UInt8.self) {
        case delimiter, Byte.lf, Byte.cr, 0:
            // The end of the field, or for its own sake a flaw.
            break
        case Byte.quote:
            cursor.state = .doubled
            cursor.marks = FieldTable.isEscaped
            draft.isEscaped = true
        default:
            cursor.marks |= draft.noteTextAfterQuote(at: position &+ 1, cursor)
        }
    }

    /// Judges a CR, LF or NUL outside quotes; the first line end decides of which kind the others are.
    @inline(__always)
    private mutating func endsRecord(
        _ byte: UInt8,
        at position: Int,
        _ cursor: inout Cursor,
        in base: UnsafeRawPointer
    ) -> Bool {
        if byte == Byte.lf {
            if lineEnd == .cr {
                cursor.marks |= draft.note(.strayCR, at: position, cursor, in: base)
                return false
            }
            lineEnd = .lf
            return true
        }
        guard byte == Byte.cr else {
            cursor.marks |= draft.note(.nul, at: position, cursor, in: base)
            return false
        }
        if lineEnd == .cr {
            return true
        }
        if position &+ 1 < window.count {
            if base.load(fromByteOffset: position &+ 1, as: UInt8.self) == Byte.lf {
                return false
            }
        } else if lineEnd == .lf {
            // The last byte of the file: half a CRLF.
            return false
        }
        if lineEnd == .undecided {
            lineEnd = .cr
            return true
        }
        cursor.marks |= draft.note(.strayCR, at: position, cursor, in: base)
        return false
    }

    /// Finishes the record in work, which ends before `end`, and begins another at `next`.
    ///
    /// - Returns: Whether there is a record to deliver, and not a blank line.
    /// - Throws: ``CSVFailure/tooLarge(what:limit:record:line:)``.
    @inline(__always)
    private mutating func deliver(
        upTo end: Int,
        next: Int,
        _ cursor: inout Cursor
    ) throws(CSVFailure) -> Bool {
        let start = cursor.recordStart
        let length = end &- start
        let lineBreaks = draft.lineBreaks(lineEnd) &+ 1
        let place = (line: line, offset: offset)
        endedWithLineEnd = next > end

        cursor.count &+= 1
        if length > fieldBytes {
            try checkLengths(end, cursor)
        }
        number &+= 1
        line &+= lineBreaks
        switch form {
        case .utf8:
            offset &+= Int64(next &- start)
        default:
            let taken = UnsafeRawBufferPointer(start: window.base + start, count: next &- start)
            offset &+= Int64(form.sourceLength(of: taken))
        }

        guard length > 0 else {
            blankRecords &+= 1
            cursor.beginRecord(at: next)
            return false
        }
        table[cursor.count] = UInt32(truncatingIfNeeded: length &+ 1) | cursor.marks
        if draft.isRemarkable {
            settleDraft(length)
        } else {
            followsOpenQuote = false
        }
        record = Record(
            bytes: UnsafeRawBufferPointer(start: window.base + start, count: length),
            count: cursor.count,
            number: number,
            line: place.line,
            byteOffset: place.offset,
            flaws: cursor.sawHigh == 0 ? draft.flaws : draft.flaws.union(.highBytes),
            hasLineEnd: endedWithLineEnd,
            table: UnsafePointer(table),
            scratch: scratch,
            form: form,
            flawOffset: draft.flawOffset
        )
        hasDelivered = true
        draft = Draft()
        cursor.beginRecord(at: next)
        return true
    }

    /// What only a record with quoted line ends, doubled quotes or flaws needs.
    @inline(never)
    private mutating func settleDraft(_ length: Int) {
        if draft.isEscaped && length > scratchLength {
            scratch.deallocate()
            scratchLength = max(length, scratchLength * 2)
            scratch = .allocate(byteCount: scratchLength + Record.padding, alignment: 1)
        }
        if followsOpenQuote && draft.flaws.contains(.bareQuote) {
            draft.flaws.insert(.resynchronised)
        }
        followsOpenQuote = draft.flaws.contains(.textAfterQuote) && draft.leavesQuoteOpen
    }

    /// Finishes what stands behind the last line end.
    @inline(never)
    private mutating func finish() throws(CSVFailure) -> Outcome {
        var cursor = self.cursor
        defer { self.cursor = cursor }
        let next = window.count
        var end = next
        if cursor.state == .quoted {
            throw unterminatedQuote(cursor)
        }
        if lineEnd == .lf, end > cursor.recordStart, window.bytes[end - 1] == Byte.cr {
            end -= 1
        }
        if cursor.recordStart < next {
            // Nothing ended these bytes: a CR that was cut off from its LF does not count.
            let isDelivered = try deliver(upTo: end, next: next, &cursor)
            endedWithLineEnd = false
            if isDelivered {
                record = record.withoutLineEnd
                return .record
            }
        }
        guard hasDelivered else {
            throw .empty
        }
        return .end
    }

    /// Finds the field or record that is too long, if one is.
    @inline(never)
    private func checkLengths(_ end: Int, _ cursor: Cursor) throws(CSVFailure) {
        let length = end - cursor.recordStart
        let record = UnsafeRawBufferPointer(start: window.base + cursor.recordStart, count: length)
        for index in 1...cursor.count {
            let marks = index == cursor.count ? cursor.marks : nil
            if FieldTable.size(of: index, in: table, record, lastMarks: marks) > fieldBytes {
                throw tooLarge(.field, limits.fieldBytes)
            }
        }
        if length > recordBytes {
            throw tooLarge(.record, recordBytes)
        }
    }

    private func unterminatedQuote(_ cursor: Cursor) -> CSVFailure {
        // Line ends before the open field are inside quotes of this record, and count as the file's own kind does.
        let breaks = lineEnd.count(in: window.bytes[cursor.recordStart..<cursor.fieldStart])
        return .unterminatedQuote(record: number + 1, line: line + Int64(breaks), field: cursor.count)
    }

    private func tooLarge(_ what: CSVFailure.TooLarge, _ limit: Int) -> CSVFailure {
        .tooLarge(what: what, limit: limit, record: number + 1, line: line)
    }
}
