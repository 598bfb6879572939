import CMask
import CSV
import TestSupport
import Testing

/// The outcome is that of the rules alone, not of chunks, buffers or the machine.
struct IndependenceTests {
    @Test(arguments: DialectTests.cases)
    func `a file cut at any byte reads the same`(_ test: DialectTests.Case) {
        let bytes = Array(test.input.utf8)
        let whole = Reading(test.input, delimiter: test.delimiter)
        for cut in 1...max(bytes.count, 1) {
            #expect(Reading(bytes, delimiter: test.delimiter, bufferSize: cut, chunk: cut) == whole)
        }
        // Behind a long record the same bytes fall on every place of a block.
        for length in 1...66 {
            let padded = Array(repeating: UInt8(ascii: "x"), count: length) + [0x2C, 0x79, 0x0A] + bytes
            let expected = NaiveParser.parse(padded, delimiter: test.delimiter.asciiValue ?? 0)
            for size in length.isMultiple(of: 3) ? [1, 63, 64, 65, 4096] : [1] {
                #expect(Reading(padded, delimiter: test.delimiter, bufferSize: size) == expected)
            }
        }
    }

    @Test(arguments: DialectTests.cases)
    func `behind the opening, which is read at once, portions do not show either`(_ test: DialectTests.Case) {
        let bytes = Array(test.input.utf8)
        // The first bytes of such a file lie before, on and behind the end of the opening.
        for length in stride(from: 4096 - bytes.count - 2, through: 4096 + 66, by: 8) {
            let padded = Array(repeating: UInt8(ascii: "x"), count: length) + [0x2C, 0x79, 0x0A] + bytes
            let expected = NaiveParser.parse(padded, delimiter: test.delimiter.asciiValue ?? 0)
            for size in [1, 64] {
                #expect(Reading(padded, delimiter: test.delimiter, bufferSize: size, chunk: size) == expected)
            }
        }
    }

    @Test func `all ways to scan a block agree`() {
        var random = SplitMix64(seed: 1)
        let alphabet: [UInt8] = [0x2C, 0x22, 0x0A, 0x0D, 0, 0x80, 0x3B, 0x61, 0xFF, 0x01, 0x23, 0x0B]
        var differences = 0
        for round in 0..<20_000 {
            let delimiter: UInt8 = round.isMultiple(of: 3) ? 0x3B : round.isMultiple(of: 2) ? 0x2C : 0x09
            let block = (0..<64).map { _ in
                round.isMultiple(of: 5)
                    ? UInt8.random(in: 0...255, using: &random)
                    : alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
            var delimiters: UInt64 = 0
            var special: UInt64 = 0
            var high: UInt64 = 0
            for (bit, byte) in block.enumerated() {
                delimiters |= byte == delimiter ? 1 << bit : 0
                special |= [0x22, 0x0A, 0x0D, 0].contains(byte) ? 1 << bit : 0
                high |= byte >= 0x80 ? 1 << bit : 0
            }
            block.withUnsafeBytes { bytes in
                for found in [
                    cmask_scan(bytes.baseAddress, delimiter), cmask_scan_words(bytes.baseAddress, delimiter),
                ] where (found.delimiter, found.special, found.high) != (delimiters, special, high) {
                    differences += 1
                }
            }
        }
        #expect(differences == 0)
    }

    @Test(.timeLimit(.minutes(5)), arguments: 0..<8)
    func `random bytes are read as a plain parser reads them`(seed: Int) {
        var random = SplitMix64(seed: UInt64(seed) &* 7919)
        let alphabets: [[UInt8]] = [
            Array(",\"\n\r\u{0}a ".utf8) + [0x80],
            Array(",,,,\"\n\r\naaaaa  \t".utf8) + [0xC3, 0xA9],
            Array("\"\"\"\"a,\n\r".utf8),
            Array("\"a,\n\r\r\u{1A}".utf8),
        ]
        var compared = 0
        for round in 0..<3000 {
            let alphabet = alphabets[round % alphabets.count]
            let length = Int.random(in: 0...(round.isMultiple(of: 10) ? 400 : 24), using: &random)
            let bytes = (0..<length).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] }
            let size = [1, 5, 63, 64, 65, 4096][Int.random(in: 0..<6, using: &random)]
            let reading = Reading(bytes, bufferSize: size)
            if case .badEncoding = reading.failure {
                continue
            }
            compared += 1
            let expected = NaiveParser.parse(bytes, delimiter: 0x2C)
            if reading != expected {
                Issue.record("\(bytes)\n\(reading)\n\(expected)")
                return
            }
        }
        #expect(compared > 2500)
    }
}
