import CMask
import Testing

/// The check of a record's bytes says what Swift's own does.
struct UTF8Tests {
    private static func isUTF8(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { cmask_is_utf8($0.baseAddress, $0.count) }
    }

    private static func expected(_ bytes: [UInt8]) -> Bool { String(validating: bytes, as: UTF8.self) != nil }

    @Test func `every two bytes are judged as Swift judges them, wherever they stand`() {
        for first in UInt8.min...UInt8.max {
            for second in UInt8.min...UInt8.max {
                for padding in [0, 1, 15, 16, 17, 62, 63, 64] {
                    let bytes = [UInt8](repeating: 0x41, count: padding) + [first, second]
                    if Self.isUTF8(bytes) != Self.expected(bytes) {
                        Issue.record("\(padding): \(first) \(second)")
                    }
                }
            }
        }
    }

    @Test func `longer sequences are judged as Swift judges them`() {
        // Bytes at the borders of what a sequence may hold.
        let edges: [UInt8] = [
            0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0, 0xE1, 0xEC,
            0xED, 0xEE,
            0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
        ]
        for first in edges where first >= 0xC0 {
            for second in edges {
                for third in edges {
                    // Also across the end of 64 bytes, which are looked at together.
                    for padding in [0, 61, 62, 63] {
                        let before = [UInt8](repeating: 0x41, count: padding)
                        for fourth in edges {
                            let bytes = before + [first, second, third, fourth]
                            if Self.isUTF8(bytes) != Self.expected(bytes) { Issue.record("\(bytes)") }
                        }
                        let bytes = before + [first, second, third]
                        if Self.isUTF8(bytes) != Self.expected(bytes) { Issue.record("\(bytes)") }
                    }
                }
            }
        }
    }

    @Test func `random text with one byte changed is judged as Swift judges it`() {
        var random = SystemRandomNumberGenerator()
        let letters = ["a", ",", "ü", "ß", "Ø", "€", "日", "😀", " ", "\"", "0"]
        for _ in 0..<2000 {
            var bytes = (0..<Int.random(in: 0...150, using: &random)).flatMap { _ in
                Array(letters[Int.random(in: 0..<letters.count, using: &random)].utf8)
            }
            #expect(Self.isUTF8(bytes))
            guard !bytes.isEmpty else { continue }
            bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            if Self.isUTF8(bytes) != Self.expected(bytes) { Issue.record("\(bytes)") }
        }
    }
}
