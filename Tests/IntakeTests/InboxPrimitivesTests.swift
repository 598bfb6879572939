import Testing

@testable import Intake

/// What moving, removing and uploading do when something happens between two steps.
@Suite(.timeLimit(.minutes(5)))
struct InboxPrimitivesTests {
    private let lost = InboxFailure.uncertain("the connection was lost meanwhile")

    private func inbox(_ files: [String: String] = ["in/a.csv": "one"]) -> ScriptedInbox {
        ScriptedInbox(files.mapValues { ScriptedInbox.File(text: $0, modified: 1) })
    }

    @Test func `a move whose answer was lost is found done`() async throws {
        let inbox = inbox()
        inbox.failAfterStep(1, lost)
        try await inbox.move(inbox.entry("in/a.csv"), to: path("out/a.csv"))
        #expect(inbox.files == ["out/a.csv": "one"])
    }

    @Test func `a move that was lost before it was done is repeated, but not for ever`() async throws {
        let inbox = inbox()
        inbox.failStep(1, lost)
        try await inbox.move(inbox.entry("in/a.csv"), to: path("out/a.csv"))
        #expect(inbox.files == ["out/a.csv": "one"])
        let stubborn = self.inbox()
        for number in 1...9 { stubborn.failStep(number, lost) }
        let entry = stubborn.entry("in/a.csv")
        #expect(
            await failure { () throws(InboxFailure) in try await stubborn.move(entry, to: path("out/a.csv")) }
                == lost
        )
        #expect(stubborn.files == ["in/a.csv": "one"])
    }

    @Test func `a target that appears in between is not overwritten`() async throws {
        let inbox = inbox()
        let entry = inbox.entry("in/a.csv")
        inbox.beforeStep(1) { $0[path("out/a.csv")] = ScriptedInbox.File(text: "theirs", modified: 5) }
        #expect(
            await failure { () throws(InboxFailure) in try await inbox.move(entry, to: path("out/a.csv")) }
                == .targetTaken
        )
        #expect(inbox.files == ["in/a.csv": "one", "out/a.csv": "theirs"])
    }

    @Test func `a file that was replaced while it was moved is put back as a new one`() async throws {
        let inbox = inbox()
        let entry = inbox.entry("in/a.csv")
        inbox.beforeStep(1) { $0[path("in/a.csv")] = ScriptedInbox.File(text: "newer", modified: 2) }
        #expect(
            await failure { () throws(InboxFailure) in try await inbox.move(entry, to: path("out/a.csv")) }
                == .changed
        )
        #expect(inbox.files == ["in/a.csv": "newer"])
    }

    @Test func `it is put back under a free name when its own is taken again`() async throws {
        let inbox = inbox()
        let entry = inbox.entry("in/a.csv")
        inbox.beforeStep(1) { $0[path("in/a.csv")] = ScriptedInbox.File(text: "newer", modified: 2) }
        inbox.beforeStep(2) { $0[path("in/a.csv")] = ScriptedInbox.File(text: "newest", modified: 3) }
        #expect(
            await failure { () throws(InboxFailure) in try await inbox.move(entry, to: path("out/a.csv")) }
                == .changed
        )
        #expect(inbox.files == ["in/a.csv": "newest", "in/a.put-back-1.csv": "newer"])
    }

    @Test func `a removal that was interrupted is finished, and a lost answer is no failure`() async throws {
        let inbox = inbox()
        let entry = inbox.entry("in/a.csv")
        inbox.failAfterStep(1, .cancelled)
        #expect(await failure { () throws(InboxFailure) in try await inbox.remove(entry) } == .cancelled)
        // It lies aside, under a name that no listing takes for a customer's.
        #expect(
            inbox.files.count == 1
                && inbox.files.keys.allSatisfy { $0.hasPrefix("in/.") && $0.hasSuffix(".part") }
        )
        inbox.failAfterStep(2, lost)
        try await inbox.remove(entry)
        #expect(inbox.files == [:])
    }

    @Test func `a file that was replaced while it was removed is put back`() async throws {
        let inbox = inbox()
        let entry = inbox.entry("in/a.csv")
        inbox.beforeStep(1) { $0[path("in/a.csv")] = ScriptedInbox.File(text: "newer", modified: 2) }
        #expect(await failure { () throws(InboxFailure) in try await inbox.remove(entry) } == .changed)
        #expect(inbox.files == ["in/a.csv": "newer"])
    }

    @Test func `an upload whose answer was lost is found done, and another file there is left`() async throws
    {
        let inbox = inbox(["x": "x"])
        inbox.failAfterStep(1, lost)
        try await inbox.upload(.bytes(Array("report".utf8)), to: path("out/report"))
        #expect(inbox.files == ["x": "x", "out/report": "report"])
        let raced = self.inbox(["x": "x"])
        raced.beforeStep(1) { $0[path("out/report")] = ScriptedInbox.File(text: "theirs", modified: 1) }
        #expect(
            await failure { () throws(InboxFailure) in
                try await raced.upload(.bytes(Array("report".utf8)), to: path("out/report"))
            } == .targetTaken
        )
    }

    @Test func `a share that hangs is given up, and a cancelled call does not wait for it`() async throws {
        let work = BlockingWork(patience: .milliseconds(100))
        let release = Gate()
        defer { release.open() }
        let hung = await failure { () throws(InboxFailure) in try await work.run { _ in release.wait() } }
        guard case .timedOut = hung else { throw InboxFailure.other("\(hung as Any)") }
        let patient = BlockingWork(patience: .seconds(60))
        let task = Task {
            await failure { () throws(InboxFailure) in try await patient.run { _ in release.wait() } }
        }
        task.cancel()
        #expect(await task.value == .cancelled)
        #expect(try await patient.run { _ in 7 } == 7)
    }
}
