/// What we ask of a server: the requests of SFTP version 3 that we use (draft-ietf-secsh-filexfer-02).
enum SFTPRequest {
    case open(path: [UInt8], flags: OpenFlags)
    case close(handle: [UInt8])
    case read(handle: [UInt8], offset: UInt64, count: UInt32)
    case write(handle: [UInt8], offset: UInt64, bytes: [UInt8])
    case lookAt(path: [UInt8])
    case lookAtHandle([UInt8])
    case openFolder(path: [UInt8])
    case readFolder(handle: [UInt8])
    case remove(path: [UInt8])
    case makeFolder(path: [UInt8])
    case resolve(path: [UInt8])
    case rename(from: [UInt8], to: [UInt8])
    /// OpenSSH's `fsync@openssh.com`.
    case synchronize(handle: [UInt8])
    /// OpenSSH's `limits@openssh.com`.
    case limits

    struct OpenFlags: OptionSet {
        let rawValue: UInt32
        static let read = OpenFlags(rawValue: 0x01)
        static let write = OpenFlags(rawValue: 0x02)
        static let create = OpenFlags(rawValue: 0x08)
        static let exclusive = OpenFlags(rawValue: 0x20)
    }

    /// What a reply to this may be, besides a status that says why not.
    var answer: SFTPAnswer {
        switch self {
        case .open, .openFolder: .handle
        case .read(_, _, let count): .data(upTo: Int(count))
        case .lookAt, .lookAtHandle: .attributes
        case .readFolder, .resolve: .names
        case .limits: .extended
        case .close, .write, .remove, .makeFolder, .rename, .synchronize: .status
        }
    }

    /// For messages.
    var step: String {
        switch self {
        case .open: "open a file"
        case .close: "close a file"
        case .read: "read a file"
        case .write: "write a file"
        case .lookAt, .lookAtHandle: "look at a file"
        case .openFolder, .readFolder: "list a folder"
        case .remove: "remove a file"
        case .makeFolder: "make a folder"
        case .resolve: "keep the connection alive"
        case .rename: "rename a file"
        case .synchronize: "write a file to disk"
        case .limits: "ask for limits"
        }
    }

    /// Appends the packet.
    func encode(id: UInt32, to bytes: inout [UInt8]) {
        let start = bytes.count
        bytes.append(u32: 0)
        bytes.append(type)
        bytes.append(u32: id)
        switch self {
        case .open(let path, let flags):
            bytes.append(string: path)
            bytes.append(u32: flags.rawValue)
            bytes.append(u32: 0)
        case .close(let handle), .lookAtHandle(let handle), .readFolder(let handle):
            bytes.append(string: handle)
        case .read(let handle, let offset, let count):
            bytes.append(string: handle)
            bytes.append(u64: offset)
            bytes.append(u32: count)
        case .write(let handle, let offset, let data):
            bytes.append(string: handle)
            bytes.append(u64: offset)
            bytes.append(string: data)
        case .lookAt(let path), .openFolder(let path), .remove(let path), .resolve(let path):
            bytes.append(string: path)
        case .makeFolder(let path):
            bytes.append(string: path)
            bytes.append(u32: 0)
        case .rename(let old, let new):
            bytes.append(string: old)
            bytes.append(string: new)
        case .synchronize(let handle):
            bytes.append(string: Array("fsync@openssh.com".utf8))
            bytes.append(string: handle)
        case .limits:
            bytes.append(string: Array("limits@openssh.com".utf8))
        }
        let length = UInt32(truncatingIfNeeded: bytes.count - start - 4)
        for place in 0..<4 { bytes[start + place] = UInt8(truncatingIfNeeded: length >> (24 - 8 * place)) }
    }

    /// The packet that begins a session; it has no id.
    static let begin: [UInt8] = [0, 0, 0, 5, 1, 0, 0, 0, 3]

    private var type: UInt8 {
        switch self {
        case .open: 3
        case .close: 4
        case .read: 5
        case .write: 6
        case .lookAt: 7
        case .lookAtHandle: 8
        case .openFolder: 11
        case .readFolder: 12
        case .remove: 13
        case .makeFolder: 14
        case .resolve: 16
        case .rename: 18
        case .synchronize, .limits: 200
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append(u32 value: UInt32) {
        for shift in stride(from: UInt32(24), through: 0, by: -8) {
            append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    fileprivate mutating func append(u64 value: UInt64) {
        append(u32: UInt32(truncatingIfNeeded: value >> 32))
        append(u32: UInt32(truncatingIfNeeded: value))
    }

    fileprivate mutating func append(string: [UInt8]) {
        append(u32: UInt32(truncatingIfNeeded: string.count))
        append(contentsOf: string)
    }
}
