/// Several files of one type in a batch (records.md 5.5 and 5.10).
extension ModelLedger {
    /// Loads the files of one type, oldest first; returns whether any of them was applied.
    mutating func loadGroup(_ files: [ModelFile], of type: ModelType, batch: Int, slot: Int) -> Bool {
        let files = inOrder(files, slot: slot)
        if files.isEmpty { return false }
        let dates = files.compactMap { date(of: $0, slot: slot) }
        let isUnion = settings.snapshotParts == .union && settings.isSnapshot(type.name)
        let areApart = dates.count == files.count && Set(dates).count == dates.count && !isUnion
        let isSuspended = files.count > 1 && suspends(files, of: type, areApart: areApart, slot: slot)
        return loadEach(
            files,
            of: type,
            batch: batch,
            slot: slot,
            areApart: areApart,
            isSuspended: isSuspended
        )
    }

    /// The date in a file's name, unless it lies in the future.
    func date(of file: ModelFile, slot: Int) -> ModelNameDate? {
        guard let date = ModelNameDate(file.name), date.day <= ModelDay.compact(slot + 86400) else {
            return nil
        }
        return date
    }

    /// By the dates in the names where all carry one, else by modification time; then by name.
    private func inOrder(_ files: [ModelFile], slot: Int) -> [ModelFile] {
        let byName = files.sorted { ($0.modified, Text($0.name)) < ($1.modified, Text($1.name)) }
        let dated = byName.map { (date: date(of: $0, slot: slot), file: $0) }
        if dated.contains(where: { $0.date == nil }) { return byName }
        return dated.enumerated()
            .sorted {
                if let left = $0.element.date, let right = $1.element.date, left != right {
                    return left < right
                }
                return $0.offset < $1.offset
            }
            .map(\.element.file)
    }

    /// Whether one of the files cannot be read in full, fails or is held: then nobody knows what is
    /// missing from the batch, and nothing of the type is cleared by it.
    private func suspends(_ files: [ModelFile], of type: ModelType, areApart: Bool, slot: Int) -> Bool {
        if files.contains(where: { presence(of: $0, type, slot: slot).isUnclear }) { return true }
        var trial = self
        _ = trial.loadEach(files, of: type, batch: 0, slot: slot, areApart: areApart, isSuspended: false)
        return trial.results.suffix(files.count).contains {
            ["failed", "held", "superseded"].contains($0.state)
        }
    }

    private mutating func loadEach(
        _ files: [ModelFile],
        of type: ModelType,
        batch: Int,
        slot: Int,
        areApart: Bool,
        isSuspended: Bool
    ) -> Bool {
        let firstPlace = results.count
        let isUnion = settings.snapshotParts == .union && settings.isSnapshot(type.name)
        let sheets = files.map { ModelSheet(bytes: $0.bytes, type: type) }
        let parts = sheets.filter { $0.error == nil && !$0.isCorrection }.reduce(0) { $0 + $1.rows.count }
        let yardstick = lastApplied[type.name]
        for (index, file) in files.enumerated() {
            var companions = ModelPresence()
            for (other, companion) in files.enumerated() where other != index && !areApart {
                companions.formUnion(presence(of: companion, type, slot: slot))
            }
            companions.isUnclear = isSuspended
            let place = results.count
            results.append(ModelFileResult(batch: batch, type: type.name, name: file.name))
            if files.count > 1 { results[place].warn("several_files_of_type") }
            if let date = ModelNameDate(file.name), date.day > ModelDay.compact(slot + 86400) {
                results[place].warn("date_in_future")
            }
            let last = isUnion ? yardstick : lastApplied[type.name]
            let rowCount = isUnion ? parts : sheets[index].rows.count
            if let error = sheets[index].error {
                results[place].fail(error)
            } else if isStale(file, sheets[index], type, last, slot) {
                results[place].fail("stale_file")
            } else if isHeld(sheets[index], type, last, rowCount, companions, slot) {
                results[place].state = "held"
                results[place].reason = "held_by_guard"
                results[place].issues = []
                // Released, it stands for its own day: a person looked at it, and no other file is a part of it.
                held[place] = Held(file: file, companions: areApart ? ModelPresence() : companions)
            } else {
                let others = areApart ? [] : Set(firstPlace..<place)
                apply(
                    file,
                    sheets[index],
                    of: type,
                    at: place,
                    slot: slot,
                    companions: companions,
                    companionFiles: others
                )
                if isUnion { lastApplied[type.name]?.rowCount = parts }
            }
        }
        return results[firstPlace...].contains { $0.isApplied }
    }

    private func presence(of file: ModelFile, _ type: ModelType, slot: Int) -> ModelPresence {
        let sheet = ModelSheet(bytes: file.bytes, type: type)
        if sheet.error != nil { return ModelPresence() }
        return planned(sheet, type, slot).presence
    }
}
