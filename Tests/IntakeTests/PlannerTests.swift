import Intake
import Ledger
import TestSupport
import Testing

/// A drop place `in`, where names that end in `.csv` are taken, below a root where nothing is.
private let layout = InboxLayout(places: [
    .init(.root, furniture: ["in"]),
    .init(
        RemotePath("in") ?? .root,
        furniture: ["processed"],
        judge: { name in
            if name.bytes.first == UInt8(ascii: ".") { return .ignored(.hiddenName) }
            if name.bytes.suffix(4) == Array(".tmp".utf8) { return .ignored(.temporaryName) }
            return name.bytes.suffix(4) == Array(".csv".utf8)
                ? .taken(type: "open_invoices") : .ignored(.notCSVName)
        }
    ),
])

private func entry(
    _ name: RemoteName = "a.csv",
    in folder: String = "in",
    kind: InboxEntry.Kind = .file,
    size: Int64? = 10,
    time: Int64? = 100
) -> InboxEntry {
    InboxEntry(
        directory: RemotePath(folder) ?? .root,
        name: name,
        kind: kind,
        size: size,
        modified: time
    )
}

private func listed(_ entries: [InboxEntry]) -> [ListedEntry] {
    layout.entries(in: Dictionary(grouping: entries, by: \.directory))
}

private func known(
    _ state: FileState,
    id: Int64 = 1,
    name: String = "in/a.csv",
    size: Int64 = 10,
    time: Int64 = 100,
    isGone: Bool = false,
    isDisposalPending: Bool = false,
    firstSeen: String = "2026-01-01T00:00:00.000Z"
) -> KnownFile {
    KnownFile(
        id: id,
        path: Array(name.utf8),
        state: state,
        size: size,
        mtime: time,
        isGone: isGone,
        isDisposalPending: isDisposalPending,
        firstSeen: firstSeen
    )
}

private func plan(
    _ cutOff: [InboxEntry],
    _ confirmation: [InboxEntry]? = nil,
    known: [KnownFile] = [],
    planner: Planner = Planner(filesPerRun: 100)
) -> Plan {
    planner.plan(cutOff: listed(cutOff), confirmation: listed(confirmation ?? cutOff), known: known)
}

struct PlannerTests {
    @Test func `a file that stood still for the quiet period belongs to the batch`() {
        let plan = plan([entry()])
        #expect(plan.entries.map(\.disposition) == [.batch])
        #expect(plan.entries.map(\.type) == ["open_invoices"])
        #expect(plan.counts.isBalanced)
    }

    @Test(arguments: [(Int64?(11), Int64?(100)), (10, 101), (9, 100), (nil, 100), (10, nil)])
    func `a file that changed during the quiet period waits`(size: Int64?, time: Int64?) {
        let plan = plan([entry()], [entry(size: size, time: time)])
        #expect(plan.entries.map(\.disposition) == [.waiting(.stillChanging)])
        #expect(plan.entries.map(\.size) == [size])
    }

    @Test func `a file that came after the cut-off waits, one that left is gone`() {
        #expect(plan([], [entry()]).entries.map(\.disposition) == [.waiting(.arrivedAfterCutOff)])
        #expect(plan([entry()], []).entries.map(\.disposition) == [.waiting(.gone)])
    }

    @Test(arguments: [
        (entry("notes.txt"), IgnoredReason.notCSVName),
        (entry(".x.csv"), .hiddenName),
        (entry("x.csv.tmp"), .temporaryName),
        (entry("x.csv", kind: .directory), .notAFile),
        (entry("x.csv", kind: .link), .notAFile),
        (entry("x.csv", kind: .unknown), .notAFile),
        (entry("archive", kind: .directory), .notAFile),
        (entry("../evil.csv"), .hostileName),
        (entry(""), .hostileName),
        (entry(RemoteName([UInt8](repeating: 0x61, count: 256))), .hostileName),
        (entry("contacts", in: "", kind: .directory), .unknownDirectory),
        (entry("stray.csv", in: ""), .unknownDirectory),
    ])
    func `what is not ours to take is ignored with its reason`(entry: InboxEntry, reason: IgnoredReason) {
        let plan = plan([entry])
        #expect(plan.entries.map(\.disposition) == [.ignored(reason)])
        #expect(plan.counts.ignored == 1 && plan.counts.isBalanced)
    }

