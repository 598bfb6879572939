/// The same key twice in one file (records.md 5.5).
extension ModelLoad {
    mutating func findDuplicates() {
        let readable = rows.indices.filter { rows[$0].source.damage == nil && rows[$0].key != nil }
        for (_, places) in Dictionary(grouping: readable, by: { rows[$0].key }) where places.count > 1 {
            let contents = Set(places.map { rows[$0].source.bytes })
            if contents.count == 1 {
                for place in places.dropFirst() { rows[place].repeats = places[0] }
                continue
            }
            let chosen: Int? =
                switch settings.duplicates {
                case .fail: nil
                case .first: places.first
                case .last: places.last
                }
            for place in places where place != chosen {
                let column = keyColumn(of: rows[place])
                if chosen == nil {
                    rows[place].errors.append(("duplicate_key", column))
                } else if rows[place].errors.isEmpty {
                    rows[place].isPassedOver = true
                    rows[place].fate = .unchanged
                    rows[place].warnings = [("duplicate_key", column)]
                } else {
                    rows[place].fate = .rejected
                }
            }
        }
    }

    private func keyColumn(of row: ModelRow) -> String {
        if type.name == "contacts" {
            return cell("contact_id", row.source).isBlank ? "email" : "contact_id"
        }
        if type.isLines {
            return cell("application_id", row.source).isBlank ? "invoice_id" : "application_id"
        }
        return type.idColumn
    }

    /// A repeated row counts once; if the first was rejected, so is each repetition.
    mutating func settleRepeats() {
        for place in rows.indices {
            guard let first = rows[place].repeats else { continue }
            if rows[first].fate == .rejected {
                rows[place].errors = rows[first].errors
                rows[place].warnings = []
                rows[place].fate = .rejected
            } else {
                rows[place].warnings = [("duplicate_identical", keyColumn(of: rows[place]))]
                rows[place].fate = .unchanged
            }
        }
    }
}
