import CSV
import Ledger
import Receivables

/// The custom columns of a row as the text of a JSON object, as SQLite writes it.
struct CustomText {
    private let columns: [(field: Int, prefix: Range<Int>)]
    /// What stands before the values, one after the other and padded: nothing is counted or freed for a cell.
    private let prefixes: [UInt8]
    /// The most bytes that the text has besides those of the cells.
    private let room: Int

    /// - Parameter names: Those of the file's custom columns, as they are stored.
    init(_ layout: FileLayout, names: [String]) {
        var prefixes: [UInt8] = []
        columns = zip(layout.customs, names).map { custom, name in
            let start = prefixes.count
            prefixes += JSONText.bytes(of: name) + [UInt8(ascii: ":")]
            return (custom.field, start..<prefixes.count)
        }
        room = 2 + prefixes.count + 4 * columns.count
        self.prefixes = prefixes + [UInt8](repeating: 0, count: RecordPacker.padding)
    }

    /// The most bytes that the text can have: each byte of a cell may become six.
    func room(for record: Record) -> Int {
        var room = room
        for column in columns { room += 6 * record.rawField(column.field).count }
        return room
    }

    /// Appends null where every cell is blank.
    func append(_ record: Record, to packer: inout RecordPacker) {
        guard !columns.isEmpty else { return packer.append(.null) }
        let count = write(record, to: packer.body)
        if count == 0 { packer.append(.null) } else { packer.closeText(of: count) }
    }

    /// The columns as a JSON merge patch (RFC 7396): a blank cell is a null, which removes the key.
    ///
    /// - Parameter keepsBlanks: Whether a blank cell leaves the key as it is.
    func patch(_ record: Record, keepsBlanks: Bool) -> FieldValue {
        let room = room(for: record) + RecordPacker.padding
        return .rewritten(
            [UInt8](unsafeUninitializedCapacity: room) { bytes, count in
                guard let start = bytes.baseAddress else { return }
                count = write(record, nulls: !keepsBlanks, to: start)
                if count == 0 { count = copy("{}", to: start) }
            }
        )
    }

    /// - Returns: How many bytes it wrote; 0 where nothing is to be said.
    @inline(__always)
    private func write(_ record: Record, nulls: Bool = false, to start: UnsafeMutablePointer<UInt8>) -> Int {
        prefixes.withUnsafeBytes { prefixes in
            guard let first = prefixes.baseAddress else { return 0 }
            var end = start
            for column in columns {
                let cell = Cell.trimmed(record.field(column.field))
                if cell.isEmpty, !nulls { continue }
                end.pointee = end == start ? UInt8(ascii: "{") : UInt8(ascii: ",")
                end += 1
                let prefix = column.prefix
                RecordPacker.copyPadded(
                    first + prefix.lowerBound,
                    to: UnsafeMutableRawPointer(end),
                    prefix.count
                )
                end += prefix.count
                if cell.isEmpty { end += copy("null", to: end) } else { JSONText.write(cell, at: &end) }
            }
            if end == start { return 0 }
            end.pointee = UInt8(ascii: "}")
            return end - start + 1
        }
    }

    private func copy(_ text: StaticString, to place: UnsafeMutablePointer<UInt8>) -> Int {
        place.update(from: text.utf8Start, count: text.utf8CodeUnitCount)
        return text.utf8CodeUnitCount
    }
}
