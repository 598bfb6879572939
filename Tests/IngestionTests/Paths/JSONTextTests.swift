import Foundation
import Testing

@testable import Ingestion

/// A text in JSON is what it is when it is written byte by byte, and is read back as it was.
struct JSONTextTests {
    /// Byte by byte.
    private static func plain(_ text: [UInt8]) -> [UInt8] {
        let escapes: [UInt8: String] = [0x22: "\\\"", 0x5C: "\\\\", 0x0A: "\\n", 0x0D: "\\r", 0x09: "\\t"]
        let inside = text.flatMap { byte -> [UInt8] in
            if let escape = escapes[byte] { return Array(escape.utf8) }
            return byte < 0x20 ? Array(String(format: "\\u%04x", byte).utf8) : [byte]
        }
        return [0x22] + inside + [0x22]
    }

    /// With something behind the text that must not get in.
    private static func written(_ text: [UInt8]) -> [UInt8] {
        let bytes = text + [UInt8](repeating: 0x22, count: 32)
        return bytes.withUnsafeBytes { bytes in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 6 * bytes.count) { target in
                guard let start = target.baseAddress else { return [] }
                var end = start
                JSONText.write(UnsafeRawBufferPointer(rebasing: bytes[..<text.count]), at: &end)
                return Array(UnsafeBufferPointer(start: start, count: end - start))
            }
        }
    }

    @Test func `each byte that must be escaped is, wherever it stands`() throws {
        for byte in 0..<0x80 as Range<UInt8> {
            for place in [0, 1, 14, 15, 16, 17, 31, 32] {
                var text = [UInt8](repeating: 0x61, count: 33)
                text[place] = byte
                let json = Self.written(text)
                #expect(json == Self.plain(text))
                #expect(json == JSONText.bytes(of: String(decoding: text, as: UTF8.self)))
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
            #expect(Self.written(text) == Self.plain(text))
            let harmless = [UInt8](repeating: 0x78, count: count)
            #expect(Self.written(harmless) == Self.plain(harmless))
        }
    }
}
