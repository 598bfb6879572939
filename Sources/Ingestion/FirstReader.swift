import CSV
import Ledger
import Receivables
import Threads

/// Reads a file into groups of rows that are stored as they are.
///
/// A row gets past only if the plain path would store it and find nothing to say: its bytes are sound, every cell is
/// right, no rule may object, its parents are known. All others are set aside by their number.
struct FirstReader: ~Copyable {
    private let plan: FirstPlan
    private let reader: RowReader
    private let customs: CustomText
    private var numbers: NumberWatch
    private var nextID: Int64
    private(set) var reading: FirstReading

    /// From so many on, the rows that are set aside must not be more than every fourth.
    private static let mostAside = 1000

    init(_ plan: FirstPlan, firstID: Int64) {
        self.plan = plan
        reader = RowReader(plan.layout, settings: plan.settings)
        customs = CustomText(plan.layout, names: plan.customNames)
        numbers = NumberWatch()
        nextID = firstID
        reading = FirstReading(unread: UnreadColumns(plan.layout))
    }

    /// Reads the whole file, unless nobody wants it any more.
    ///
    /// - Throws: ``FileRefusal``, ``LoadFailure``, ``Detour``.
    mutating func run(into ring: GroupRing<FirstReading>) throws {
        try read(try SpoolFile(path: plan.spoolPath), into: ring)
    }

    private mutating func read(_ spool: borrowing SpoolFile, into ring: GroupRing<FirstReading>) throws {
        var records = try spool.reader(delimiter: plan.layout.delimiter, settings: plan.settings)
        guard var group = ring.takeFree() else { return }
        do {
            while try records.next() {
                let record = records.record
                guard record.number > plan.headerRecord else { continue }
                reading.figures.rows += 1
                if reading.figures.rows & 15 == 0 { StandingBack.giveWay() }
                reading.figures.lastRowHasWrongCount = record.count != plan.layout.fieldCount
                reading.unread.look(at: record)
                guard try isPlain(record) else {
                    try setAside(record.number)
                    continue
                }
                // The record, its unescaped cells, and what is stored a little longer than it is written.
                let room = customs.room(for: record) + 2 * record.bytes.count + 8 * plan.width
                if !group.hasRoom(for: room) {
                    group.bytesRead = records.bytesRead
                    try close(group)
                    ring.putFull(group)
                    guard let next = ring.takeFree() else { return }
                    group = next
                    // An empty group finds room for anything.
                    guard group.hasRoom(for: room) else { throw LoadFailure.interrupted }
                }
                add(record, to: group)
            }
        } catch let failure as CSVFailure {
            try spool.refuse(failure, names: plan.layout.names)
        }
        reading.figures.blank = Int(records.blankRecords)
        reading.figures.endedWithLineEnd = records.endedWithLineEnd
        group.bytesRead = records.bytesRead
        try close(group)
        ring.putFull(group)
    }

    /// Sets aside the rows of a group whose parents are not known, and gives the others their ids.
    private mutating func close(_ group: RowGroup) throws(Detour) {
        var orphans: Set<Int> = []
        for parent in plan.parents {
            parent.keys.forEachUnknown(of: group.count) { row in
                group.row(row)[parent.place].text
            } _: { row in
                orphans.insert(row)
            }
        }
        for row in orphans.sorted() { try setAside(group.number(row)) }
        group.remove(orphans)
        for row in 0..<group.count {
            group.row(row)[0] = .integer(nextID)
            nextID += 1
        }
    }

    private mutating func setAside(_ record: Int64) throws(Detour) {
        reading.aside.insert(record)
        reading.asideCount += 1
        guard reading.asideCount < Self.mostAside || reading.asideCount * 4 < reading.figures.rows else {
            throw Detour(reason: "too_many_set_aside")
        }
    }

    /// Whether the row is stored as it stands, if only its parents are known.
    private mutating func isPlain(_ record: Record) throws -> Bool {
        guard FileSurvey.isSound(record, layout: plan.layout) else { return false }
        reader.read(record)
        let values = reader.values.flat
        // Whatever becomes of the row: another with its number must know that it is not the first.
        var isFirst = true
        if let column = plan.numberColumn, let number = values[column].text {
            if numbers.needsMemory(for: number) {
                let spool = try SpoolFile(path: plan.spoolPath)
                numbers.seen = try seenTexts(in: spool, before: record, column: column)
            }
            isFirst = numbers.note(number)
        }
        guard isFirst, reader.problems.isEmpty, !values[plan.keyColumn].isNull else { return false }
        for column in plan.ownParents where !values[column].isNull { return false }
        return plan.checks.areQuiet(values, turned: !reader.turned.isEmpty)
    }

