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
        let sources = load.storedSources.map(\.source)
        var own: [Int] = []
        var parents: [(place: Int, keys: KnownKeys)] = []
        for reference in type.references {
            guard let column = type.index(of: reference.column), layout.fields[column] != nil,
                let target = Catalogue.type(named: reference.target)
            else { continue }
            if target.name == type.name {
                own.append(column)
                continue
            }
            guard let place = FirstPlan.place(of: column, in: sources) else {
                throw Detour(reason: "parent_not_stored")
            }
            let keys = try KnownKeys(target, transaction: transaction, isWeak: settings.tuning.hashesWeakly)
            guard let keys else { throw Detour(reason: "too_many_parents") }
            parents.append((place, keys))
        }
        return FirstPlan(
            spoolPath: file.spoolPath,
            layout: layout,
            headerRecord: found.recordNumber,
            settings: settings,
            sources: sources,
            keyColumn: load.keyColumn,
            ownParents: own,
            parents: parents,
            checks: load.rules.checks,
            numberColumn: load.rules.checks.uniqueColumn,
            customNames: load.customNames,
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
        let ring = GroupRing<FirstReading>(groups: (0..<4).map { _ in RowGroup(width: plan.width) })
        let isStarted = startThread("reader") {
            var reader = FirstReader(plan, firstID: firstID)
            ring.finish(
                Result {
                    try reader.run(into: ring)
                    return reader.reading
                }
            )
        }
        guard isStarted else { throw Detour.noThread }
        let rows = FirstRows(ring, memory: memory, pulse: pulse)
        do {
            try rows.begin()
            // Now all is made that is only needed to begin.
            ResidentCode.letGo(forFileOf: file.size)
            // In the order of the index a row is added at its end; otherwise sorting them all is less work.
            let isOrdered = plan.place(of: plan.numberColumn).map(rows.ascend) ?? true
            try transaction.insertAll(
                into: type,
                columns: load.storedSources.map(\.column),
                from: rows,
                constants: load.storedConstants,
                dropping: isOrdered ? [] : ["invoice_by_number"]
            )
        } catch {
            _ = try? ring.end()
            if error is LoadTransaction.RepeatedKey { throw Detour.repeatedKey }
            throw error
        }
        guard let reading = try ring.end() else { throw LoadFailure.interrupted }
        load.addInserted(rows.count, from: firstID)
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
    private let ring: GroupRing<FirstReading>
    private let memory: RecordMemory?
    private let pulse: Pulse
    private var group: RowGroup?
    private var index = 0
    /// The rows given so far.
    private(set) var count = 0

    init(_ ring: GroupRing<FirstReading>, memory: RecordMemory?, pulse: Pulse) {
        self.ring = ring
        self.memory = memory
        self.pulse = pulse
    }

    /// Waits for the first rows.
    func begin() throws { group = try ring.takeFull() }

    /// Whether the first rows are in the order of this value.
    func ascend(_ place: Int) -> Bool {
        guard let group, group.count > 1 else { return true }
        for row in 1..<group.count {
            guard let before = group.row(row - 1)[place].text, let text = group.row(row)[place].text else {
                return false
            }
            if text.lexicographicallyPrecedes(before) { return false }
        }
        return true
    }

    func next() throws -> UnsafePointer<FlatValue>? {
        while let group {
            if index < group.count {
                defer { index += 1 }
                count += 1
                return UnsafePointer(group.row(index))
            }
            if let memory {
                for row in 0..<group.count {
                    try memory.note(group.hash(row), row: group.row(row)[0].integer ?? 0)
                }
            }
            try pulse.beat(rows: group.count, bytes: group.bytesRead)
            ring.putFree(group)
            index = 0
            self.group = try ring.takeFull()
        }
        return nil
    }
}
