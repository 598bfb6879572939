import CSV
import Ledger
import Receivables

/// What loading the rows of one file has in common, whatever the type: the counts, the findings, the parents.
class RowLoad {
    /// What became of a row.
    enum Outcome: Int64 {
        case inserted = 0
        case updated
        case unchanged
    }

    let transaction: LoadTransaction
    let settings: LoadSettings
    let batch: Batch
    let layout: FileLayout
    let type: RecordType
    let reader: RowReader
    var counts = RowCounts()
    /// Whether a row's key or owner could not be read, so that nothing may be cleared or removed.
    var hidesAbsence = false
    /// Whether the rows come from parking: a row that is still without its parent is then left where it is.
    let isHealing: Bool
    /// The parked rows that are parked no longer.
    private(set) var judged: [Int64] = []
    private let references: [(column: Int, reference: Reference, probe: KeyProbe)]
    /// Whether other files have rows of the type parked.
    let parksOthers: Bool
    private var splitter: RecordSplitter

    init(
        _ transaction: LoadTransaction,
        layout: FileLayout,
        settings: LoadSettings,
        batch: Batch,
        isHealing: Bool
    ) throws {
        self.transaction = transaction
        self.settings = settings
        self.batch = batch
        self.layout = layout
        self.isHealing = isHealing
        type = layout.type
        reader = RowReader(layout, settings: settings)
        splitter = RecordSplitter(delimiter: layout.delimiter, limits: settings.limits)
        references = try layout.type.references.compactMap { reference in
            guard let column = layout.type.index(of: reference.column), layout.fields[column] != nil,
                let target = Catalogue.type(named: reference.target),
                let probe = try transaction.probe(target)
            else { return nil }
            return (column, reference, probe)
        }
        parksOthers = try transaction.hasParked(type: layout.type.name)
    }

    /// A parent that a row needs and that is not stored.
    struct Orphan {
        var column: String
        var table: String
        var id: String
    }

    /// Looks up the row's parents.
    ///
    /// - Parameter handlesOwn: Whether references to the same type are settled later, by the caller.
    /// - Returns: The parents that are missing and without which the row cannot be stored; and the warnings about
    ///   those without which it can.
    func parents(handlesOwn: Bool) throws -> (missing: [Orphan], kept: [(finding: Finding, column: String)]) {
        var missing: [Orphan] = []
        var kept: [(finding: Finding, column: String)] = []
        var stubs: [(id: String, column: String, probe: KeyProbe)] = []
        for (column, reference, probe) in references {
            if handlesOwn, reference.target == type.name { continue }
            if reference.isCertainOnceStored, isStored(column) { continue }
            let id = try reader.values[column].withBytes { try probe.id(of: $0) }
            guard let id, id == nil, let text = reader.values[column].string else { continue }
            let table = Catalogue.type(named: reference.target)?.table ?? reference.target
            switch reference.whenUnknown {
            case .parkOrStub where settings.createsStubs:
                stubs.append((text, reference.column, probe))
            case .park, .parkOrStub:
                missing.append(Orphan(column: reference.column, table: table, id: text))
            case .keep(let code):
                if code != nil { kept.append((.invoiceUnresolved(text), reference.column)) }
            case .linkLater:
                break
            }
        }
        // A customer is made up only for a row that will be stored.
        if missing.isEmpty, reader.problems.isEmpty {
            for stub in stubs {
                try addStub(stub.id)
                stub.probe.forget()
                kept.append((.stubCreated(stub.id), stub.column))
            }
        }
        return (missing, kept)
    }

    /// Whether the row stands in the ledger already, with what the file has in a column.
    func isStored(_ column: Int) -> Bool { false }

    private func addStub(_ customer: String) throws {
        try transaction.addStub(
            customer: customer,
            currency: reader.currency?.code ?? "",
            scale: reader.currency?.exponent ?? 2
        )
    }

    /// Forgets what was looked up of the rows of this type, since one has been added.
    func forgetOwn() {
        for (_, reference, probe) in references where reference.target == type.name { probe.forget() }
    }

    /// Notes that a row has been dealt with; parked rows are counted only then.
    func noteJudged(_ place: RecordPlace) {
        guard isHealing else { return }
        counts.total += 1
        judged.append(place.record)
    }

    /// Takes back what was dealt with since, because it was undone.
    func forgetJudged(after count: Int) { judged.removeLast(judged.count - count) }

    /// Whether the row would be stored, or parked: a repetition of it counts once.
    func isFlawless(handlesOwn: Bool) throws -> Bool {
        guard reader.problems.isEmpty else { return false }
        return try !settings.orphansFail || parents(handlesOwn: handlesOwn).missing.isEmpty
    }

