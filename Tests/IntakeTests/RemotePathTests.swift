import Intake
import Testing

struct RemotePathTests {
    @Test(arguments: ["", ".", "..", "a/b", "/", "a\0b", String(repeating: "n", count: 256)])
    func `what cannot be one name is hostile and joins no path`(name: String) {
        #expect(RemoteName(name).isHostile)
        #expect(RemotePath.root.appending(RemoteName(name)) == nil)
    }

    @Test(arguments: ["...", ".a", "a b", "-", "\n", "\u{1B}", "a\\b", String(repeating: "n", count: 255)])
    func `what is only ugly is a name`(name: String) {
        #expect(!RemoteName(name).isHostile)
        #expect(RemotePath.root.appending(RemoteName(name))?.name == RemoteName(name))
    }

    @Test func `a path is its names, and the root has none`() throws {
        let path = try #require(RemotePath("/open_invoices/pending/"))
        #expect(path.names == ["open_invoices", "pending"])
        #expect(path.parent == RemotePath("open_invoices"))
        #expect(path.text == "open_invoices/pending")
        #expect(RemotePath("") == .root && RemotePath("/") == .root)
        #expect(RemotePath.root.parent == .root && RemotePath.root.bytes.isEmpty)
        for bad in ["a//b", "a/../b", "./a", "a/./"] { #expect(RemotePath(bad) == nil, "\(bad)") }
    }

    @Test func `names are compared as bytes`() {
        #expect(RemoteName("\u{E9}") != RemoteName("e\u{301}"))
        #expect(RemoteName("A") != RemoteName("a"))
        #expect(RemoteName([0x61]) < RemoteName([0x62]))
    }

    @Test(arguments: [
        ("plain é", "plain é"), ("a\nb\r\tc", "a\\nb\\r\\tc"), ("\u{1B}[2J", "\\x1B[2J"),
        ("back\\slash", "back\\\\slash"),
        ("\u{202E}x", "\\xE2\\x80\\xAEx"), ("\u{0}", "\\x00"), ("\u{85}", "\\xC2\\x85"),
    ]) func `bytes are shown on one line and can be had back`(given: String, shown: String) {
        #expect(EscapedBytes.text(Array(given.utf8)) == shown)
        #expect(EscapedBytes.bytes(shown) == Array(given.utf8))
    }

    @Test func `every sequence of bytes can be had back`() {
        #expect(EscapedBytes.text([0xE9, 0x41, 0xFF]) == "\\xE9A\\xFF")
        for first in UInt8.min...UInt8.max {
            for second: UInt8 in [0x00, 0x41, 0x5C, 0x6E, 0x78, 0x80, 0xBF, 0xFF] {
                let bytes = [first, second, 0x39, 0x39]
                #expect(EscapedBytes.bytes(EscapedBytes.text(bytes)) == bytes)
            }
        }
    }
}
