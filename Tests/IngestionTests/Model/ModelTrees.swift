/// Parents of subsidiaries and of customers: both stand in trees of their own type.
extension ModelLoad {
    /// Rejects rows in a loop, then rows whose parent is neither stored nor accepted, until neither is
    /// left (records.md 3.1 and 5.10).
    mutating func settleSubsidiaryTree() {
        var isSettled = false
        while !isSettled {
            isSettled = true
            let accepted = rows.indices.filter { rows[$0].isCandidate }
            let parents = parentsAfterLoad(accepted)
            // Only a row that names its parent closes a loop, not one that leaves the stored parent alone.
            let looped = accepted.filter {
                rows[$0].given("parent_id") != nil && isInLoop(rows[$0].key?.first, parents)
            }
            for place in looped { rows[place].errors.append(("parent_cycle", "parent_id")) }
            if !looped.isEmpty {
                isSettled = false
                continue
            }
            for place in accepted where lacksParent(rows[place], among: accepted) {
                report(missing: ["parent_id"], at: place)
                isSettled = false
            }
        }
        let accepted = rows.indices.filter { rows[$0].isCandidate }
        for place in rows.indices where rows[place].repeats == nil && rows[place].fate == .undecided {
            let isReported = rows[place].errors.contains { $0.column == "parent_id" }
            if rows[place].errors.isEmpty || isReported { continue }
            if lacksParent(rows[place], among: accepted) { report(missing: ["parent_id"], at: place) }
        }
    }

    /// Drops the parent of rows in a loop, and warns where the parent is yet to come.
    mutating func settleCustomerTree() {
        let accepted = rows.indices.filter { rows[$0].isCandidate }
        let parents = parentsAfterLoad(accepted)
        for place in accepted {
            if rows[place].given("parent_id") != nil, isInLoop(rows[place].key?.first, parents) {
                rows[place].dropsParent = true
                rows[place].warnings.append(("parent_cycle", "parent_id"))
            } else if lacksParent(rows[place], among: accepted) {
                rows[place].warnings.append(("parent_missing_linked_later", "parent_id"))
            }
        }
        customersAfterLoad = Set(store[type.name].keys.map { $0[0] })
        customersAfterLoad.formUnion(accepted.compactMap { rows[$0].key?.first })
    }

    /// Who would be whose parent if these rows were applied.
    private func parentsAfterLoad(_ accepted: [Int]) -> [Text: Text] {
        var parents: [Text: Text] = [:]
        for (key, record) in store[type.name] { parents[key[0]] = record.values["parent_id"] }
        for place in accepted {
            guard let key = rows[place].key else { continue }
            parents[key[0]] = merged(rows[place], onto: store[type.name][key]).values["parent_id"]
        }
        return parents
    }

    private func isInLoop(_ start: Text?, _ parents: [Text: Text]) -> Bool {
        guard let start else { return false }
        var seen: Set<Text> = []
        var next = parents[start]
        while let id = next, seen.insert(id).inserted {
            if id == start { return true }
            next = parents[id]
        }
        return false
    }

    private func lacksParent(_ row: ModelRow, among accepted: [Int]) -> Bool {
        guard let parent = row.given("parent_id"), store[type.name, parent] == nil else { return false }
        return !accepted.contains { rows[$0].key == [parent] }
    }
}
