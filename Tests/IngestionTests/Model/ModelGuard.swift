/// What keeps a snapshot from being applied (records.md 5.2 rule 4, and 5.5).
extension ModelLedger {
    /// Whether a snapshot's name carries an earlier date than that of the last applied file of its type.
    func isStale(
        _ file: ModelFile,
        _ sheet: ModelSheet,
        _ type: ModelType,
        _ last: LastApplied?,
        _ slot: Int
    ) -> Bool {
        let isOfSnapshotType = ["customers_with_open_balances", "open_invoices"].contains(type.name)
        guard isOfSnapshotType || settings.isSnapshot(type.name), !sheet.isCorrection else { return false }
        guard let date = date(of: file, slot: slot), let lastDate = last?.date else { return false }
        return date.isBefore(lastDate)
    }

    /// Whether the truncation guard stops the file; `rowCount` is that of all parts of its snapshot.
    func isHeld(
        _ sheet: ModelSheet,
        _ type: ModelType,
        _ last: LastApplied?,
        _ rowCount: Int,
        _ companions: ModelPresence,
        _ slot: Int
    ) -> Bool {
        guard settings.isSnapshot(type.name), !sheet.isCorrection, let last else { return false }
        let open = store.openItems(type.name)
        var plan = planned(sheet, type, slot)
        plan.run(companions: companions, isSuspended: plan.presence.isUnclear)
        let gone = open.subtracting(plan.store.openItems(type.name)).count
        let clearsTooMuch = gone >= settings.guardRows && gone * 100 > settings.guardShare * open.count
        let shrank =
            last.rowCount >= settings.guardRows && rowCount * 100 < settings.guardShrink * last.rowCount
        let isEmpty = rowCount == 0 && !open.isEmpty
        let isCut =
            !sheet.endsWithLineEnd
            && (last.endsWithLineEnd || sheet.rows.last?.damage == "wrong_field_count")
        return clearsTooMuch || shrank || isEmpty || isCut
    }

    /// The load of a sheet that is not yet run.
    func planned(_ sheet: ModelSheet, _ type: ModelType, _ slot: Int) -> ModelLoad {
        ModelLoad(
            sheet,
            of: type,
            into: store,
            settings: settings,
            day: ModelDay.text(slot),
            purpose: sheet.isCorrection ? .correction : .file
        )
    }
}
