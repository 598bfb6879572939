import Intake
import Ledger
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ClaimingInboxTests {
    private static let layout = InboxLayout(places: [
        .init(.root), .init(path("a"), furniture: ["pending", "processing"]),
        .init(path("a/pending")) { _ in .taken(type: "a") },
    ])
    private static let pending = path("a/pending")

    private func claiming(_ bench: InboxBench, _ owner: String) -> ClaimingInbox {
        ClaimingInbox(bench.inbox, layout: Self.layout, owner: owner)
    }

    private func listed(_ inbox: any Inbox) async throws -> [InboxEntry] {
        try await inbox.list(Self.layout.directories)[Self.pending] ?? []
    }

    @Test(arguments: [InboxBench.Kind.folder, .openSSH])
    func `of two that fetch the same files each gets those that the other does not`(
        kind: InboxBench.Kind
    ) async throws {
        let bench = try await InboxBench.make(kind)
        try bench.folder("a/pending")
        let names = (0..<60).map { "\($0).csv" }
        for name in names { try bench.write(name, "a/pending/\(name)") }
        let (one, other) = (claiming(bench, "one"), claiming(bench, "other"))
        let entries = try await listed(one)
        #expect(try await Set(listed(other)) == Set(entries))
        async let left = Fetched.from(one, entries)
        async let right = Fetched.from(other, entries.reversed())
        let results = await left.results + right.results
        #expect(results.count == 2 * names.count)
        let taken = results.compactMap { try? $0.result.get() }.map { String(decoding: $0, as: UTF8.self) }
        #expect(taken.sorted() == names.sorted())
        for (_, result) in results {
            if case .failure(let failure) = result { #expect(failure == .gone) }
        }
        #expect(try bench.names("a/pending") == [])
    }

    @Test func `what an interrupted run has claimed lies where it was dropped, and goes where it is sent`()
        async throws
    {
        let bench = try await InboxBench.make(.folder)
        let entry = try await bench.file("a/pending", "x.csv", "12345")
        #expect(await Fetched.from(claiming(bench, "one"), [entry]).failure == nil)
        #expect(try bench.names("a/processing/one") == ["x.csv"])
        let again = claiming(bench, "one")
        #expect(try await listed(again) == [entry])
        #expect(try await listed(claiming(bench, "other")) == [])
        let fetched = await Fetched.from(again, [entry])
        #expect(try fetched.results.map { try $0.result.get() } == [Array("12345".utf8)])
        try await again.move(entry, to: path("a/processed/x.csv"))
        #expect(bench.text("a/processed/x.csv") == "12345")
        #expect(try await listed(again) == [])
        // The reply was lost, and it is asked again.
        try await again.move(entry, to: path("a/processed/x.csv"))
    }

    @Test func `what others have claimed is seen, and what is ours is not`() async throws {
        let bench = try await InboxBench.make(.folder)
        func foreign() async throws -> [ForeignClaim] {
            try await ForeignClaims(bench.inbox, layout: Self.layout, owner: "one").look()
        }
        #expect(try await foreign() == [])
        for (name, owner) in [("x.csv", "one"), ("y.csv", "other")] {
            let entry = try await bench.file("a/pending", name, "12345")
            #expect(await Fetched.from(claiming(bench, owner), [entry]).failure == nil)
        }
        #expect(
            try await foreign() == [
                ForeignClaim(path: Array("a/processing/other/y.csv".utf8), owner: "other")
            ]
        )
    }

    @Test func `a newer file of its name waits until the claimed one is out of the way`() async throws {
        let bench = try await InboxBench.make(.folder)
        let entry = try await bench.file("a/pending", "x.csv", "12345")
        let inbox = claiming(bench, "one")
        #expect(await Fetched.from(inbox, [entry]).failure == nil)
        try bench.write("new", "a/pending/x.csv")
        #expect(try await listed(inbox) == [entry])
        try await inbox.remove(entry)
        #expect(try await listed(inbox).map(\.size) == [3])
        #expect(bench.text("a/pending/x.csv") == "new")
    }

    @Test func `a file that changes while it is read goes back to its sender`() async throws {
        let bench = try await InboxBench.make(.folder)
        let entry = try await bench.file("a/pending", "x.csv", "12345")
        var found: InboxFailure?
        try await claiming(bench, "one").fetch([entry]) { _ in
            // The sender had it open, and goes on writing.
            try bench.write("123456789", "a/processing/one/x.csv")
            return KeptBytes()
        } finished: { _, result in
            if case .failure(let failure) = result { found = failure }
        }
        #expect(found == .changed)
        #expect(bench.text("a/pending/x.csv") == "123456789")
        #expect(try bench.names("a/processing/one") == [])
    }
}
