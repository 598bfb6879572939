import CSV
import Ledger
import Receivables
import Threads

/// Reads a file into stretches of rows that are stored as they are.
///
/// A row gets past only if the plain path would store it and find nothing to say: its bytes are sound, every cell is
/// right, no rule may object, its parents are known. All others are set aside by their number.
struct FirstReader: ~Copyable {
    private let plan: FirstPlan
    private let reader: RowReader
    private let batch: RowBatch
    /// What a row takes besides its texts.
    private let rowRoom: Int
    private var keys = NumberWatch()
    private var numbers = NumberWatch()
    private var nextID: Int64
    private(set) var reading: FirstReading

    /// From so many on, the rows that are set aside must not be more than every fourth.
    private static let mostAside = 1000

    /// - Throws: `DatabaseError` where no temporary file can be made.
    init(_ plan: FirstPlan, firstID: Int64) throws {
        // What the values have behind them is what the packer reads there.
        precondition(RecordPacker.padding <= Record.padding)
        self.plan = plan
        reader = RowReader(plan.layout, settings: plan.settings)
        rowRoom = plan.rows.room
        batch = RowBatch(marks: plan.marked.count, headerRoom: plan.rows.headerRoom)
        nextID = firstID
        reading = FirstReading(
            unread: UnreadColumns(plan.layout),
            hashes: plan.hasher == nil ? nil : try HashList(),
            indexes: try plan.indexMarks.map { _ in try PackedIndex() }
        )
    }

    /// Reads the whole file, unless nobody wants it any more.
    ///
    /// - Throws: ``FileRefusal``, ``LoadFailure``, ``Detour``, `DatabaseError` where a temporary file finds no room.
    mutating func run(into ring: GroupRing<PackedRows, FirstReading>) throws {
        try read(try SpoolFile(path: plan.spoolPath), into: ring)
    }

