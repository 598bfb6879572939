/// The name of one entry of a folder on the server: bytes, not text.
///
/// Servers do not promise UTF-8, and two texts that Swift calls equal may be two files. Names are therefore compared
/// as bytes, and shown to people escaped.
package struct RemoteName: Hashable, Sendable {
    package let bytes: [UInt8]

    package init(_ bytes: [UInt8]) { self.bytes = bytes }

    package init(_ text: String) { bytes = Array(text.utf8) }

    /// Whether this cannot be the name of one file.
    ///
    /// Such are the empty name, `.` and `..`, a name with a slash or a NUL in it, and one of more than 255 bytes.
    /// It must not become part of a path.
    package var isHostile: Bool {
        bytes.isEmpty || bytes.count > 255 || bytes == [0x2E] || bytes == [0x2E, 0x2E] || bytes.contains(0x2F)
            || bytes.contains(0)
    }

    /// The name for people, without loss and on one line: see ``EscapedBytes``.
    package var text: String { EscapedBytes.text(bytes) }
}

extension RemoteName: Comparable {
    package static func < (left: RemoteName, right: RemoteName) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension RemoteName: CustomStringConvertible {
    package var description: String { text }
}

extension RemoteName: ExpressibleByStringLiteral {
    package init(stringLiteral text: String) { self.init(text) }
}
