/// What a server says of a file; each part may be missing.
package struct FileAttributes: Hashable, Sendable {
    /// What a file is, from the type bits of its permissions.
    package enum Kind: Sendable {
        case regular
        case directory
        case link
        case other
    }

    /// In bytes.
    package var size: UInt64?
    /// The type and the permission bits, as POSIX has them.
    package var mode: UInt32?
    /// Seconds since 1970, by the server's clock.
    package var modified: UInt32?

    package init(size: UInt64? = nil, mode: UInt32? = nil, modified: UInt32? = nil) {
        self.size = size
        self.mode = mode
        self.modified = modified
    }

    /// `nil` when the server gives no type.
    package var kind: Kind? {
        guard let mode else { return nil }
        return switch mode & 0o170000 {
        case 0: nil
        case 0o100000: .regular
        case 0o040000: .directory
        case 0o120000: .link
        default: .other
        }
    }

    init(from cursor: inout ByteCursor) throws(ProtocolViolation) {
        let flags = try cursor.u32()
        if flags & 0x1 != 0 { size = try cursor.u64() }
        if flags & 0x2 != 0 { _ = try cursor.u64() }
        if flags & 0x4 != 0 { mode = try cursor.u32() }
        if flags & 0x8 != 0 {
            _ = try cursor.u32()
            modified = try cursor.u32()
        }
        guard flags & 0x8000_0000 != 0 else { return }
        let pairs = try cursor.u32()
        // A pair is two strings, and each has at least its length.
        guard pairs <= cursor.count / 8 else { throw ProtocolViolation("\(pairs) extended attributes") }
        for _ in 0..<pairs {
            try cursor.skipString()
            try cursor.skipString()
        }
    }
}

/// One name of a folder's listing.
package struct ListedName: Hashable, Sendable {
    /// As the server has it: bytes of any kind, to be looked at before it becomes part of a path.
    package var name: [UInt8]
    package var attributes: FileAttributes

    package init(name: [UInt8], attributes: FileAttributes) {
        self.name = name
        self.attributes = attributes
    }
}
