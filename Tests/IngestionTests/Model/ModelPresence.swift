/// What a file names, whatever becomes of its rows (records.md 5.2, rule 2 and 3).
struct ModelPresence {
    var keys: Set<ModelKey> = []

    /// All cells of rows with a wrong number of cells: each could be a key.
    var suspects: Set<Text> = []

    /// Owners, payments or credit memos that the file names.
    var owners: Set<ModelKey> = []

    /// Owners of whose rows at least one has no readable key.
    var unclearOwners: Set<ModelKey> = []

    /// Whether there is a row that could be about any record.
    var isUnclear = false

    func contains(_ key: ModelKey) -> Bool {
        keys.contains(key) || (key.count == 1 && suspects.contains(key[0]))
    }

    mutating func formUnion(_ other: ModelPresence) {
        keys.formUnion(other.keys)
        suspects.formUnion(other.suspects)
        owners.formUnion(other.owners)
        unclearOwners.formUnion(other.unclearOwners)
        isUnclear = isUnclear || other.isUnclear
    }

    init() {}

    /// What the checked rows of a file say.
    init(_ rows: [ModelRow], sheet: ModelSheet, type: ModelType) {
        let place = sheet.native.first { $0.column.name == type.idColumn }?.place ?? 0
        for row in rows {
            let cells = row.source.cells.map(\.trimmed)
            let idCell = cells.indices.contains(place) ? cells[place] : ""
            switch row.source.damage {
            case nil:
                if let key = row.key { keys.insert(key) }
                if let owner = row.owner {
                    owners.insert(owner)
                    keys.formUnion(row.labels.map { ModelLoad.labelKey(owner, $0.address) })
                    if row.key == nil { unclearOwners.insert(owner) }
                }
                if type.isReplacedSet ? row.owner == nil : row.key == nil { isUnclear = true }
            case _ where type.isReplacedSet: isUnclear = true
            case "wrong_field_count":
                suspects.formUnion(cells.filter { !$0.isBlank })
                if idCell.isBlank { isUnclear = true }
            case "bad_encoding" where row.source.unreadableCells.allSatisfy { $0 > place }:
                keys.insert([idCell])
            default: isUnclear = true
            }
        }
    }
}
