import Foundation
import TestSupport
import Testing

/// The power fails at random points of a day: what was not synced is lost, wholly or in part.
@Suite(.timeLimit(Torture.limit))
struct PowerLossTests {
    /// A day and everything that was written in it, on our disk and on the server.
    private struct Recording {
        let day: EventfulDay
        let account: Account
        /// Before the day, on our disk.
        let morning: [String: (inode: UInt64, bytes: [UInt8])]
        let folders: Set<String>

        var state: String { day.drop.folder.path("state") }
    }

    /// Lives a day and writes everything down; from nothing at all, or from the morning that all days begin with.
    private func record(fromNothing: Bool) async throws -> Recording {
        let folder = try TemporaryFolder("account")
        let file = folder.path("log")
        var server = OpenSSHServer.Options()
        let library = try Faults.library()
        server.subsystem = [
            "/usr/bin/env", "LD_PRELOAD=\(library)", "FAULTS_ROOT={inbox}", "FAULTS_LOG=\(file)",
            "/usr/lib/openssh/sftp-server", "-d", "{inbox}",
        ].joined(separator: " ")
        let day = try await EventfulDay.prepare(server: server, fromNothing: fromNothing)
        try await day.rewind()
        let state = day.drop.folder.path("state")
        var (morning, folders): ([String: (inode: UInt64, bytes: [UInt8])], Set<String>) = (
            [:], [day.drop.folder.path]
        )
        try Self.walk(state) { path, status in
            if status.st_mode & S_IFMT == S_IFDIR {
                folders.insert(path)
            } else {
                morning[path] = (UInt64(status.st_ino), try TemporaryFolder.read(path))
            }
        }
        // From here on, and to here, an account is kept.
        try folder.write("", to: "log", mode: 0o666)
        let environment = ["LD_PRELOAD": library, "FAULTS_ROOT": day.drop.folder.path, "FAULTS_LOG": file]
        let run = try day.drop.launch("poll", environment: environment)
        let status = try await run.wait()
        #expect(status == 65, "\(day.drop.lastComplaint())")
        let account = try Account(try folder.read("log"))
        unlink(file)
        return Recording(day: day, account: account, morning: morning, folders: folders)
    }

    @Test(arguments: [true, false])
    func `whatever a power loss leaves, a day ends as if nothing had happened`(fromNothing: Bool) async throws
    {
        let recording = try await record(fromNothing: fromNothing)
        #expect(recording.account.entries.contains { $0.kind == .sync && $0.path == recording.state })
        let images = Torture.number("TORTURE_IMAGES", long: 500, short: 4)
        var random = SplitMix64(seed: Torture.seed)
        var violations = 0
        for number in 1...images {
            let point = Int.random(in: 0...recording.account.entries.count, using: &random)
            let image = CrashImage(
                recording.account,
                morning: recording.morning,
                folders: recording.folders,
                point: point,
                root: recording.day.drop.folder.path,
                random: &random
            )
            try await put(image, recording, point: point)
            let what = "seed \(Torture.seed), image \(number), power lost after \(point) calls"
            violations += try await recording.day.expectCalmEnd(what) ? 0 : 1
        }
        Torture.tell(
            """
            power lost at \(images) points of \(recording.account.entries.count) calls\
            \(fromNothing ? ", from nothing" : ""): \(violations) violations
            """
        )
    }

    @Test func `an order that trusts the disk is caught`() async throws {
        // The same account without a single sync: nothing that was committed need be there, though the server's files moved.
        let recording = try await record(fromNothing: false)
        let kept = recording.account.entries.filter { $0.kind != .sync }
        let unsafe = Account(entries: kept, raw: recording.account.raw)
        var random = SplitMix64(seed: Torture.seed)
        var caught = 0
        for _ in 1...4 where caught == 0 {
            let image = CrashImage(
                unsafe,
                morning: recording.morning,
                folders: recording.folders,
                point: kept.count,
                root: recording.day.drop.folder.path,
                random: &random
            )
            try await put(image, recording, point: recording.account.entries.count)
            caught += try await recording.day.endsCalmly() ? 0 : 1
        }
        #expect(caught > 0)
    }

    /// Makes disk and server as they were at the point.
    private func put(_ image: CrashImage, _ recording: Recording, point: Int) async throws {
        let day = recording.day
        try await day.rewind()
        try await runTool(["/bin/rm", "-rf", recording.state])
        for folder in image.folders.sorted() where folder.hasPrefix(recording.state) { mkdir(folder, 0o700) }
        let root = day.drop.folder.path + "/"
        for (path, bytes) in image.files where path.hasPrefix(recording.state) {
            try day.drop.folder.write(bytes, to: String(path.dropFirst(root.count)), mode: 0o600)
        }
        // The server kept its power, and so ends the rename that it was about to make of a link and an unlink.
        let entries = recording.account.entries
        var done = entries[..<point].filter { $0.path.hasPrefix(day.drop.server.root) }
        if let last = done.last, last.kind == .link,
            let next = entries[point...].first(where: { $0.kind == .unlink && $0.path == last.path })
        {
            done.append(next)
        }
        for entry in done {
            switch entry.kind {
            case .mkdir: mkdir(entry.path, 0o755)
            case .rename: rename(entry.path, entry.second)
            case .link: link(entry.path, entry.second)
            case .unlink: if unlink(entry.path) != 0 { rmdir(entry.path) }
            case .create: close(open(entry.path, O_WRONLY | O_CREAT, 0o644))
            case .write:
                let file = open(entry.path, O_WRONLY)
                recording.account.raw[entry.bytes].withUnsafeBytes { bytes in
                    _ = pwrite(file, bytes.baseAddress, bytes.count, off_t(entry.offset))
                }
                close(file)
            case .truncate: truncate(entry.path, off_t(entry.offset))
            case .sync, .open, .read: break
            }
        }
    }

    private static func walk(_ path: String, _ body: (String, stat) throws -> Void) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        try body(path, status)
        guard status.st_mode & S_IFMT == S_IFDIR else { return }
        for name in try FileManager.default.contentsOfDirectory(atPath: path).sorted() {
            try walk("\(path)/\(name)", body)
        }
    }
}
