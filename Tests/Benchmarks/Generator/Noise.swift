import Glibc
import TestSupport

/// Files that nothing can compress, the same for the same seed.
enum Noise {
    /// Writes a file of random letters and signs.
    ///
    /// - Parameters:
    ///   - size: Its bytes, those of `first` and `last` included.
    ///   - path: Where; a file of that name is replaced.
    ///   - seed: Which noise.
    ///   - first: What it begins with.
    ///   - last: What it ends with.
    /// - Throws: ``SystemError`` when it cannot be written.
    static func write(_ size: Int, to path: String, seed: UInt64 = 0, first: String, last: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemError("open \(path)") }
        defer { close(descriptor) }
        var random = SplitMix64(seed: seed)
        var block = Array(first.utf8)
        var left = size - last.utf8.count
        while left > 0 {
            while block.count < min(left, 1 << 20) {
                // 64 signs, none of which means anything to CSV; a line end now and then.
                var bits = random.next()
                for _ in 0..<8 {
                    block.append(UInt8(truncatingIfNeeded: bits & 0x3F) + 0x3B)
                    bits >>= 8
                }
                if block.count % 128 < 8 { block.append(0x0A) }
            }
            let count = min(left, block.count)
            try put(block[..<count], descriptor)
            left -= count
            block.removeAll(keepingCapacity: true)
        }
        try put(Array(last.utf8)[...], descriptor)
    }

    private static func put(_ bytes: ArraySlice<UInt8>, _ descriptor: CInt) throws {
        try bytes.withUnsafeBytes { block in
            guard Glibc.write(descriptor, block.baseAddress, block.count) == block.count else {
                throw SystemError("write")
            }
        }
    }
}
