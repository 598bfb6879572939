/// Takes numbers and strings from the front of one packet, and never from behind its end.
///
/// SFTP's numbers are big-endian, its strings a 32-bit length and that many bytes.
struct ByteCursor {
    private var rest: ArraySlice<UInt8>

    init(_ packet: ArraySlice<UInt8>) { rest = packet }

    /// How many bytes are left.
    var count: Int { rest.count }

    mutating func u8() throws(ProtocolViolation) -> UInt8 {
        guard let byte = rest.popFirst() else { throw ProtocolViolation("a packet ends too early") }
        return byte
    }

    mutating func u32() throws(ProtocolViolation) -> UInt32 {
        try take(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    mutating func u64() throws(ProtocolViolation) -> UInt64 {
        try take(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A string of at most `limit` bytes.
    mutating func string(upTo limit: Int) throws(ProtocolViolation) -> ArraySlice<UInt8> {
        let length = try u32()
        guard length <= limit else { throw ProtocolViolation("a string of \(length) bytes") }
        return try take(Int(length))
    }

    /// Passes over a string of any length.
    mutating func skipString() throws(ProtocolViolation) {
        _ = try string(upTo: Int(UInt32.max))
    }

    private mutating func take(_ count: Int) throws(ProtocolViolation) -> ArraySlice<UInt8> {
        guard count <= rest.count else { throw ProtocolViolation("a packet ends too early") }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}

/// What a server did that SFTP does not allow; nothing more that it sends is believed.
struct ProtocolViolation: Error {
    let text: String

    init(_ text: String) { self.text = text }
}
