import CMask
import Glibc

/// A record, seen in the reader's own memory: valid until ``RecordReader/next()`` is called again.
///
/// `public`, as few things are here: what is only `package` the compiler does not build into the loops of other modules.
public struct Record {
    /// Its bytes as UTF-8, from the first up to, but without, the line end; nothing unescaped, nothing trimmed.
    public let bytes: UnsafeRawBufferPointer
    /// How many fields it has; at least one.
    public let count: Int
    /// What a spreadsheet shows: from 1, blank lines included, line ends inside quotes not counted.
    package let number: Int64
    /// The physical line on which it starts, from 1.
    package let line: Int64
    /// Where it starts in the file as it lies on the disk.
    package let byteOffset: Int64
    /// What the splitter noticed.
    package let flaws: Flaws
    /// How many bytes behind ``bytes``, and behind any ``field(_:)``, may be read; they mean nothing.
    package static let padding = 32
    /// Whether a line end follows it; only the last record may lack one.
    package fileprivate(set) var hasLineEnd: Bool

    @usableFromInline let table: UnsafePointer<UInt32>
    /// As long as `bytes`; each unescaped field lies at its own offset, so that they never get in each other's way.
    @usableFromInline let scratch: UnsafeMutableRawPointer
    let form: Form
    /// Where the first flaw lies within `bytes`; means nothing without one of ``Flaws/damage``.
    let flawOffset: Int

    /// The value of a field: without its quotes, doubled quotes made single, not trimmed.
    ///
    /// A cell with text after its closing quote has no value of its own and is given as it stands.
    @inlinable
    public func field(_ index: Int) -> UnsafeRawBufferPointer {
        let raw = rawField(index)
        guard raw.count > 1, raw[0] == 0x22 else {
            return raw
        }
        let entry = table[index &+ 1]
        if entry & FieldTable.isLiteral != 0 {
            return raw
        }
        if entry & FieldTable.isEscaped != 0 {
            return unescaped(raw)
        }
        return UnsafeRawBufferPointer(rebasing: raw[1..<raw.count &- 1])
    }

    /// A field byte for byte, with its quotes.
    @inlinable
    public func rawField(_ index: Int) -> UnsafeRawBufferPointer {
        precondition(index >= 0 && index < count)
        let start = Int(truncatingIfNeeded: table[index]) & FieldTable.offsetMask
        let next = Int(truncatingIfNeeded: table[index &+ 1]) & FieldTable.offsetMask
        return UnsafeRawBufferPointer(rebasing: bytes[start..<next &- 1])
    }

    /// Whether a field is properly quoted, which tells `""` from an empty cell.
    @inlinable
    public func isQuoted(_ index: Int) -> Bool {
        let raw = rawField(index)
        return raw.count > 1 && raw[0] == 0x22 && table[index &+ 1] & FieldTable.isLiteral == 0
    }

    /// Where the first NUL, stray line end or text after a quote is.
    package var firstFlaw: (field: Int, byteOffset: Int64)? {
        flaws.isDisjoint(with: [.nul, .strayCR, .textAfterQuote]) ? nil : place(of: flawOffset)
    }

    /// Where the first byte is that is not valid in the file's encoding.
    ///
    /// UTF-8 is taken strictly: no overlong forms, no surrogates. Costs nothing without ``Flaws/highBytes``.
    package func invalidUTF8() -> (field: Int, byteOffset: Int64)? {
        guard flaws.contains(.highBytes), !cmask_is_utf8(bytes.baseAddress, bytes.count) else {
            return nil
        }
        do {
            _ = try UTF8Span(validating: bytes.assumingMemoryBound(to: UInt8.self).span)
            return nil
        } catch {
            return place(of: error.byteOffsets.lowerBound)
        }
    }

    /// The flaws, and ``Flaws/typographicQuotes``; looks at every byte, so ask only about a row that failed.
    package func hints() -> Flaws {
        guard flaws.contains(.highBytes) else {
            return flaws
        }
        var last: (UInt8, UInt8) = (0, 0)
        for byte in bytes {
            if last == (0xE2, 0x80) && (byte == 0x9C || byte == 0x9D) {
                return flaws.union(.typographicQuotes)
            }
            last = (last.1, byte)
        }
        return flaws
    }

    /// What there is before the first record.
    static func none(_ table: UnsafeMutablePointer<UInt32>, _ scratch: UnsafeMutableRawPointer) -> Record {
        Record(
            bytes: UnsafeRawBufferPointer(start: scratch, count: 0),
            count: 0,
            number: 0,
            line: 1,
            byteOffset: 0,
            flaws: [],
            hasLineEnd: false,
            table: UnsafePointer(table),
            scratch: scratch,
            form: .utf8,
            flawOffset: 0
        )
    }

    /// The same record as the last of a file that ends without a line end.
    var withoutLineEnd: Record {
        var record = self
        record.hasLineEnd = false
        return record
    }

    private func place(of offset: Int) -> (field: Int, byteOffset: Int64) {
        var field = 0
        while field + 1 < count, Int(table[field + 1]) & FieldTable.offsetMask <= offset {
            field += 1
        }
        let before = UnsafeRawBufferPointer(rebasing: bytes[..<offset])
        return (field, byteOffset + Int64(form.sourceLength(of: before)))
    }

    @usableFromInline
    func unescaped(_ raw: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer {
        guard let start = raw.baseAddress, let origin = bytes.baseAddress else {
            return raw
        }
        let target = scratch + (start - origin)
        var written = 0
        var position = 1
        let end = raw.count - 1
        while let quote = memchr(start + position, 0x22, end - position) {
            // Up to and with the first quote of the pair; the second is left out.
            let length = UnsafeRawPointer(quote) - (start + position) + 1
            (target + written).copyMemory(from: start + position, byteCount: length)
            written += length
            position += length + 1
        }
        (target + written).copyMemory(from: start + position, byteCount: end - position)
        return UnsafeRawBufferPointer(start: target, count: written + end - position)
    }
}
