import Glibc
import TestSupport
import Testing

/// A disk of a few hundred kilobytes or a few inodes, and one that becomes read-only; only where we may mount.
@Suite(.timeLimit(Torture.limit), .serialized, .enabled(if: Torture.canMount, "needs the right to mount"))
struct SmallDiskTests {
    /// Puts the state directory of the morning on a small disk for as long as `body` runs.
    private func onDisk(_ day: EventfulDay, _ options: String, _ body: (String) async throws -> Void)
        async throws
    {
        try await day.rewind()
        let state = day.drop.folder.path("state")
        let morning = day.drop.folder.path("morning-state")
        try await runTool(["/bin/sh", "-c", "rm -rf '\(state)'/*"])
        guard mount("tmpfs", state, "tmpfs", 0, options) == 0 else { throw SystemError("mount") }
        do {
            // Root would make files that look like another user's.
            try await runTool(["/bin/cp", "-a", "\(morning)/.", state])
            try await body(state)
        } catch {
            umount2(state, CInt(MNT_DETACH))
            throw error
        }
        umount2(state, CInt(MNT_DETACH))
    }

    private func remount(_ state: String, _ flags: Int, _ options: String) throws {
        guard mount("tmpfs", state, "tmpfs", UInt(MS_REMOUNT | flags), options) == 0 else {
            throw SystemError("remount")
        }
    }

    /// The kilobytes that the morning takes on a disk of its own.
    private func morning(_ day: EventfulDay) async throws -> Int {
        let used = try await runTool(["/usr/bin/du", "-sk", day.drop.folder.path("morning-state")])
        return Int(used.prefix { $0.isNumber }) ?? 0
    }

    @Test func `a full disk defers files, and with room again the day ends as ever`() async throws {
        let day = try #require(try await Torture.days(1).first)
        let used = try await morning(day)
        let step = Torture.number("TORTURE_DISK_STEP", long: 8, short: 120)
        var failures = 0
        for room in stride(from: 4, through: 600, by: step) {
            try await onDisk(day, "size=\(used + room)k") { state in
                let result = try await day.drop.run("poll")
                #expect(
                    [0, 65, 73, 74, 75].contains(result.status),
                    "room \(room): \(result.status) \(result.errors)"
                )
                #expect(result.status <= 65 || !result.errors.isEmpty, "room \(room): without a word")
                failures += result.status > 65 ? 1 : 0
                try remount(state, 0, "size=64m")
                try await day.expectCalmEnd("room \(room) kB", sameMails: false)
            }
        }
        Torture.tell("full disk: every \(step) kB up to 600 kB, \(failures) runs ended early, all mended")
        #expect(failures > 0)
    }

    @Test func `without inodes files wait, and with some again the day ends as ever`() async throws {
        let day = try #require(try await Torture.days(1).first)
        let entries = try await runTool(["/usr/bin/find", day.drop.folder.path("morning-state")])
        let used = entries.split(separator: "\n").count
        for room in stride(from: 0, through: Torture.isLong ? 24 : 6, by: Torture.isLong ? 1 : 3) {
            try await onDisk(day, "size=64m,nr_inodes=\(used + room)") { state in
                let result = try await day.drop.run("poll")
                #expect(
                    [0, 65, 73, 74, 75].contains(result.status),
                    "inodes \(room): \(result.status) \(result.errors)"
                )
                try remount(state, 0, "size=64m,nr_inodes=10000")
                try await day.expectCalmEnd("\(room) inodes", sameMails: false)
            }
        }
    }

    @Test func `on a disk that became read-only nothing happens but a clear word`() async throws {
        let day = try #require(try await Torture.days(1).first)
        try await onDisk(day, "size=64m") { state in
            try remount(state, MS_RDONLY, "size=64m")
            let result = try await day.drop.run("poll")
            #expect(result.status == 74, "\(result.status) \(result.errors)")
            #expect(result.errors.contains("Read-only file system"), "\(result.errors)")
            try remount(state, 0, "size=64m")
            try await day.expectCalmEnd("writable again")
        }
    }
}
