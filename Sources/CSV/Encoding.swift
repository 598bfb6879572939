/// The encoding a drop is configured to have; a byte-order mark in the file always wins over it.
package enum Encoding: Sendable {
    case utf8
    case windows1252
}

/// What a file really is written in, once its opening has been seen.
enum Form: Sendable {
    case utf8
    case windows1252
    case utf16(isBigEndian: Bool)

    /// How many bytes of the file the given decoded bytes stand for.
    ///
    /// Works from the UTF-8 alone because ``Transcoder`` turns each unit of the file, valid or not, into exactly
    /// one sequence with one leading byte.
    func sourceLength(of decoded: UnsafeRawBufferPointer) -> Int {
        switch self {
        case .utf8:
            decoded.count
        case .windows1252:
            decoded.reduce(0) { $0 &+ ($1 & 0xC0 == 0x80 ? 0 : 1) }
        case .utf16:
            decoded.reduce(0) { $0 &+ ($1 & 0xC0 == 0x80 ? 0 : $1 >= 0xF0 ? 4 : 2) }
        }
    }
}
