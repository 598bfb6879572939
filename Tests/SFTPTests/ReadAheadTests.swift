import Testing

@testable import SFTP

struct ReadAheadTests {
    @Test(arguments: [
        (0.1, 2 << 20), (4, 2 << 20), (10, 4_000_000), (40, 16_000_000), (45, 16 << 20), (1e12, 16 << 20),
    ])
    func `as much is asked for ahead as the line holds in a round trip`(milliseconds: Double, bytes: Int) {
        var ahead = ReadAhead()
        ahead.answered(after: .seconds(milliseconds / 1000))
        #expect(ahead.bytes(upTo: 16 << 20) == bytes)
    }

    @Test func `the shortest wait counts, since the others waited for bytes before theirs`() {
        var ahead = ReadAhead()
        #expect(ahead.bytes(upTo: 16 << 20) == 2 << 20)
        for milliseconds in [400, 20, 90] { ahead.answered(after: .milliseconds(milliseconds)) }
        #expect(ahead.bytes(upTo: 16 << 20) == 8_000_000)
    }

    @Test func `no more is asked for than the connection's window`() {
        #expect(ReadAhead().bytes(upTo: 1 << 20) == 1 << 20)
    }
}
