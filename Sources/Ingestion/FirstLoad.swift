import CSV
import Ledger
import Receivables
import Threads

/// The first load of a type: its table is empty, so that all rows are new.
///
/// One thread reads, another writes: the rows of which nothing is to be said go through one statement, and the manifest is
/// written beside it. All other rows were only counted by then; the plain path judges them afterwards, in their order,
/// and comes to the same, since what it asks of other rows (repeated keys and numbers, parents) was looked after here.
extension FileLoad {
    /// Whether the type has no rows, and the file is worth the trouble.
    func mayBeFirst(_ layout: FileLayout) throws -> Bool {
        guard settings.tuning.takesQuickPaths, siblings == nil, case .single(let key) = type.identity,
            layout.has(key), file.size >= settings.tuning.firstBytes,
            try transaction.firstID(of: type) != nil
        else { return false }
        if let lines = Catalogue.linesType(of: type), try transaction.firstID(of: lines) == nil {
            return false
        }
        // Each row of such a file ends the parking of its key.
        return try isSnapshot(layout) || !transaction.hasParked(type: type.name)
    }

    /// - Throws: ``Detour`` where the path cannot go on.
    func applyFirst(
        _ spool: borrowing SpoolFile,
        _ found: HeaderSearch.Found,
        _ quick: Quick?
    ) throws -> Applied {
        let layout = found.layout
        var applied = Applied(layout: layout, path: .first)
        let guarding = try guarding(layout)
        pulse.pass = .load
        guard
            let load = try KeyedLoad(
                transaction,
                layout: layout,
                settings: settings,
                batch: batch,
                repeated: nil
            ), let firstID = try transaction.firstID(of: type)
        else { throw Detour(reason: "not_keyed") }
        let memory = try quick.map { quick in
            try RecordMemory(type, quick.fingerprint, tuning: settings.tuning, transaction: transaction)
        }
        let plan = try firstPlan(found, load, hasher: memory?.hasher)
        let reading = try storePlainRows(plan, load, memory, firstID: firstID)
        // Not before: pages that change at both ends of so many rows would be written twice.
        try writeFileWarnings(layout, found.recordNumber)
        if reading.asideCount > 0 { try loadAside(spool, found, reading, load, memory, firstID: firstID) }
        try load.finish()
        try reading.unread.warn(transaction)

        let parts = Parts()
        try note(reading.figures, parts, in: &applied, guarding)
        if applied.hold != nil { return applied }
        try conclude(&applied, load, load.present, closing: load.closing, parts, guarding)
        try tie(&applied)
        if reading.figures.rows < settings.tuning.rememberedRows {
            if quick != nil { try transaction.dropManifest(of: type) }
        } else {
            try memory?.finish(
                file: file.fileID,
                rows: reading.figures.rows,
                didClear: applied.didClear,
                hasRepetitions: false
            )
        }
        return applied
    }

    private func firstPlan(
        _ found: HeaderSearch.Found,
        _ load: KeyedLoad,
        hasher: RecordHasher?
    ) throws -> FirstPlan {
        let layout = found.layout
        let sources = load.storedSources
        let rows = try transaction.rowPlan(
            of: type,
            columns: sources.map(\.column),
            constants: load.storedConstants
        )
        var own: [Int] = []
        var marked: [Int] = []
        func mark(_ column: Int) -> Int {
            if let mark = marked.firstIndex(of: column) { return mark }
            marked.append(column)
            return marked.count - 1
        }
        var parents: [(mark: Int, keys: KnownKeys)] = []
        for reference in type.references {
            guard let column = type.index(of: reference.column), layout.fields[column] != nil,
                let target = Catalogue.type(named: reference.target)
            else { continue }
            if target.name == type.name {
                own.append(column)
                continue
            }
            guard sources.contains(where: { $0.source == .column(column) }) else {
                throw Detour(reason: "parent_not_stored")
            }
            let keys = try KnownKeys(target, transaction: transaction, isWeak: settings.tuning.hashesWeakly)
            guard let keys else { throw Detour(reason: "too_many_parents") }
            parents.append((mark(column), keys))
        }
        let indexMarks = try rows.indexed.map { place -> Int? in
            guard let place else { return nil }
            guard case .column(let column) = sources[place].source else {
                throw Detour(reason: "index_of_no_column")
            }
            return mark(column)
        }
        return FirstPlan(
            spoolPath: file.spoolPath,
            layout: layout,
            headerRecord: found.recordNumber,
            settings: settings,
            rows: rows,
            steps: FirstPlan.steps(of: rows, from: sources.map(\.source), marked: marked),
            marked: marked,
            indexMarks: indexMarks,
            stretches: RowStretches(of: file.size, least: settings.tuning.stretchBytes),
            keyColumn: load.keyColumn,
            ownParents: own,
            parents: parents,
            checks: load.rules.checks,
            numberColumn: load.rules.checks.uniqueColumn,
            customs: load.customs,
            hasher: hasher,
            fileBytes: file.size
        )
    }

