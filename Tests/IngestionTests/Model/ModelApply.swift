/// Applying one file, with all that it settles for earlier ones.
extension ModelLedger {
    /// Applies a file that nothing stops; `companionFiles` are the places of files of the same batch
    /// that belong to the same snapshot.
    mutating func apply(
        _ file: ModelFile,
        _ sheet: ModelSheet,
        of type: ModelType,
        at place: Int,
        slot: Int,
        companions: ModelPresence,
        companionFiles: Set<Int>
    ) {
        var load = planned(sheet, type, slot)
        let isSuspended = load.presence.isUnclear || companions.isUnclear
        load.run(companions: companions, isSuspended: isSuspended)

        for warning in sheet.warnings { results[place].warn(warning.code, column: warning.column) }
        if load.handlesAbsence && isSuspended { results[place].warn("absence_suspended") }
        for row in load.rows { results[place].add(row) }
        results[place].total = load.rows.count
        results[place].cleared = load.cleared
        results[place].deleted = load.deleted
        results[place].reopened = load.reopened
        results[place].reason = nil

        let isBroken = results[place].rejected + results[place].parked > 0
        let isUnchanged =
            load.store.hasSameRecords(as: store) && !load.rows.isEmpty && !isBroken
            && results[place].inserted + results[place].updated == 0
        let isRepeated = contents.contains { other, bytes in
            bytes == file.bytes && results[other].type == type.name && results[other].isApplied
        }
        results[place].state =
            isBroken ? "loaded_with_errors" : isUnchanged && isRepeated ? "duplicate" : "loaded"
        store = load.store
        applied.append(place)
        contents[place] = file.bytes
        sheets[place] = sheet

        endParking(before: place, by: load, companionFiles: companionFiles)
        parked[place] = load.rows.filter { $0.fate == .parked }.compactMap { row in
            row.key.map { Parked(source: row.source, key: $0, owner: row.owner, since: slot) }
        }
        if sheet.isCorrection { return }
        lastApplied[type.name] = LastApplied(
            date: date(of: file, slot: slot),
            rowCount: sheet.rows.count,
            endsWithLineEnd: sheet.endsWithLineEnd
        )
        for older in held.keys
        where older < place && results[older].type == type.name && !companionFiles.contains(older) {
            results[older].state = "superseded"
            held[older] = nil
        }
    }

    /// Ends the parking of rows that this load replaces (records.md 5.4 and 5.10).
    private mutating func endParking(before place: Int, by load: ModelLoad, companionFiles: Set<Int>) {
        let presence = load.presence
        for (other, waiting) in parked where other < place && results[other].type == load.type.name {
            let ended = waiting.filter { row in
                if presence.keys.contains(row.key) { return true }
                if load.purpose == .correction || companionFiles.contains(other) { return false }
                if settings.isSnapshot(load.type.name) { return true }
                return row.owner.map(presence.owners.contains) ?? false
            }
            end(ended, in: other)
        }
    }

    /// Rows that waited for the whole of `parkFor` count as rejected.
    mutating func expireParked(slot: Int) {
        for (place, waiting) in parked {
            end(waiting.filter { slot - $0.since >= settings.parkFor }, in: place)
        }
    }

    private mutating func end(_ rows: [Parked], in place: Int) {
        let records = Set(rows.map(\.source.record))
        parked[place]?.removeAll { records.contains($0.source.record) }
        results[place].parked -= rows.count
        results[place].rejected += rows.count
    }
}
