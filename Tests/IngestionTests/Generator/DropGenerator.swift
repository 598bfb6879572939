/// Makes a random drop from a seed: the same seed makes the same drop, byte for byte.
///
/// A failing seed is all that a report needs; `DropGenerator(seed:).drop()` brings the drop back.
struct DropGenerator {
    private var random: SplitMix64
    private var world = RandomWorld()
    private var sent: [ModelFile] = []
    private var names = DateStyle.none

    /// How the files of a drop are named.
    private enum DateStyle { case none, daily, mixed }

    init(seed: UInt64) {
        random = SplitMix64(seed: seed)
    }

    /// Two to twelve days of files, with decisions about what the model says is held.
    mutating func drop() -> ModelDrop {
        var drop = ModelDrop(settings: settings(), steps: [])
        var model = ModelLedger(settings: drop.settings)
        names = random.pick([.none, .daily, .daily, .mixed])
        // 2025-01-06 12:00 UTC
        var slot = 1_736_164_800
        for _ in 0..<Int.random(in: 2...12, using: &random) {
            let batch = ModelStep.batch(ModelBatch(slot: slot, files: files(slot: slot)))
            drop.steps.append(batch)
            model.perform(batch)
            for (place, held) in model.held.sorted(by: { $0.key < $1.key }) where random.chance(50) {
                let (type, name) = (held.file.type, held.file.name)
                if model.results[place].state != "held" { continue }
                let decision: ModelStep =
                    random.chance(70)
                    ? .release(type: type, name: name, at: slot + 600)
                    : .discard(type: type, name: name, at: slot + 600)
                drop.steps.append(decision)
                model.perform(decision)
            }
            slot += 3600 * random.pick([24, 24, 24, 1, 72])
        }
        return drop
    }

    private mutating func settings() -> ModelSettings {
        var settings = ModelSettings()
        settings.guardRows = random.pick([2, 4, 20])
        settings.guardShare = random.pick([40, 40, 70])
        // Half an hour beyond whole days, so that no slot falls on the very end.
        settings.parkFor = random.pick([7, 1]) * 86400 + 1800
        if random.chance(25) { settings.orphans = .fail }
        if random.chance(20) { settings.blankMeans = .keep }
        if random.chance(20) { settings.duplicates = random.pick([.first, .last]) }
        if random.chance(15) { settings.contactsMode = .fullSnapshot }
        if random.chance(15) { settings.unapplied = .file }
        if random.chance(15) { settings.createStubCustomers = true }
        if random.chance(10) { settings.snapshotParts = .union }
        if random.chance(15) { settings.delta = [random.pick(ModelType.all).name] }
        return settings
    }

    /// The files of one batch: of each type mostly one.
    private mutating func files(slot: Int) -> [ModelFile] {
        var files: [ModelFile] = []
        for type in ModelType.all {
            for _ in 0..<random.pick([0, 1, 1, 1, 1, 1, 1, 1, 1, 2]) {
                let bytes = bytes(type)
                var file = ModelFile(type: type.name, name: name(type, slot), text: "")
                file.bytes = bytes
                file.modified = Int.random(in: 0..<4, using: &random)
                files.append(file)
                sent.append(file)
            }
        }
        files.shuffle(using: &random)
        return files
    }

    /// `type-number-date.csv`; the number makes names unique.
    private mutating func name(_ type: ModelType, _ slot: Int) -> String {
        let stem = "\(type.name)-n\(sent.count)"
        let isDated = names == .daily || (names == .mixed && random.chance(50))
        if !isDated { return stem + ".csv" }
        let days = random.chance(4) ? random.pick([-2, -1, 1, 5]) : 0
        let date = slot + days * 86400
        return "\(stem)-\(random.chance(20) ? ModelDay.compact(date) : ModelDay.text(date).string).csv"
    }

    private mutating func bytes(_ type: ModelType) -> [UInt8] {
        let earlier = sent.filter { $0.type == type.name }
        if !earlier.isEmpty && random.chance(10) { return random.pick(earlier).bytes }
        if random.chance(2) { return brokenFile(type) }
        var sheet = world.sheet(type, &random)
        if random.chance(2) { sheet.rows = [] }
        if random.chance(5) {
            sheet.rows = Array(sheet.rows.prefix(2))
            sheet.becomeCorrection()
        }
        var bytes = sheet.bytes(isDamaged: random.chance(25), &random)
        if random.chance(3) {
            bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
            // Half a CRLF at the end would be neither a line end nor a lone CR.
            while bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        }
        return bytes
    }

    /// A file that fails as a whole.
    private mutating func brokenFile(_ type: ModelType) -> [UInt8] {
        let header = type.columns.map(\.name)
        let text = random.pick([
            "", "\n\n", "<html></html>", "{}", "one,two\n1,2\n",
            header.dropFirst(2).filter { $0 != "invoice_id" }.joined(separator: ",") + "\nx\n",
            (header + [header[0]]).joined(separator: ",") + "\n",
            header.joined(separator: ",") + "\n\"never closed,1,2\n",
        ])
        return Array(text.utf8)
    }
}
