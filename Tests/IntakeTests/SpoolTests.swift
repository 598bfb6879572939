import Intake
import TestSupport
import Testing

struct SpoolTests {
    private static func write(_ text: String, at offset: Int64, to sink: some ByteSink) throws {
        let bytes = Array(text.utf8)
        try sink.write(bytes.span.bytes, at: offset)
    }

    @Test func `a copy lies under the hash of its bytes, in whatever order they came`() throws {
        let folder = try TemporaryFolder("spool")
        let spool = try Spool(folder: folder.path("spool"))
        let straight = try spool.makeCopy(size: 6, reserve: 0)
        try Self.write("abcdef", at: 0, to: straight)
        let first = try spool.keep(straight)
        let shuffled = try spool.makeCopy(size: 6, reserve: 0)
        try Self.write("ef", at: 4, to: shuffled)
        try Self.write("ab", at: 0, to: shuffled)
        try Self.write("cd", at: 2, to: shuffled)
        let second = try spool.keep(shuffled)
        try spool.makeDurable()
        #expect(first.sha256 == "bef57ec7f53a6d40beb640a780a639c83bc29ac8a9816f1fc6c5c6dcd93c4721")
        #expect(second == first)
        #expect(try spool.copies() == [first.sha256])
        #expect(try TemporaryFolder.read(spool.path(of: first.sha256)) == Array("abcdef".utf8))
        #expect(spool.holds(first.sha256))
    }

    @Test func `a file of no bytes is kept as well`() throws {
        let folder = try TemporaryFolder("spool")
        let spool = try Spool(folder: folder.path("spool"))
        let kept = try spool.keep(try spool.makeCopy(size: 0, reserve: 0))
        #expect(kept.sha256 == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
        #expect(kept.size == 0)
    }

    @Test func `a copy with a hole is not kept and leaves nothing`() throws {
        let folder = try TemporaryFolder("spool")
        let spool = try Spool(folder: folder.path("spool"))
        do {
            let copy = try spool.makeCopy(size: 4, reserve: 0)
            try Self.write("cd", at: 2, to: copy)
            #expect(throws: SpoolFailure.incomplete) { try spool.keep(copy) }
        }
        #expect(try folder.names(in: "spool") == [])
    }

    @Test func `a file that would not leave the reserve is refused`() throws {
        let folder = try TemporaryFolder("spool")
        let spool = try Spool(folder: folder.path("spool"))
        #expect(throws: SpoolFailure.full) { try spool.makeCopy(size: 1, reserve: .max) }
    }

    @Test func `leftovers of a kill go, copies stay`() throws {
        let folder = try TemporaryFolder("spool")
        let spool = try Spool(folder: folder.path("spool"))
        let kept = try spool.keep(try spool.makeCopy(size: 0, reserve: 0))
        try folder.write("half", to: "spool/.part-abcdef")
        try spool.removeLeftovers()
        #expect(try folder.names(in: "spool") == [kept.sha256])
        try spool.remove(kept.sha256)
        try spool.remove(kept.sha256)
        #expect(try spool.copies() == [])
    }

    @Test func `the second of two reads gives the same hash`() throws {
        let sink = try HashSink()
        try Self.write("def", at: 3, to: sink)
        try Self.write("abc", at: 0, to: sink)
        #expect(sink.sha256() == "bef57ec7f53a6d40beb640a780a639c83bc29ac8a9816f1fc6c5c6dcd93c4721")
        #expect(sink.sha256() == nil)
    }
}
