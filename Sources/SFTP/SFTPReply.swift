/// What a server answered.
enum SFTPReply: Equatable {
    case status(SFTPStatus)
    case handle([UInt8])
    /// A place in the codec's buffer, good until the codec is asked for the next reply.
    case data(Range<Int>)
    case names([ListedName])
    case attributes(FileAttributes)
    case extended([UInt8])
}

/// The kind of reply that fits a request.
enum SFTPAnswer: Equatable {
    case status
    case handle
    case data(upTo: Int)
    case names
    case attributes
    case extended
}

/// A status code with the first bytes of the server's own words.
struct SFTPStatus: Equatable {
    var code: UInt32
    var words: [UInt8]

    static let ok: UInt32 = 0
    static let endOfFile: UInt32 = 1
    static let noSuchFile: UInt32 = 2
    static let permissionDenied: UInt32 = 3
    static let unsupported: UInt32 = 8
    static let alreadyExists: UInt32 = 11

    /// Why a request was refused.
    var failure: SFTPFailure {
        switch code {
        case Self.noSuchFile: .noSuchFile
        case Self.permissionDenied: .permissionDenied(shown)
        case Self.alreadyExists: .alreadyExists
        default: .refused(code: code, words: shown)
        }
    }

    private var shown: String { ServerText.shown(words) }
}

/// What OpenSSH's extension says of a server; 0 is not stated.
struct SFTPLimits: Equatable {
    var read: UInt64 = 0
    var write: UInt64 = 0
    var handles: UInt64 = 0

    init() {}

    /// Takes the reply to `limits@openssh.com`; one of another form counts as none.
    init(reply: [UInt8]) {
        guard reply.count >= 32 else { return }
        let numbers = stride(from: 0, to: 32, by: 8).map { start in
            reply[start..<start + 8].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        }
        (read, write, handles) = (numbers[1], numbers[2], numbers[3])
    }
}