    private mutating func read(
        _ spool: borrowing SpoolFile,
        into ring: GroupRing<PackedRows, FirstReading>
    ) throws {
        var records = try spool.reader(delimiter: plan.layout.delimiter, settings: plan.settings)
        guard var rows = ring.takeFree() else { return }
        var stretch = 0
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
                if plan.stretches.ends(stretch, before: record.byteOffset) {
                    try close(into: rows)
                    // Each has at least one row; where one is found late, the next ends the sooner.
                    if rows.count > 0 {
                        rows.bytesRead = records.bytesRead
                        ring.putFull(rows)
                        // What is set aside is read once more.
                        if reading.asideCount == 0 { spool.forget(before: records.bytesRead) }
                        guard let next = ring.takeFree() else { return }
                        rows = next
                        stretch += 1
                    }
                }
                // What is stored may be longer than what is written by its unescaped cells.
                let room = plan.customs.room(for: record) + 2 * record.bytes.count + rowRoom
                if !batch.hasRoom(for: room) {
                    try close(into: rows)
                    // An empty batch finds room for anything.
                    guard batch.hasRoom(for: room) else { throw LoadFailure.interrupted }
                }
                add(record)
            }
        } catch let failure as CSVFailure {
            try spool.refuse(failure, names: plan.layout.names)
        }
        reading.figures.blank = Int(records.blankRecords)
        reading.figures.endedWithLineEnd = records.endedWithLineEnd
        rows.bytesRead = records.bytesRead
        try close(into: rows)
        guard plan.stretches.isLast(stretch), rows.count > 0 || stretch == 0 else {
            throw Detour(reason: "no_row_at_the_end")
        }
        for index in reading.indexes { try index.finish() }
        ring.putFull(rows)
    }

    /// Sets aside the rows of a batch whose parents are not known, and gives the others their ids and their places.
    private mutating func close(into rows: PackedRows) throws {
        var left: Set<Int> = []
        for parent in plan.parents {
            parent.keys.forEachUnknown(of: batch.count) { row in
                batch.mark(parent.mark, of: row).text
            } _: { row in
                left.insert(row)
            }
        }
        for number in 0..<batch.count where !fits(number) { left.insert(number) }
        let kept = (0..<batch.count).filter { !left.contains($0) }
        rows.add(kept.count, from: nextID) { place in
            let row = batch.row(kept[place])
            return (row.header, row.body)
        }
        for (index, mark) in zip(reading.indexes, plan.indexMarks) {
            try index.add(kept.count, from: nextID) { place in
                mark.map { batch.mark($0, of: kept[place]) } ?? .null
            }
        }
        try reading.hashes?.add(kept.count) { batch.row(kept[$0]).hash }
        nextID += Int64(kept.count)
        reading.rows += kept.count
        for number in left.sorted() { try setAside(batch.row(number).record) }
        rows.isOrdered = numbers.seen == nil
        batch.empty()
    }

    /// Whether a row of the batch can be stored as a whole.
    private func fits(_ number: Int) -> Bool {
        let row = batch.row(number)
        guard PackedRows.fits(header: row.header.count, body: row.body.count) else { return false }
        for case let mark? in plan.indexMarks {
            if let text = batch.mark(mark, of: number).text, text.count > PackedIndex.mostText {
                return false
            }
        }
        return true
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
        // Whatever becomes of the row: another with its key or number must know that it is not the first.
        var isFirst = true
        if let key = values[plan.keyColumn].text {
            isFirst = try Self.isNew(key, in: plan.keyColumn, of: record, plan, &keys)
        }
        if let column = plan.numberColumn, column != plan.keyColumn, let number = values[column].text {
            let isNew = try Self.isNew(number, in: column, of: record, plan, &numbers)
            isFirst = isFirst && isNew
        }
        guard isFirst, !reader.hasProblems, !values[plan.keyColumn].isNull else { return false }
        for column in plan.ownParents where !values[column].isNull { return false }
        return plan.checks.areQuiet(values, turned: reader.hasTurned)
    }

    /// Whether certainly no row before has the text.
    private static func isNew(
        _ text: UnsafeRawBufferPointer,
        in column: Int,
        of record: Record,
        _ plan: FirstPlan,
        _ watch: inout NumberWatch
    ) throws -> Bool {
        if let isNew = watch.note(text) { return isNew }
        let spool = try SpoolFile(path: plan.spoolPath)
        watch.seen = try seenTexts(in: spool, before: record, column: column, plan)
        return watch.note(text) ?? false
    }

    /// The texts of a column in the rows before one, read once more.
    private static func seenTexts(
        in spool: borrowing SpoolFile,
        before last: Record,
        column: Int,
        _ plan: FirstPlan
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
                if let text = reader.values.flat[column].text { _ = texts.insert(text) }
            }
        } catch {
            try spool.refuse(error, names: plan.layout.names)
        }
        return texts
    }

    private func add(_ record: Record) {
        let values = reader.values.flat
        var packer = batch.begin()
        plan.rows.header.withUnsafeBytes { header in
            plan.rows.body.withUnsafeBytes { body in
                for step in plan.steps {
                    switch step {
                    case .constant(let kinds, let bytes):
                        packer.appendPadded(
                            header: UnsafeRawBufferPointer(rebasing: header[kinds]),
                            body: UnsafeRawBufferPointer(rebasing: body[bytes])
                        )
                    case .nulls(let count): packer.appendNulls(count)
                    case .column(let column): packer.appendPadded(values[column])
                    case .marked(let column, let mark):
                        let value = values[column]
                        // The record does not stay where it is, but the row does.
                        let kept = value.text.map { text in
                            FlatValue.text(UnsafeRawBufferPointer(start: packer.body, count: text.count))
                        }
                        packer.appendPadded(value)
                        batch.note(kept ?? value, as: mark)
                    case .scale: packer.append(Int64(reader.currency?.exponent ?? 2))
                    case .custom: plan.customs.append(record, to: &packer)
                    }
                }
            }
        }
        batch.close(
            packer,
            record: record.number,
            hash: plan.hasher?.hash(record.bytes) ?? RecordHash(low: 0, high: 0)
        )
    }
}
