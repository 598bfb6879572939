/// Reads one whole file: OPEN, many READs at once, a look behind the last of them, CLOSE.
final class Download: SFTPOperation {
    let id: Int
    private let path: [UInt8]
    private let expected: FileAttributes
    private let sink: any DownloadSink
    /// `nil` after the end.
    private var whenDone: ((Result<FileAttributes, SFTPFailure>) -> Void)?

    private var handle: [UInt8]?
    private var plan = ReadPlan(size: 0, chunk: 1)
    private var pieces: [Int: ReadPlan.Piece] = [:]
    private var piecesSent = 0
    /// How many READs had been sent when the file was looked at last, and what was seen.
    private var look: (after: Int, seen: FileAttributes?)?

    private static let openTag = -1
    private static let lookTag = -2

    init(
        id: Int,
        path: [UInt8],
        expected: FileAttributes,
        sink: any DownloadSink,
        whenDone: @escaping (Result<FileAttributes, SFTPFailure>) -> Void
    ) {
        self.id = id
        self.path = path
        self.expected = expected
        self.sink = sink
        self.whenDone = whenDone
    }

    func begin(in session: isolated SFTPSession) {
        session.send(.open(path: path, flags: .read), for: self, tag: Self.openTag)
    }

    func receive(_ reply: SFTPReply, tag: Int, in session: isolated SFTPSession) {
        switch (tag, reply) {
        case (Self.openTag, .handle(let opened)):
            guard whenDone != nil else { return session.closeHandle(opened) }
            handle = opened
            plan = ReadPlan(size: expected.size, chunk: session.readChunk)
        case (Self.openTag, .status(let status)):
            session.releaseHandle()
            return end(.failure(status.failure), in: session)
        case (Self.lookTag, .attributes(let seen)):
            look?.seen = seen
        case (Self.lookTag, .status(let status)):
            // A server that cannot look at an open file says nothing against it.
            guard status.code == SFTPStatus.unsupported else {
                return end(.failure(status.failure), in: session)
            }
            look?.seen = FileAttributes()
        case (_, .data(let data)):
            guard whenDone != nil, let piece = pieces.removeValue(forKey: tag) else { return }
            guard plan.received(piece, count: data.count) else { break }
            do {
                try session.codec.give(data, to: sink, at: piece.offset)
            } catch {
                return end(.failure(.localFailure("\(error)")), in: session)
            }
        case (_, .status(let status)):
            guard whenDone != nil, let piece = pieces.removeValue(forKey: tag) else { return }
            guard status.code == SFTPStatus.endOfFile else {
                return end(.failure(status.failure), in: session)
            }
            plan.ended(piece)
        default:
            break
        }
        if whenDone != nil { proceed(in: session) }
    }

    func stop(_ failure: SFTPFailure, in session: isolated SFTPSession) {
        end(.failure(failure), in: session)
    }

    private func proceed(in session: isolated SFTPSession) {
        guard let handle else { return }
        while let piece = plan.next(within: session.window) {
            pieces[piecesSent] = piece
            let request = SFTPRequest.read(handle: handle, offset: piece.offset, count: piece.count)
            session.send(request, for: self, tag: piecesSent)
            piecesSent += 1
        }
        // The first look follows the last READ at once, which costs no time. If more had to be read after it, there is
        // another when everything has come.
        if look == nil, plan.isAsked { sendLook(handle, in: session) }
        switch plan.verdict {
        case .unfinished:
            break
        case .changed:
            end(.failure(.changed), in: session)
        case .whole:
            guard let look, look.after == piecesSent else { return sendLook(handle, in: session) }
            if let seen = look.seen { end(verdict(seen), in: session) }
        }
    }

    private func sendLook(_ handle: [UInt8], in session: isolated SFTPSession) {
        look = (piecesSent, nil)
        session.send(.lookAtHandle(handle), for: self, tag: Self.lookTag)
    }

    /// Whether the file is still the one that was expected; what the server does not say is not held against it.
    private func verdict(_ seen: FileAttributes) -> Result<FileAttributes, SFTPFailure> {
        if let length = plan.length, let size = seen.size, size != length { return .failure(.changed) }
        if let before = expected.modified, let now = seen.modified, before != now {
            return .failure(.changed)
        }
        if let kind = seen.kind, kind != .regular { return .failure(.changed) }
        return .success(seen)
    }

    private func end(_ result: Result<FileAttributes, SFTPFailure>, in session: isolated SFTPSession) {
        guard let whenDone else { return }
        self.whenDone = nil
        if let handle { session.closeHandle(handle) }
        session.end(self)
        whenDone(result)
    }
}