    @Test func `folders of the layout itself are no entries`() {
        #expect(
            plan([entry("in", in: "", kind: .directory), entry("processed", kind: .directory)]).listed == 0
        )
    }

    @Test(arguments: [
        (known(.loaded), Disposition.settled(.settledBefore)),
        (known(.failed), .settled(.settledBefore)),
        (known(.superseded), .settled(.settledBefore)),
        (known(.duplicate, isDisposalPending: true), .settled(.disposalPending)),
        (known(.held), .settled(.heldByGuard)),
        (known(.received, id: 7), .resumed(file: 7)),
        (known(.waiting), .batch),
        (known(.loaded, isGone: true), .batch),
        (known(.loaded, size: 11), .batch),
        (known(.loaded, time: 99), .batch),
        (known(.held, size: 11), .batch),
    ])
    func `what the ledger knows of an unchanged file decides`(file: KnownFile, expected: Disposition) {
        #expect(plan([entry()], known: [file]).entries.map(\.disposition) == [expected])
    }

    @Test func `a settled file that was absent at the cut-off is a new one`() {
        let plan = plan([], [entry()], known: [known(.loaded)])
        #expect(plan.entries.map(\.disposition) == [.waiting(.arrivedAfterCutOff)])
        #expect(plan.entries.map(\.replaces) == [1])
    }

    @Test func `a waiting file keeps its row, a replaced one loses its place`() {
        #expect(plan([entry()], known: [known(.waiting, size: 3)]).entries.map(\.row) == [1])
        let replaced = plan([entry()], known: [known(.loaded, size: 3)])
        #expect(replaced.entries.map(\.row) == [nil])
        #expect(replaced.entries.map(\.replaces) == [1])
    }

    @Test func `a received file under something newer is loaded as well, and counted`() {
        let plan = plan([entry()], known: [known(.received, size: 3)])
        #expect(plan.entries.map(\.disposition).contains(.batch))
        #expect(plan.entries.map(\.disposition).contains(.resumed(file: 1)))
        #expect(plan.counts.listed == 2 && plan.counts.batched == 2 && plan.counts.isBalanced)
    }

    @Test func `what a complete listing does not show is absent`() {
        let files = [known(.loaded, id: 1, name: "in/1.csv"), known(.waiting, id: 2, name: "in/2.csv")]
        #expect(plan([entry()], known: files).absent == [1, 2])
        #expect(plan([entry()], known: [known(.waiting)]).absent == [])
    }

    @Test func `without its marker a file waits`() {
        let marked = Planner(filesPerRun: 100, vouched: [Array("in/a.csv".utf8)])
        let plan = plan([entry(), entry("b.csv")], planner: marked)
        #expect(plan.entries.map(\.disposition) == [.batch, .waiting(.markerMissing)])
    }

    @Test func `over the limit the longest waiting files go first`() {
        let old = known(.waiting, name: "in/z.csv", time: 900)
        let plan = plan(
            [entry("a.csv", time: 5), entry("b.csv", time: 4), entry("z.csv", time: 900)],
            known: [old],
            planner: Planner(filesPerRun: 2)
        )
        #expect(plan.entries.map(\.disposition) == [.waiting(.overFilesPerRun), .batch, .batch])
    }

    @Test func `the flat layout drops into its root only while there is no pending folder`() {
        let flat = InboxLayout(places: [
            .init(
                .root,
                furniture: ["pending"],
                unless: RemotePath("pending"),
                judge: { _ in .taken(type: nil) }
            ),
            .init(RemotePath("pending") ?? .root, judge: { _ in .taken(type: nil) }),
        ])
        let root = [InboxEntry(directory: .root, name: "a.csv", size: 1, modified: 1)]
        #expect(flat.entries(in: [.root: root]).map(\.verdict) == [.taken(type: nil)])
        let both = flat.entries(in: [.root: root, RemotePath("pending") ?? .root: []])
        #expect(both.map(\.verdict) == [.ignored(.unknownDirectory)])
    }

    @Test(arguments: 0..<60)
    func `whatever is listed and known, the plan balances`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        let names = (0..<12).map { "\($0)" } + ["../x", ".h", "t.tmp", "n.txt"]
        func listing() -> [InboxEntry] {
            names.filter { _ in .random(using: &random) }.map { name in
                entry(
                    RemoteName(Bool.random(using: &random) ? name : "\(name).csv"),
                    in: Int.random(in: 0..<4, using: &random) == 0 ? "" : "in",
                    kind: Int.random(in: 0..<8, using: &random) == 0 ? .link : .file,
                    size: .random(in: 0..<3, using: &random),
                    time: .random(in: 0..<3, using: &random)
                )
            }
        }
        let facts = (0..<20).map { id in
            known(
                FileState.allCases.randomElement(using: &random) ?? .waiting,
                id: Int64(id),
                name: "in/\(Int.random(in: 0..<12, using: &random)).csv",
                size: .random(in: 0..<3, using: &random),
                time: .random(in: 0..<3, using: &random),
                isGone: .random(using: &random),
                isDisposalPending: .random(using: &random)
            )
        }
        let (first, second) = (listing(), listing())
        let plan = plan(first, second, known: facts, planner: Planner(filesPerRun: 3))
        let paths = Set((listed(first) + listed(second)).map(\.pathBytes))
        let carried = plan.listed - paths.count
        #expect(plan.counts.isBalanced)
        #expect(carried >= 0 && carried <= facts.filter { $0.state == .received }.count)
        for path in paths {
            let own = plan.entries.filter { $0.path == path && !$0.name.isEmpty }
            #expect(own.count == 1)
        }
    }
}
