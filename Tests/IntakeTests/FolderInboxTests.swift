import Glibc
import Intake
import TestSupport
import Testing

struct FolderInboxTests {
    @Test func `a folder that is a link leads nowhere`() async throws {
        let bench = try await InboxBench.make(.folder)
        let outside = try TemporaryFolder("outside")
        try outside.write("secret", to: "a.csv")
        symlink(outside.path, "\(bench.root)/in")
        #expect(try await bench.inbox.list([path("in")]) == [:])
        #expect(try await bench.inbox.look(at: path("in/a.csv")) == nil)
        let entry = InboxEntry(directory: path("in"), name: "a.csv", size: 6, modified: nil)
        #expect(await Fetched.from(bench.inbox, [entry]).result("a.csv") == .failure(.gone))
        #expect(
            await failure { () throws(InboxFailure) in
                try await bench.inbox.upload(.bytes([1]), to: path("in/b.csv"))
            } != nil
        )
        #expect(try outside.names() == ["a.csv"])
    }

    @Test func `a file that became a link is not read`() async throws {
        let bench = try await InboxBench.make(.folder)
        let entry = try await bench.file("in", "a.csv", "one")
        unlink("\(bench.root)/in/a.csv")
        symlink("/etc/passwd", "\(bench.root)/in/a.csv")
        #expect(await Fetched.from(bench.inbox, [entry]).result("a.csv") == .failure(.gone))
        #expect(
            await failure { () throws(InboxFailure) in
                try await bench.inbox.move(entry, to: path("out/a.csv"))
            } == .changed
        )
        #expect(await failure { () throws(InboxFailure) in try await bench.inbox.remove(entry) } == .changed)
    }
}
