import CSV
import Testing

struct EncodingTests {
    static let text = "id,näme\r\n1,\"€ \u{1F600}\"\r\n\r\n2,x\u{10FFFF}\u{FFFD}\r\n"

    static func utf16(_ text: String, isBigEndian: Bool) -> [UInt8] {
        bytes([0xFEFF] + Array(text.utf16), isBigEndian: isBigEndian)
    }

    static func bytes(_ units: [UInt16], isBigEndian: Bool) -> [UInt8] {
        units.flatMap {
            isBigEndian
                ? [UInt8(truncatingIfNeeded: $0 >> 8), UInt8(truncatingIfNeeded: $0)]
                : [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)]
        }
    }

    @Test(arguments: [false, true], [1, 2, 3, 5, 7, 64, 4096])
    func `UTF-16 is decoded wherever chunks cut it`(isBigEndian: Bool, chunk: Int) {
        let bytes = Self.utf16(Self.text, isBigEndian: isBigEndian)
        let reading = Reading(bytes, bufferSize: chunk, chunk: chunk)
        #expect(reading.rows == Reading(Self.text).rows)
        #expect(reading.records.map(\.byteOffset) == [2, 20, 44])
        #expect(reading.records.map(\.number) == [1, 2, 4])
        #expect(reading.records.allSatisfy { $0.invalid == nil })
        #expect(reading.failure == nil)
    }

    @Test(
        arguments: [false, true],
        [
            ([0x61, 0xD800, 0x62], 0, 4), ([0x61, 0x2C, 0xDC00], 1, 6), ([0xD83D, 0xD83D, 0xDE00], 0, 2),
            ([0x1F6, 0x62, 0xD83D], 0, 6),
        ] as [([UInt16], Int64, Int64)]
    )
    func `a lone surrogate stays an error with its place`(
        isBigEndian: Bool,
        test: (units: [UInt16], field: Int64, offset: Int64)
    ) {
        let bytes = Self.bytes([0xFEFF] + test.units, isBigEndian: isBigEndian)
        for chunk in 1...8 {
            let reading = Reading(bytes, bufferSize: chunk, chunk: chunk)
            #expect(reading.records.map(\.invalid) == [[test.field, test.offset]])
        }
    }

    @Test func `half a unit at the end is an error`() {
        let reading = Reading(Self.utf16("a\nb", isBigEndian: false) + [0x63])
        #expect(reading.records.map(\.invalid) == [nil, [0, 8]])
    }

    @Test func `Windows-1252 is decoded when it is declared`() {
        let bytes: [UInt8] = [0x80, 0x2C, 0xE9, 0x0A, 0x9F, 0x2C, 0x41, 0x0A]
        let reading = Reading(bytes, encoding: .windows1252)
        #expect(reading.rows == [["€", "é"], ["Ÿ", "A"]])
        #expect(reading.records.map(\.byteOffset) == [0, 4])
        #expect(Reading(bytes).records.map(\.invalid) == [[0, 0], [0, 4]])
    }

    @Test(arguments: [0x81, 0x8D, 0x8F, 0x90, 0x9D] as [UInt8])
    func `a byte that Windows-1252 does not define is an error with its place`(byte: UInt8) {
        let reading = Reading([0x61, 0x0A, 0xE9, 0x2C, 0x80, byte], encoding: .windows1252)
        #expect(reading.records.map(\.invalid) == [nil, [1, 5]])
    }

    @Test func `a byte-order mark wins over the configured encoding`() {
        #expect(Reading(Array("\u{FEFF}é\n".utf8), encoding: .windows1252).rows == [["é"]])
        let utf16 = Self.utf16("é\n", isBigEndian: true)
        #expect(Reading(utf16, encoding: .windows1252).rows == [["é"]])
    }

    @Test(arguments: [[0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0], [0, 0, 0xFE, 0xFF, 0, 0, 0, 0x61]] as [[UInt8]])
    func `UTF-32 is refused`(bytes: [UInt8]) {
        #expect(Reading(bytes).failure == .badEncoding(byteOffset: 0, line: 1, encoding: "UTF-32"))
    }

    @Test(arguments: [(false, 1, "LE"), (true, 0, "BE")])
    func `UTF-16 without a byte-order mark is refused by name`(
        isBigEndian: Bool,
        offset: Int64,
        order: String
    ) {
        let bytes = Self.bytes(Array("id,name\n1,é\n".utf16), isBigEndian: isBigEndian)
        let name = "UTF-16\(order) without a byte-order mark"
        for chunk in [1, 3, 4096] {
            let failure = Reading(bytes, bufferSize: chunk, chunk: chunk).failure
            #expect(failure == .badEncoding(byteOffset: offset, line: 1, encoding: name))
        }
    }

    @Test func `a few NULs are the matter of their rows`() {
        let reading = Reading("id,name\n1,\u{0}\u{0}\n2,b\n")
        #expect(reading.failure == nil)
        #expect(reading.records.map { $0.flaws.contains(.nul) } == [false, true, false])
    }

    @Test(arguments: [
        ("PK\u{3}\u{4}\u{14}", "ZIP or XLSX"), ("%PDF-1.7\n", "PDF"), ("<!DOCTYPE html>", "HTML or XML"),
        ("\u{FEFF}<?xml version=\"1.0\"?>", "HTML or XML"), (" \r\n<html>", "HTML or XML"),
        ("{\"a\": 1}", "JSON"),
    ])
    func `another format is refused by name`(opening: String, format: String) {
        #expect(Reading(Array(opening.utf8), bufferSize: 1, chunk: 1).failure == .notCSV(format: format))
    }

    @Test func `gzip, old Excel and mark-up in UTF-16 are refused too`() {
        #expect(Reading([0x1F, 0x8B, 8, 0]).failure == .notCSV(format: "gzip"))
        #expect(Reading([0xD0, 0xCF, 0x11, 0xE0, 0xA1]).failure == .notCSV(format: "XLS"))
        #expect(Reading(Self.utf16("<a>", isBigEndian: false)).failure == .notCSV(format: "HTML or XML"))
    }
}
