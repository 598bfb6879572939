import Glibc
import Intake
import TestSupport
import Testing

/// What every inbox must do, run against every kind of inbox.
@Suite(.timeLimit(.minutes(5)))
struct InboxConformance {
    @Test(arguments: InboxBench.Kind.available)
    func `a listing shows everything as it is, and leaves out folders that are not there`(
        kind: InboxBench.Kind
    ) async throws {
        let bench = try await InboxBench.make(kind)
        try bench.folder("in/sub")
        try bench.folder("empty")
        try bench.write("12345", "in/a.csv")
        try bench.touch("in/a.csv", 1_500_000_000)
        try bench.write("", "in/.hidden")
        try bench.write("", "plain")
        symlink("/etc/passwd", "\(bench.root)/in/link")
        mkfifo("\(bench.root)/in/pipe", 0o600)
        let asked = ["in", "empty", "missing", "missing/deep", "plain", "in/a.csv"].map(path)
        let found = try await bench.inbox.list(asked + asked)
        #expect(Set(found.keys) == [path("in"), path("empty")])
        #expect(found[path("empty")] == [])
        let entries = Dictionary(uniqueKeysWithValues: (found[path("in")] ?? []).map { ($0.name.text, $0) })
        #expect(
            entries.mapValues(\.kind) == [
                "a.csv": .file, ".hidden": .file, "sub": .directory, "link": .link, "pipe": .other,
            ]
        )
        #expect(entries["a.csv"]?.size == 5)
        #expect(entries["a.csv"]?.modified == 1_500_000_000)
        #expect(entries["a.csv"]?.directory == path("in"))
        #expect(entries["a.csv"]?.isRepeated == false)
        #expect(try await bench.inbox.list([]) == [:])
        #expect(try await bench.inbox.list([.root])[.root]?.count == 3)
    }

    @Test(arguments: InboxBench.Kind.available)
    func `names of any bytes are listed, fetched, moved and removed`(kind: InboxBench.Kind) async throws {
        let bench = try await InboxBench.make(kind)
        try bench.folder("in")
        let names: [[UInt8]] =
            [
                "with space.csv", "quote\"'.csv", "new\nline.csv", "esc\u{1B}[2J.csv", "*?[x].csv", "-rf",
                "back\\slash",
                "$(cmd)`x`.csv", "';DROP TABLE", "<script>", "\u{202E}gnp.csv", "e\u{301}.csv", "\u{E9}.csv",
                "A.csv",
                "a.csv", "C:\\x.csv", "CON",
            ].map { Array($0.utf8) } + [[0x62, 0xFF, 0xFE], [UInt8](repeating: 0x6E, count: 255)]
        for (number, name) in names.enumerated() {
            try bench.write(Array("\(number)".utf8), Array("in/".utf8) + name)
        }
        let entries = try await bench.inbox.list([path("in")])[path("in")] ?? []
        #expect(Set(entries.map(\.name)) == Set(names.map { RemoteName($0) }))
        let fetched = await Fetched.from(bench.inbox, entries)
        for (entry, result) in fetched.results {
            let number = try #require(names.firstIndex(of: entry.name.bytes))
            #expect(try result.get() == Array("\(number)".utf8))
        }
        for (number, entry) in entries.enumerated() {
            if number.isMultiple(of: 2) {
                let done = try #require(path("out").appending(entry.name))
                try await bench.inbox.move(entry, to: done)
            } else {
                try await bench.inbox.remove(entry)
            }
        }
        #expect(try bench.names("in") == [])
        #expect(try bench.names("out").count == (names.count + 1) / 2)
    }

    @Test(arguments: InboxBench.Kind.available)
    func `an inbox that is not there is unreachable, not empty`(kind: InboxBench.Kind) async throws {
        let bench = try await InboxBench.make(kind)
        let missing: any Inbox
        switch kind {
        case .folder: missing = FolderInbox(path: "\(bench.root)/nowhere")
        case .openSSH: missing = try #require(bench.openSSH).inbox(root: "\(bench.root)/nowhere")
        // Its root is a jail, which cannot be missing.
        case .asyncSSH, .proFTPD: return
        }
        guard
            case .unreachable = await failure({ () throws(InboxFailure) in
                _ = try await missing.list([path("in")])
            })
        else { throw SystemError(message: "a missing inbox is empty") }
    }

    @Test(arguments: InboxBench.Kind.available)
    func `hundreds of files arrive whole, and each is reported once`(kind: InboxBench.Kind) async throws {
        let bench = try await InboxBench.make(kind)
        try bench.folder("in")
        let count = kind == .asyncSSH ? 40 : 300
        for number in 0..<count {
            try bench.write(
                [UInt8](repeating: UInt8(number & 255), count: number * 37),
                Array("in/\(number)".utf8)
            )
        }
        let entries = try await bench.inbox.list([path("in")])[path("in")] ?? []
        let fetched = await Fetched.from(bench.inbox, entries)
        #expect(fetched.failure == nil)
        #expect(fetched.results.count == count)
        #expect(Set(fetched.results.map(\.entry)) == Set(entries))
        for (entry, result) in fetched.results {
            let number = try #require(Int(entry.name.text))
            #expect(try result.get() == [UInt8](repeating: UInt8(number & 255), count: number * 37))
        }
        #expect(await Fetched.from(bench.inbox, []).failure == nil)
    }

    @Test(arguments: InboxBench.Kind.available)
    func `one file's failure does not stop the others`(kind: InboxBench.Kind) async throws {
        let bench = try await InboxBench.make(kind)
        try bench.folder("in/folder")
        for name in ["good", "grown", "shrunk", "touched", "gone", "replaced", "long"] {
            try bench.write("0123456789", "in/\(name)")
            try bench.touch("in/\(name)", 1_600_000_000)
        }
        try bench.write(String(repeating: "x", count: 5000), "in/long")
        var entries = try await bench.inbox.list([path("in")])[path("in")] ?? []
        try bench.write("0123456789+", "in/grown")
        try bench.write("0123", "in/shrunk")
        try bench.touch("in/grown", 1_600_000_000)
        try bench.touch("in/shrunk", 1_600_000_000)
        try bench.touch("in/touched", 1_600_000_001)
        unlink("\(bench.root)/in/gone")
        unlink("\(bench.root)/in/replaced")
        // Nobody writes to it: reading it would never end.
        mkfifo("\(bench.root)/in/replaced", 0o600)
        entries.removeAll { $0.kind != .file }
        if kind != .folder { entries.removeAll { $0.name == "replaced" } }
        let fetched = await Fetched.from(bench.inbox, entries, limit: 1000)
        #expect(fetched.failure == nil)
        #expect(fetched.results.count == entries.count)
        #expect(fetched.result("good") == .success(Array("0123456789".utf8)))
        for name in ["grown", "shrunk", "touched"] { #expect(fetched.result(name) == .failure(.changed)) }
        #expect(fetched.result("gone") == .failure(.gone))
        if kind == .folder { #expect(fetched.result("replaced") == .failure(.changed)) }
        guard case .failure(.sinkFailed) = fetched.result("long") else {
            throw SystemError(message: "\(fetched.result("long") as Any)")
        }
    }

    @Test(arguments: InboxBench.Kind.available)
    func `a file moves to a folder that is made for it, and again is no harm`(kind: InboxBench.Kind)
        async throws
    {
        let bench = try await InboxBench.make(kind)
        let entry = try await bench.file("in", "a.csv", "one")
        for _ in 0..<2 { try await bench.inbox.move(entry, to: path("deep/processed/a.csv")) }
        #expect(try bench.names("in") == [])
        #expect(bench.text("deep/processed/a.csv") == "one")
        // The sender drops another of the same name: it is not ours to move.
        try bench.write("second", "in/a.csv")
        try await bench.inbox.move(entry, to: path("deep/processed/a.csv"))
        #expect(bench.text("in/a.csv") == "second")
        #expect(bench.text("deep/processed/a.csv") == "one")
    }

    @Test(arguments: InboxBench.Kind.available)
    func `a move never overwrites, and leaves a file that is another`(kind: InboxBench.Kind) async throws {
        let bench = try await InboxBench.make(kind)
        let entry = try await bench.file("in", "a.csv", "one")
        try bench.folder("done")
        try bench.write("other", "done/a.csv")
        #expect(
            await failure { () throws(InboxFailure) in
                try await bench.inbox.move(entry, to: path("done/a.csv"))
            } == .targetTaken
        )
        #expect(bench.text("in/a.csv") == "one")
        #expect(bench.text("done/a.csv") == "other")
        // As large and as old as ours, but ours is still where it was.
        try bench.write("two", "done/b.csv")
        try bench.touch("done/b.csv", Int(entry.modified ?? 0))
        #expect(
            await failure { () throws(InboxFailure) in
                try await bench.inbox.move(entry, to: path("done/b.csv"))
            } == .targetTaken
        )
        try bench.write("longer", "in/a.csv")
        #expect(
            await failure { () throws(InboxFailure) in
                try await bench.inbox.move(entry, to: path("done/c.csv"))
            } == .changed
        )
        #expect(bench.text("in/a.csv") == "longer")
        unlink("\(bench.root)/in/a.csv")
        #expect(
            await failure { () throws(InboxFailure) in
                try await bench.inbox.move(entry, to: path("done/c.csv"))
            } == .gone
        )
        #expect(try bench.names("done") == ["a.csv", "b.csv"])
    }

    @Test(arguments: InboxBench.Kind.available)
    func `a removal is done once and can be asked for twice`(kind: InboxBench.Kind) async throws {
        let bench = try await InboxBench.make(kind)
        let entry = try await bench.file("in", "a.csv", "one")
        for _ in 0..<2 { try await bench.inbox.remove(entry) }
        #expect(try bench.names("in") == [])
        try bench.write("another", "in/a.csv")
        #expect(await failure { () throws(InboxFailure) in try await bench.inbox.remove(entry) } == .changed)
        #expect(bench.text("in/a.csv") == "another")
        #expect(try bench.names("in") == ["a.csv"])
    }

    @Test(arguments: InboxBench.Kind.available)
    func `an upload arrives whole, can be repeated and never overwrites`(kind: InboxBench.Kind) async throws {
        let bench = try await InboxBench.make(kind)
        let report = String(repeating: "line\n", count: 20_000)
        let local = try TemporaryFolder("report")
        try local.write(report, to: "report.csv")
        for contents in [UploadContents.bytes(Array(report.utf8)), .file(path: local.path("report.csv"))] {
            try await bench.inbox.upload(contents, to: path("in/failed/a.csv.errors.csv"))
        }
        #expect(bench.text("in/failed/a.csv.errors.csv") == report)
        for other in ["other", report.uppercased()] {
            let contents = UploadContents.bytes(Array(other.utf8))
            #expect(
                await failure { () throws(InboxFailure) in
                    try await bench.inbox.upload(contents, to: path("in/failed/a.csv.errors.csv"))
                } == .targetTaken
            )
        }
        #expect(bench.text("in/failed/a.csv.errors.csv") == report)
        try await bench.inbox.upload(.bytes([]), to: path("empty.csv"))
        #expect(bench.text("empty.csv") == "")
        #expect(try bench.names("in/failed") == ["a.csv.errors.csv"])
        guard
            case .sinkFailed = await failure({ () throws(InboxFailure) in
                try await bench.inbox.upload(.file(path: local.path("none")), to: path("x"))
            })
        else { throw SystemError(message: "a report that is not there is sent") }
    }

    @Test(arguments: InboxBench.Kind.available)
    func `folders are made once, and a look follows no link`(kind: InboxBench.Kind) async throws {
        let bench = try await InboxBench.make(kind)
        for _ in 0..<2 { try await bench.inbox.makeDirectory(path("a/b/c")) }
        try await bench.inbox.makeDirectory(.root)
        #expect(try bench.names("a/b") == ["c"])
        try bench.write("x", "a/file")
        #expect(
            await failure { () throws(InboxFailure) in try await bench.inbox.makeDirectory(path("a/file")) }
                != nil
        )
        symlink("/etc/passwd", "\(bench.root)/a/link")
        // ProFTPD follows links when it is asked about one; its listings do not.
        if kind != .proFTPD { #expect(try await bench.inbox.look(at: path("a/link"))?.kind == .link) }
        #expect(try await bench.inbox.look(at: path("a/file"))?.size == 1)
        #expect(try await bench.inbox.look(at: path("a/none")) == nil)
        #expect(try await bench.inbox.look(at: path("none/none")) == nil)
        await bench.inbox.close()
        #expect(try await bench.inbox.look(at: path("a"))?.kind == .directory)
    }

    @Test(arguments: InboxBench.Kind.available)
    func `a cancelled fetch reports every file and ends`(kind: InboxBench.Kind) async throws {
        let bench = try await InboxBench.make(kind)
        try bench.folder("in")
        for number in 0..<200 { try bench.write("\(number)", "in/\(number)") }
        let entries = try await bench.inbox.list([path("in")])[path("in")] ?? []
        // Cancelled before its first file, not at a moment that a fast folder would have passed already.
        let fetch = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await Fetched.from(bench.inbox, entries)
        }
        let fetched = await fetch.value
        #expect(fetched.results.count == 200)
        #expect(Set(fetched.results.map(\.entry)).count == 200)
        #expect(fetched.failure == .cancelled)
    }
}