    /// Chooses among rows that have one key and different contents, as the drop wants it.
    ///
    /// - Parameters:
    ///   - finding: Names the key and the other rows.
    ///   - first: The number of the first of these rows.
    ///   - last: That of the last.
    /// - Returns: Whether the row is dealt with: it was not chosen, and has been refused for its own problems or passed
    ///   over. A row that is not dealt with counts, or has one problem more.
    func choose(_ finding: Finding, first: Int64, last: Int64, at place: RecordPlace, column: String?) throws
        -> Bool
    {
        switch settings.duplicates {
        case .fail:
            reader.reject(finding, column: column)
            return false
        case .first where place.record == first, .last where place.record == last:
            return false
        case .first, .last:
            guard reader.problems.isEmpty else {
                try reject(at: place)
                return true
            }
            count(.unchanged, at: place)
            try transaction.issues.append(
                Finding(.duplicateKey, .warning, finding.text, hint: "This row was skipped."),
                at: place,
                column: column
            )
            return true
        }
    }

    /// Refuses the row with everything that was found.
    ///
    /// - Parameter missing: Parents that are not known; a row with another error is not parked for them.
    func reject(at place: RecordPlace, missing: [Orphan] = []) throws {
        for orphan in missing {
            reader.reject(
                .parentNotFound(orphan.table, id: orphan.id, isParked: false),
                column: orphan.column
            )
        }
        noteJudged(place)
        counts.rejected += 1
        for problem in reader.problems {
            try transaction.issues.append(problem.finding, at: place, column: problem.column)
        }
    }

    /// Refuses a row whose cells cannot be read.
    func reject(_ damage: RowReader.Damage, at place: RecordPlace) throws {
        counts.rejected += 1
        if damage.hidesKey { hidesAbsence = true }
        for finding in damage.findings {
            try transaction.issues.append(finding.finding, at: place, byteOffset: finding.byteOffset)
        }
    }

    /// Sets a row without its parent aside, or refuses it where the drop says so.
    ///
    /// - Returns: Whether the row is parked.
    @discardableResult
    func park(
        _ orphans: [Orphan],
        at place: RecordPlace,
        key: [UInt8],
        owner: [UInt8]?,
        bytes: UnsafeRawBufferPointer
    ) throws -> Bool {
        // A row that is parked already stays so, with its findings, until its time is over.
        if isHealing { return true }
        for orphan in orphans {
            try transaction.issues.append(
                .parentNotFound(orphan.table, id: orphan.id, isParked: !settings.orphansFail),
                at: place,
                column: orphan.column
            )
        }
        guard !settings.orphansFail else {
            counts.rejected += 1
            return false
        }
        counts.parked += 1
        try transaction.park(
            type: type.name,
            at: place,
            key: key,
            owner: owner,
            bytes: Array(bytes),
            until: transaction.time.adding(seconds: settings.parkFor)
        )
        return true
    }

    /// A newer file brings this key or owner: what other files have parked under it is over.
    ///
    /// - Parameter companions: The files of one delivery with this one; they are no older files.
    func endParking(_ end: ParkingEnd, except companions: Set<Int64> = []) throws {
        guard parksOthers, !isHealing else { return }
        try transaction.endParking(type: type.name, end, except: companions, run: batch.run)
    }

    /// Counts a row that was applied.
    func count(_ outcome: Outcome, at place: RecordPlace) {
        noteJudged(place)
        switch outcome {
        case .inserted: counts.inserted += 1
        case .updated: counts.updated += 1
        case .unchanged: counts.unchanged += 1
        }
    }

    func warn(_ findings: [(finding: Finding, column: String)], at place: RecordPlace) throws {
        for finding in findings {
            try transaction.issues.append(finding.finding, at: place, column: finding.column)
        }
    }

    /// Reads a record again from bytes that were set aside; one at a time.
    func withRecord(_ bytes: [UInt8], _ body: (Record) throws -> Void) rethrows {
        try bytes.withUnsafeBytes { try withRecord($0, body) }
    }

    /// Reads a record again from bytes that were set aside; one at a time.
    func withRecord(_ bytes: UnsafeRawBufferPointer, _ body: (Record) throws -> Void) rethrows {
        let record: Record?
        do {
            record = try splitter.split(bytes)
        } catch {
            // These very bytes were split before under the same limits; a lower limit set since refuses the row.
            return
        }
        if let record { try body(record) }
    }
}

extension Reference {
    /// Whether the parent that a stored row names is stored as well.
    fileprivate var isCertainOnceStored: Bool {
        switch whenUnknown {
        case .park, .parkOrStub: true
        case .keep, .linkLater: false
        }
    }
}
