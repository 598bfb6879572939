import CSV
package import Ledger
package import Receivables

/// What a round of healing came to.
struct Healed: Sendable {
    var file: Int64
    /// Rows that stand in the ledger now.
    var healed: Int
    /// Rows whose parent has come but which break another rule.
    var rejected: Int
}

/// Tries parked rows again once rows of their parents' types have come.
extension Loader {
    /// Applies the parked rows that waited for rows of a type.
    ///
    /// Called right after the files of the type, before those of the types that refer to it.
    ///
    /// - Returns: The types of which rows were healed; they are parents in their turn.
    package func heal(after parent: RecordType, in batch: Batch, at time: Timestamp) throws -> Set<String> {
        var healed: Set<String> = []
        for type in Catalogue.types where type.mayWait(for: parent) {
            if try heal(type, in: batch, at: time).contains(where: { $0.healed > 0 }) {
                healed.insert(type.name)
            }
        }
        return healed
    }

    /// Applies all parked rows that the load of one file has made possible, those that wait for healed rows too.
    package func healAll(after parent: RecordType, in batch: Batch, at time: Timestamp) throws {
        _ = try healAll(after: parent) { type in try heal(type, in: batch, at: time) }
    }

    /// As ``healAll(after:in:at:)``, as a part of a load whose changes are noted.
    func healAll(after parent: RecordType, in batch: Batch, within transaction: LoadTransaction) throws
        -> [Healed]
    {
        try healAll(after: parent) { type in
            try ledger.parkingFiles(type: type.name).compactMap { parking in
                try heal(parking, type: type, in: batch, transaction.healing(parking, type))
            }
        }
    }

    private func healAll(after parent: RecordType, _ heal: (RecordType) throws -> [Healed]) rethrows
        -> [Healed]
    {
        var changed: Set<String> = [parent.name]
        var all: [Healed] = []
        for parent in Catalogue.types where changed.contains(parent.name) {
            for type in Catalogue.types where type.mayWait(for: parent) {
                let healed = try heal(type)
                if healed.contains(where: { $0.healed > 0 }) { changed.insert(type.name) }
                all += healed
            }
        }
        return all
    }

    /// Applies the parked rows of a type whose parents are known now: one transaction for each file they came in.
    ///
    /// Rows are added and changed, never removed. Rows still without their parent stay parked.
    ///
    /// - Throws: ``LedgerFailure`` or a database error; then nothing of the file in hand was applied.
    func heal(_ type: RecordType, in batch: Batch, at time: Timestamp) throws -> [Healed] {
        try ledger.parkingFiles(type: type.name).compactMap { parking in
            try ledger.load(file: parking.file, at: time) { transaction in
                try heal(parking, type: type, in: batch, transaction)
            }
        }
    }

    private func heal(
        _ parking: ParkingFile,
        type: RecordType,
        in batch: Batch,
        _ transaction: LoadTransaction
    ) throws -> Healed? {
        guard let layout = try layout(of: parking, type: type) else { return nil }
        let finding = try transaction.lastFinding()
        let load: RowLoad
        if let keyed = try KeyedLoad(
            transaction,
            layout: layout,
            settings: settings,
            batch: batch,
            repeated: nil,
            isHealing: true
        ) {
            try forEachParked(parking, type, transaction) { row in
                try keyed.withRecord(row.bytes) { record in try keyed.judge(record, at: row.place) }
            }
            try keyed.finish()
            load = keyed
        } else if let owned = try OwnedLoad(
            transaction,
            layout: layout,
            settings: settings,
            batch: batch,
            OwnedLoad.Circumstances(),
            isHealing: true
        ) {
            try forEachParked(parking, type, transaction) { row in try owned.stage(row) }
            let pulse = Pulse(file: spoolless(parking, type), progress: nil, shouldStop: { false })
            try owned.finish(pulse: pulse)
            load = owned
        } else {
            return nil
        }
        guard load.counts.total > 0 else { return nil }
        for record in load.judged { try transaction.unpark(record: record, before: finding) }
        if type.table == "invoice" { _ = try transaction.relinkPDFs() }
        try transaction.settleHealed(load.counts, parking: parking, type: type.name, run: batch.run)
        return Healed(
            file: parking.file,
            healed: load.counts.total - load.counts.rejected,
            rejected: load.counts.rejected
        )
    }

    private func forEachParked(
        _ parking: ParkingFile,
        _ type: RecordType,
        _ transaction: LoadTransaction,
        _ body: (ParkedRow) throws -> Void
    ) throws {
        var last: Int64 = -1
        while true {
            let page = try transaction.parkedRows(of: parking.file, type: type.name, after: last)
            guard let end = page.last else { return }
            for row in page { try body(row) }
            last = end.place.record
        }
    }

    /// The layout of the file that the rows came in, from the header that was kept.
    private func layout(of parking: ParkingFile, type: RecordType) throws -> FileLayout? {
        let delimiter = parking.delimiter.utf8.first ?? UInt8(ascii: ",")
        var reader = RecordReader(
            ArraySource(parking.header),
            delimiter: delimiter,
            limits: settings.limits,
            bufferSize: max(64, parking.header.count)
        )
        do {
            guard try reader.next() else { return nil }
            return try FileLayout(
                reader.record,
                type: type,
                delimiter: delimiter,
                aliases: settings.headerAliases[type.name] ?? [:]
            )
        } catch is CSVFailure {
            // A lower limit set since: the rows stay parked until their time is over.
            return nil
        }
    }

    private func spoolless(_ parking: ParkingFile, _ type: RecordType) -> ReceivedFile {
        ReceivedFile(
            fileID: parking.file,
            type: type,
            name: parking.name,
            mtime: nil,
            size: 0,
            sha256: "",
            spoolPath: ""
        )
    }
}

extension RecordType {
    /// Whether rows of this type cannot be stored without the record of the other that they name.
    fileprivate func mayWait(for parent: RecordType) -> Bool {
        references.contains { reference in
            switch reference.whenUnknown {
            case .park, .parkOrStub: reference.target == parent.name
            case .keep, .linkLater: false
            }
        }
    }
}
