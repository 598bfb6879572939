/// Ledgerdrop as records.md describes it, without files, database or clock.
struct ModelLedger {
    /// A file that a person must decide about.
    struct Held {
        let file: ModelFile
        let companions: ModelPresence
    }

    /// An orphan that waits for its parent.
    struct Parked {
        let source: SourceRow
        let key: ModelKey
        let owner: ModelKey?

        /// The slot at which it was parked.
        let since: Int
    }

    /// What the guard and `stale_file` compare a snapshot with.
    struct LastApplied {
        var date: ModelNameDate?
        var rowCount: Int
        var endsWithLineEnd: Bool
    }

    let settings: ModelSettings
    var store = ModelStore()

    /// Every file so far, in the order in which they were taken up.
    var results: [ModelFileResult] = []

    /// By place in `results`.
    var held: [Int: Held] = [:]
    var parked: [Int: [Parked]] = [:]
    /// The places of the files that were applied, in the order in which they were.
    var applied: [Int] = []
    var sheets: [Int: ModelSheet] = [:]
    var contents: [Int: [UInt8]] = [:]
    var lastApplied: [String: LastApplied] = [:]
    private var batchCount = 0

    init(settings: ModelSettings) {
        self.settings = settings
    }

    /// Takes everything that happens in a drop.
    mutating func perform(_ steps: [ModelStep]) {
        for step in steps { perform(step) }
    }

    mutating func perform(_ step: ModelStep) {
        switch step {
        case .batch(let batch):
            load(batch.files, slot: batch.slot)
            expireParked(slot: batch.slot)
            batchCount += 1
        case .release(let type, let name, let slot):
            guard let place = placeOfHeld(type, name), let file = held.removeValue(forKey: place),
                let type = ModelType.named(type)
            else { return }
            let sheet = ModelSheet(bytes: file.file.bytes, type: type)
            // A correction that came in between is overwritten by what the held file says, with a warning.
            if sheets.contains(where: {
                $0.key > place && results[$0.key].type == type.name && $0.value.isCorrection
            }) {
                results[place].warn("several_files_of_type")
            }
            apply(
                file.file,
                sheet,
                of: type,
                at: place,
                slot: slot,
                companions: file.companions,
                companionFiles: []
            )
            healAll(after: type.name, slot: slot)
        case .discard(let type, let name, _):
            guard let place = placeOfHeld(type, name) else { return }
            held[place] = nil
            results[place].state = "discarded"
        }
    }

    private func placeOfHeld(_ type: String, _ name: String) -> Int? {
        held.keys.first { results[$0].type == type && results[$0].name == name }
    }

    /// Loads a batch type by type in load order, and heals after each type (records.md 4 and 5.4).
    private mutating func load(_ files: [ModelFile], slot: Int) {
        var loadedTypes: Set<String> = []
        for type in ModelType.all {
            let group = files.filter { $0.type == type.name }
            if loadGroup(group, of: type, batch: batchCount, slot: slot) { loadedTypes.insert(type.name) }
            heal(after: type.name, loadedTypes: &loadedTypes, slot: slot)
        }
    }

    private mutating func healAll(after type: String, slot: Int) {
        var loadedTypes: Set<String> = [type]
        for next in ModelType.all { heal(after: next.name, loadedTypes: &loadedTypes, slot: slot) }
    }
}
