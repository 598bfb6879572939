import Daemon
import Foundation
import Testing

struct RequestTests {
    private let folder = TemporaryFolder()

    private func state() throws -> StateDirectory { try StateDirectory(path: folder.path + "/acme") }

    private func request(_ verb: Request.Verb) -> Request {
        Request(verb, user: "ops", at: "2026-11-22T10:00:00.000Z")
    }

    @Test(
        arguments: [
            .poll, .replay(file: 7, dryRun: true, older: false), .release(file: 7, reason: "fine\nby me"),
            .discard(file: 7, reason: nil), .addRecipient("a@b.example"), .removeRecipient("a@b.example"),
            .testRecipients,
            .acceptHostKey(pin: "SHA256:x", notAfter: "2027-01-01"),
        ] as [Request.Verb]
    )
    func `a request that was left is found, answered and forgotten`(verb: Request.Verb) throws {
        let requests = try RequestFolder(in: state())
        let id = try requests.leave(request(verb))
        let pending = requests.pending()
        #expect(pending.map(\.id) == [id])
        #expect(pending.first?.request == request(verb))
        #expect(try requests.takeAnswer(id) == nil)
        let answer = Answer(exit: .dataError, text: "2 rows rejected\n", problem: "see errors 7")
        try requests.answer(id, answer)
        #expect(requests.pending().isEmpty)
        #expect(try requests.takeAnswer(id) == answer)
        #expect(try requests.takeAnswer(id) == nil)
    }

    @Test func `requests are served in the order in which they came`() throws {
        let requests = try RequestFolder(in: state())
        let ids = try (0..<5).map { (number: Int64) in
            usleep(2000)
            return try requests.leave(request(.release(file: number, reason: nil)))
        }
        #expect(requests.pending().map(\.id) == ids)
    }

    @Test func `what is no request is pending without one, and a link is not followed`() throws {
        let requests = try RequestFolder(in: state())
        _ = try folder.file("acme/requests/1.request", "{\"verb\":", mode: 0o600)
        _ = try folder.file("acme/requests/2.request", "{}", mode: 0o644)
        symlink("/etc/passwd", requests.path + "/3.request")
        #expect(requests.pending().map(\.id) == ["1", "2", "3"])
        #expect(requests.pending().allSatisfy { $0.request == nil })
    }

    @Test(.timeLimit(.minutes(5)))
    func `a request that is answered while another looks is not there any more`() async throws {
        let requests = try RequestFolder(in: state())
        let ids = try (0..<300).map { _ in try requests.leave(request(.poll)) }
        async let unreadable = {
            var count = 0
            while true {
                let pending = requests.pending()
                count += pending.count { $0.request == nil }
                if pending.isEmpty { return count }
            }
        }()
        for id in ids { try requests.answer(id, Answer(text: "done")) }
        #expect(await unreadable == 0)
    }

    @Test(.timeLimit(.minutes(5))) func `the watch tells of a request`() async throws {
        let requests = try RequestFolder(in: state())
        let watch = try FolderWatch(requests.path)
        _ = try requests.leave(request(.poll))
        var changes = watch.changes.makeAsyncIterator()
        #expect(await changes.next() != nil)
    }

    @Test(.timeLimit(.minutes(5))) func `whoever asks gets the answer of whoever holds the lock`()
        async throws
    {
        let state = try state()
        let lock = try KernelLock(in: state, for: "run")
        let requests = try RequestFolder(in: state)
        async let outcome = RequestDesk(state).ask(request(.poll), waiting: .seconds(30))
        while requests.pending().isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        try requests.answer(requests.pending()[0].id, Answer(text: "done\n"))
        guard case .answered(let answer) = try await outcome else {
            Issue.record("not answered")
            return
        }
        #expect(answer.text == "done\n")
        withExtendedLifetime(lock) {}
    }

    @Test(.timeLimit(.minutes(5))) func `where nobody holds the lock nothing is left behind`() async throws {
        let state = try state()
        guard case .nobodyThere = try await RequestDesk(state).ask(request(.poll), waiting: .seconds(30))
        else {
            Issue.record("somebody was there")
            return
        }
        #expect(try RequestFolder(in: state).pending().isEmpty)
    }

    @Test(.timeLimit(.minutes(5))) func `a request is taken back when the daemon goes away`() async throws {
        let state = try state()
        var lock: KernelLock? = try KernelLock(in: state, for: "run")
        let requests = try RequestFolder(in: state)
        async let outcome = RequestDesk(state).ask(request(.poll), waiting: .seconds(30))
        while requests.pending().isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        withExtendedLifetime(lock) {}
        lock = nil
        guard case .nobodyThere = try await outcome else {
            Issue.record("somebody was there")
            return
        }
        #expect(requests.pending().isEmpty)
    }

    @Test(.timeLimit(.minutes(5))) func `a daemon that does not answer in time is a temporary failure`()
        async throws
    {
        let state = try state()
        let lock = try KernelLock(in: state, for: "run")
        await #expect(throws: ExitStatus.temporary) {
            _ = try await RequestDesk(state).ask(request(.poll), waiting: .milliseconds(150))
        }
        withExtendedLifetime(lock) {}
    }
}
