/// Bytes that are already in memory: a single record, or a small file.
package struct ArraySource: ByteSource {
    private let bytes: [UInt8]
    private let chunk: Int
    private var position = 0

    /// Hands out `bytes` in portions of at most `chunk`, by default as large as the reader asks for.
    package init(_ bytes: [UInt8], chunk: Int = .max) {
        precondition(chunk > 0)
        self.bytes = bytes
        self.chunk = chunk
    }

    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(CSVFailure) -> Int {
        let count = min(buffer.count, chunk, bytes.count - position)
        buffer.copyBytes(from: bytes[position..<position + count])
        position += count
        return count
    }
}
