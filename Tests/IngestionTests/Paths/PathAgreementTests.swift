import Foundation
import Ingestion
import Ledger
import Testing

/// Whatever makes loading quick must leave the ledger as the plain path does: every table, every row, every event.
struct PathAgreementTests {
    /// More seeds than a commit's tests take, for whoever wants to look deeper.
    static var seeds: [UInt64] {
        let environment = ProcessInfo.processInfo.environment
        if let seed = environment["LEDGERDROP_SEED"].flatMap(UInt64.init) { return [seed] }
        let count = environment["LEDGERDROP_SEEDS"].flatMap(UInt64.init) ?? 24
        return Array(1...count)
    }

    @Test(.timeLimit(.minutes(30)), arguments: seeds)
    func `snapshots leave the same ledger on every path`(seed: UInt64) throws {
        try compare(PathVariant.quick, seed)
    }

    @Test(.timeLimit(.minutes(30)), arguments: seeds)
    func `snapshots leave the same ledger when they come into empty tables`(seed: UInt64) throws {
        try compare(PathVariant.first, seed)
    }

    private func compare(_ variants: [PathVariant], _ seed: UInt64) throws {
        var story = SnapshotStory(seed: seed)
        let steps = story.steps()
        let plain = try PathReplay(.plain)
        let variant = variants[Int(seed % UInt64(variants.count))]
        let quick = try PathReplay(variant)
        try quick.expectAgreement(with: plain, over: steps, "seed \(seed), \(variant)")
    }

    @Test(.timeLimit(.minutes(30)), arguments: seeds)
    func `the model's drops leave the same ledger on every path`(seed: UInt64) throws {
        var generator = DropGenerator(seed: seed)
        let story = generator.drop()
        let plain = try ModelReplay(story.settings, tuning: PathVariant.plain.tuning)
        let variant = PathVariant.quick[Int(seed % UInt64(PathVariant.quick.count))]
        let quick = try ModelReplay(story.settings, tuning: variant.tuning)
        try quick.expectAgreement(with: plain, over: story.steps, "seed \(seed), \(variant)")
    }

    @Test(.timeLimit(.minutes(30))) func `the stories find out when nothing voids what is remembered`() throws
    {
        for seed in 1...60 as ClosedRange<UInt64> {
            var story = SnapshotStory(seed: seed)
            let plain = try PathReplay(.plain)
            let faulty = try PathReplay(PathVariant.quick[0])
            try faulty.perform(.write("DROP TRIGGER invoice_touched; DROP TRIGGER customer_touched"))
            try plain.perform(.write("SELECT 1"))
            for step in story.steps() {
                try plain.perform(step)
                try faulty.perform(step)
            }
            let dump = try LedgerDump(faulty.drop.ledger)
            if try !dump.differences(from: LedgerDump(plain.drop.ledger)).isEmpty { return }
        }
        Issue.record("no story noticed it")
    }

    @Test(.timeLimit(.minutes(10))) func `the stories take every path and every way back`() throws {
        var paths: Set<String> = []
        for seed in 1...20 as ClosedRange<UInt64> {
            var story = SnapshotStory(seed: seed)
            let replay = try PathReplay(PathVariant.quick[1])
            for step in story.steps() { try replay.perform(step) }
            paths.formUnion(try replay.paths())
        }
        #expect(paths.isSuperset(of: ["plain", "manifest", "identical", "repeated_key plain"]))
    }
}