    /// The numbers of the rows before one, read once more.
    private func seenTexts(
        in spool: borrowing SpoolFile,
        before last: Record,
        column: Int
    ) throws -> SeenTexts {
        let settings = plan.settings
        let texts = SeenTexts(fileOf: plan.fileBytes, isWeak: settings.tuning.hashesWeakly)
        let reader = RowReader(plan.layout, settings: settings)
        var records = try spool.reader(delimiter: plan.layout.delimiter, settings: settings)
        do throws(CSVFailure) {
            while try records.next(), records.record.number < last.number {
                let record = records.record
                guard record.number > plan.headerRecord, FileSurvey.isSound(record, layout: plan.layout)
                else {
                    continue
                }
                reader.read(record)
                if let number = reader.values.flat[column].text { _ = texts.insert(number) }
            }
        } catch {
            try spool.refuse(error, names: plan.layout.names)
        }
        return texts
    }

    private mutating func add(_ record: Record, to group: RowGroup) {
        let values = reader.values.flat
        let row = group.row(group.count)
        let bytes = record.bytes
        let start = UInt(bitPattern: bytes.baseAddress)
        let copy = group.keep(bytes)
        for place in 1..<plan.width {
            switch plan.sources[place &- 1] {
            case .column(let column):
                let value = values[column]
                guard let text = value.text else {
                    row[place] = value
                    continue
                }
                let offset = UInt(bitPattern: text.baseAddress) &- start
                let kept =
                    offset < UInt(bitPattern: bytes.count) ? copy + Int(bitPattern: offset) : group.keep(text)
                row[place] = .text(UnsafeRawBufferPointer(start: kept, count: text.count))
            case .scale: row[place] = .integer(Int64(reader.currency?.exponent ?? 2))
            case .custom: row[place] = customs.value(of: record, in: group)
            }
        }
        group.close(record.number, plan.hasher?.hash(bytes) ?? RecordHash(low: 0, high: 0))
    }
}

/// The custom columns of a row as the text of a JSON object, as SQLite writes it.
private struct CustomText {
    private let columns: [(field: Int, prefix: Range<Int>)]
    /// What stands before the values, one after the other: nothing is counted or freed for a cell.
    private let prefixes: [UInt8]

    init(_ layout: FileLayout, names: [String]) {
        var prefixes: [UInt8] = []
        columns = zip(layout.customs, names).map { custom, name in
            let start = prefixes.count
            var name = name
            name.withUTF8 { JSONText.append(UnsafeRawBufferPointer($0), to: &prefixes) }
            prefixes.append(UInt8(ascii: ":"))
            return (custom.field, start..<prefixes.count)
        }
        self.prefixes = prefixes
    }

    /// The most bytes that the text can have: each byte of a cell may become six.
    func room(for record: Record) -> Int {
        var room = 2
        for column in columns { room += column.prefix.count + 3 + 6 * record.rawField(column.field).count }
        return room
    }

    /// - Returns: Null where every cell is blank.
    func value(of record: Record, in group: RowGroup) -> FlatValue {
        guard !columns.isEmpty else { return .null }
        let text = group.append { target in
            prefixes.withUnsafeBufferPointer { prefixes in write(record, prefixes, to: target) }
        }
        return text.isEmpty ? .null : .text(text)
    }

    /// - Returns: How many bytes it wrote.
    private func write(
        _ record: Record,
        _ prefixes: UnsafeBufferPointer<UInt8>,
        to target: UnsafeMutableRawBufferPointer
    ) -> Int {
        guard let start = target.baseAddress?.assumingMemoryBound(to: UInt8.self),
            let first = prefixes.baseAddress
        else { return 0 }
        var end = start
        for column in columns {
            let cell = Cell.trimmed(record.field(column.field))
            if cell.isEmpty { continue }
            end.pointee = end == start ? UInt8(ascii: "{") : UInt8(ascii: ",")
            end += 1
            end.update(from: first + column.prefix.lowerBound, count: column.prefix.count)
            end += column.prefix.count
            JSONText.write(cell, at: &end)
        }
        if end == start { return 0 }
        end.pointee = UInt8(ascii: "}")
        return end - start + 1
    }
}
