import CSV
import Testing

struct PositionTests {
    @Test func `numbers count as a spreadsheet does, lines as an editor does`() {
        let reading = Reading("title\n\na,b\r\n\"1\r\n2\n\",3\n\n4,5\n")
        #expect(reading.records.map(\.number) == [1, 3, 4, 6])
        #expect(reading.records.map(\.line) == [1, 3, 4, 8])
        #expect(reading.records.map(\.byteOffset) == [0, 7, 12, 23])
        #expect(reading.blankRecords == 2)
    }

    @Test func `lines of a file with CR ends are its CRs`() {
        let reading = Reading("\"a\r\n\",b\r\rc\rd")
        #expect(reading.records.map(\.number) == [1, 3, 4])
        #expect(reading.records.map(\.line) == [1, 4, 5])
    }

    @Test func `a byte-order mark counts in the offset`() {
        #expect(Reading("\u{FEFF}a\nb\n").records.map(\.byteOffset) == [3, 5])
    }

    @Test(arguments: [
        ("a,b\n12,3\u{0}\u{0}\n", 1, 8),
        ("a,b\n12,3\r4\n", 1, 8),
        ("a,b\n12,\"3\"4\u{0}\n", 1, 10),
        ("a,b\n\u{0}12,\"3\"4\n", 0, 4),
        ("a,b\n\"1\n\u{0}\",2\n", 0, 7),
    ])
    func `the first flaw is told with its place`(input: String, field: Int64, offset: Int64) {
        #expect(Reading(input).records.last?.firstFlaw == [field, offset])
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0xAF], [0xC1, 0xBF], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80],
            [0xF4, 0x90, 0x80, 0x80],
            [0xF8], [0xFF], [0xFE], [0xE2, 0x82], [0xF0, 0x9F, 0x98], [0xC3],
        ] as [[UInt8]]
    )
    func `bytes that are not UTF-8 are found where they are`(bytes: [UInt8]) {
        let reading = Reading(Array("é,b\nüx,y".utf8) + bytes + Array("z\nü\n".utf8))
        #expect(reading.records.map(\.invalid) == [nil, [1, 10], nil])
    }

    @Test func `high bytes are seen in their own record only`() {
        let reading = Reading(
            "a\né\nb\n\(String(repeating: "x", count: 100))é\n\(String(repeating: "y", count: 100))\n"
        )
        #expect(reading.records.map { $0.flaws.contains(.highBytes) } == [false, true, false, true, false])
    }
}