    /// Reads the file on a thread of its own, and writes the rows that need no word.
    private func storePlainRows(
        _ plan: FirstPlan,
        _ load: KeyedLoad,
        _ memory: RecordMemory?,
        firstID: Int64
    ) throws -> FirstReading {
        let ring = GroupRing<PackedRows, FirstReading>(groups: (0..<3).map { _ in PackedRows() })
        let isStarted = startThread("reader") {
            ring.finish(
                Result {
                    var reader = try FirstReader(plan, firstID: firstID)
                    try reader.run(into: ring)
                    return reader.reading
                }
            )
        }
        guard isStarted else { throw Detour.noThread }
        let rows = FirstRows(ring, pulse: pulse)
        do {
            try rows.begin()
            // Now all is made that is only needed to begin.
            ResidentCode.letGo(forFileOf: file.size)
            try transaction.insertAll(
                by: plan.rows,
                in: plan.stretches,
                from: rows,
                // In the order of an index a row is added at its end; otherwise sorting them all is less work.
                isOrdered: rows.areOrdered
            )
        } catch {
            _ = try? ring.end()
            if error is LoadTransaction.RepeatedKey { throw Detour.repeatedKey }
            if error is LoadTransaction.TooManyAtOnce { throw Detour(reason: "too_many_at_once") }
            throw error
        }
        guard let reading = try ring.end() else { throw LoadFailure.interrupted }
        try rows.tell()
        var row = firstID
        try reading.hashes?.read { hash in
            try memory?.note(hash, row: row)
            row += 1
        }
        load.addInserted(reading.rows, from: firstID)
        return reading
    }

    /// Loads the rows that were set aside: exactly the records that the plain path would see, in their order.
    private func loadAside(
        _ spool: borrowing SpoolFile,
        _ found: HeaderSearch.Found,
        _ reading: FirstReading,
        _ load: KeyedLoad,
        _ memory: RecordMemory?,
        firstID: Int64
    ) throws {
        let watch = KeyWatch(isWeak: settings.tuning.hashesWeakly)
        for row in firstID..<firstID + Int64(load.counts.inserted) { try watch.meet(row: row) }
        load.watch = watch
        var left = reading.asideCount
        var reader = try spool.reader(delimiter: found.layout.delimiter, settings: settings)
        do {
            while left > 0, try reader.next() {
                let record = reader.record
                guard reading.aside.contains(record.number) else { continue }
                left -= 1
                try pulse.beat(bytes: reader.bytesRead)
                try load.load(record)
                try memory?.note(record, load.settled)
            }
        } catch let failure as CSVFailure {
            try spool.refuse(failure, names: found.layout.names)
        }
    }
}

/// The rows that come out of the ring, as the one statement takes them.
private final class FirstRows: RowSource {
    private let ring: GroupRing<PackedRows, FirstReading>
    private let pulse: Pulse
    private var rows: PackedRows?
    private var hasBegun = false

    init(_ ring: GroupRing<PackedRows, FirstReading>, pulse: Pulse) {
        self.ring = ring
        self.pulse = pulse
    }

    /// Waits for the first rows.
    func begin() throws { rows = try ring.takeFull() }

    /// Whether the first rows are in the order of their indexes.
    var areOrdered: Bool { rows?.isOrdered ?? true }

    func next() throws -> PackedRows? {
        guard hasBegun else {
            hasBegun = true
            return rows
        }
        try tell()
        if let rows {
            rows.empty()
            ring.putFree(rows)
        }
        rows = try ring.takeFull()
        return rows
    }

    /// Tells that the rows in hand are stored.
    func tell() throws {
        if let rows { try pulse.beat(rows: rows.count, bytes: rows.bytesRead) }
    }

    func indexes() throws -> [PackedIndex] { try ring.end()?.indexes ?? [] }
}
