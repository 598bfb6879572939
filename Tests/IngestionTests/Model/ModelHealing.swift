/// Orphans whose parent has come (records.md 5.4).
extension ModelLedger {
    /// Tries the parked rows of every type that refers to this one, if this one was loaded; what heals
    /// counts as loaded in its turn.
    mutating func heal(after parent: String, loadedTypes: inout Set<String>, slot: Int) {
        guard loadedTypes.contains(parent) else { return }
        for type in ModelType.all where type.references.contains(where: { $0.target == parent }) {
            var hasProgress = true
            while hasProgress {
                hasProgress = false
                for place in applied where results[place].type == type.name {
                    if heal(fileAt: place, of: type, slot: slot) { hasProgress = true }
                }
                if hasProgress { loadedTypes.insert(type.name) }
            }
        }
    }

    /// Applies the parked rows of one file whose parents are all known; returns whether any row ended.
    private mutating func heal(fileAt place: Int, of type: ModelType, slot: Int) -> Bool {
        guard var sheet = sheets[place], let waiting = parked[place], !waiting.isEmpty else { return false }
        sheet.rows = waiting.map(\.source)
        if type.name != "subsidiaries" {
            var probe = healing(sheet, type, slot)
            probe.checkReferences()
            let ready = probe.rows.filter { row in !row.errors.contains { $0.code == "parent_not_found" } }
            sheet.rows = ready.map(\.source)
        }
        var load = healing(sheet, type, slot)
        load.run()
        store = load.store
        let ended = load.rows.filter { $0.fate != .parked }
        let records = Set(ended.map(\.source.record))
        parked[place]?.removeAll { records.contains($0.source.record) }
        results[place].parked -= ended.count
        results[place].deleted += load.deleted
        results[place].reopened += load.reopened
        results[place].issues.removeAll { issue in
            issue.severity == .error && issue.record.map(records.contains) ?? false
        }
        for row in ended { results[place].add(row) }
        return !ended.isEmpty
    }

    private func healing(_ sheet: ModelSheet, _ type: ModelType, _ slot: Int) -> ModelLoad {
        ModelLoad(
            sheet,
            of: type,
            into: store,
            settings: settings,
            day: ModelDay.text(slot),
            purpose: .healing
        )
    }
}
