/// Lines replace the whole set of their payment or credit memo (records.md 5.6).
extension ModelLoad {
    /// Removes what each set loses and rejects sets that come to more than their payment.
    ///
    /// `present` holds the keys that the file names; nil means that nothing may be removed.
    mutating func settleLineSets(present: ModelPresence?) {
        let owners = Set(rows.filter(\.isCandidate).compactMap(\.owner))
        for owner in owners.sorted(by: { $0[0] < $1[0] }) {
            guard let parent = store[type.lineParent, owner[0]] else { continue }
            let places = rows.indices.filter { rows[$0].owner == owner }
            let good = places.filter { rows[$0].isCandidate }
            let isWhole = places.allSatisfy { rows[$0].errors.isEmpty }
            let old = store.set(of: owner, in: type.name)
            var set = old
            if let present, isWhole, !present.unclearOwners.contains(owner) {
                set = old.filter { present.contains($0.key) }
            }
            let kept = set.count
            for place in good where !rows[place].saysNoLines {
                guard let key = rows[place].key else { continue }
                set[key] = merged(rows[place], onto: store[type.name][key])
            }
            if set.values.reduce(0, { $0 + $1.minorUnits("amount") }) > store.available(parent) {
                for place in good { rows[place].errors.append(("over_applied", "amount")) }
                continue
            }
            for place in good where rows[place].saysNoLines {
                let hadLines = store.ownersWithLines[type.name]?.contains(owner[0]) == true
                rows[place].fate = hadLines && kept == old.count ? .unchanged : .updated
            }
            store.ownersWithLines[type.name, default: []].insert(owner[0])
            for key in old.keys where set[key] == nil { store[type.name][key] = nil }
            deleted += old.count - kept
        }
    }
}
