import Foundation
import Testing

@testable import Ingestion

/// A text in JSON is the same by both ways of writing it, and is read back as it was.
struct JSONTextTests {
    private static func plain(_ text: [UInt8]) -> [UInt8] {
        var json: [UInt8] = []
        text.withUnsafeBytes { JSONText.append($0, to: &json) }
        return json
    }

    /// With something behind the text that must not get in.
    private static func padded(_ text: [UInt8]) -> [UInt8] {
        let bytes = text + [UInt8](repeating: 0x22, count: 32)
        return bytes.withUnsafeBytes { bytes in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 6 * bytes.count) { target in
                guard let start = target.baseAddress else { return [] }
                var end = start
                JSONText.writePadded(UnsafeRawBufferPointer(rebasing: bytes[..<text.count]), at: &end)
                return Array(UnsafeBufferPointer(start: start, count: end - start))
            }
        }
    }

    @Test func `each byte that must be escaped is, wherever it stands`() throws {
        for byte in 0..<0x80 as Range<UInt8> {
            for place in [0, 1, 14, 15, 16, 17, 31, 32] {
                var text = [UInt8](repeating: 0x61, count: 33)
                text[place] = byte
                let json = Self.padded(text)
                #expect(json == Self.plain(text))
                let read = try JSONDecoder().decode(String.self, from: Data(json))
                #expect(Array(read.utf8) == text)
            }
        }
    }

    @Test func `texts of all lengths are written whole`() {
        var random = SystemRandomNumberGenerator()
        let letters = ["a", "\"", "\\", "\n", "ü", "€", "\u{1}", " "].map { Array($0.utf8) }
        for count in 0..<200 {
            let text = (0..<count).flatMap { _ in letters.randomElement(using: &random) ?? [] }
            #expect(Self.padded(text) == Self.plain(text))
            let harmless = [UInt8](repeating: 0x78, count: count)
            #expect(Self.padded(harmless) == Self.plain(harmless))
        }
    }
}
