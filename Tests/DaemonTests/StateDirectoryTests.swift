import Daemon
import Foundation
import Testing

struct StateDirectoryTests {
    private let folder = TemporaryFolder()

    private func mode(_ path: String) -> mode_t {
        var status = stat()
        return stat(path, &status) == 0 ? status.st_mode & 0o7777 : 0
    }

    @Test func `it is made on demand with its modes`() throws {
        let directory = try StateDirectory(path: folder.path + "/a/b/acme")
        try directory.folder("requests")
        try directory.folder("requests")
        #expect(mode(directory.path) == 0o750)
        #expect(mode(directory.path(of: "requests")) == 0o700)
    }

    @Test func `a link in it is never followed`() throws {
        let directory = try StateDirectory(path: folder.path + "/acme")
        let outside = try folder.file("outside", "untouched", mode: 0o600)
        symlink(outside, directory.path(of: "lock"))
        symlink(folder.path, directory.path(of: "spool"))
        #expect(throws: StateDirectoryFailure.self) { try KernelLock(in: directory, for: "run") }
        #expect(throws: StateDirectoryFailure.self) { try directory.folder("spool") }
        #expect(try folder.text("outside") == "untouched")
    }

    @Test func `a second holder is refused and told who the first is, until it lets go`() throws {
        let directory = try StateDirectory(path: folder.path + "/acme")
        var lock: KernelLock? = try KernelLock(in: directory, for: "run")
        let refused = #expect(throws: LockRefused.self) { try KernelLock(in: directory, for: "poll") }
        #expect(refused?.holder.hasPrefix("process \(getpid()) (run) on ") == true)
        #expect(KernelLock.holder(in: directory.path) == refused?.holder)
        #expect(mode(directory.path(of: "lock")) == 0o600)
        withExtendedLifetime(lock) {}
        lock = nil
        #expect(KernelLock.holder(in: directory.path) == nil)
        #expect(throws: Never.self) { try KernelLock(in: directory, for: "poll") }
    }

    @Test(.timeLimit(.minutes(5)))
    func `whoever is refused closes its own file, and none that another has opened meanwhile`() async throws {
        let directory = try StateDirectory(path: folder.path + "/acme")
        let lock = try KernelLock(in: directory, for: "run")
        async let refusals = {
            var count = 0
            while count < 5000, (try? KernelLock(in: directory, for: "poll")) == nil { count += 1 }
            return count
        }()
        var lost = 0
        for _ in 0..<50_000 {
            let other = open("/dev/null", O_RDONLY | O_CLOEXEC)
            sched_yield()
            if close(other) != 0 { lost += 1 }
        }
        #expect(await refusals == 5000)
        #expect(lost == 0)
        withExtendedLifetime(lock) {}
    }

    @Test func `a folder that cannot be made says why`() throws {
        let file = try folder.file("file", "", mode: 0o600)
        let failure = #expect(throws: StateDirectoryFailure.self) { try StateDirectory(path: file + "/acme") }
        #expect(failure?.code == ENOTDIR)
    }
}
