/// Gives the bytes of an upload.
package protocol UploadSource: Sendable {
    /// The bytes from `offset` on, at most `count`; none means that there are no more.
    ///
    /// Called on the connection's own thread: it must not wait for anything but its own disk.
    func read(at offset: UInt64, upTo count: Int) throws -> [UInt8]
}

/// Writes everything a source gives to an open file, a few WRITEs at a time; the answer is how many bytes.
final class Upload: SFTPOperation {
    let id: Int
    private let handle: [UInt8]
    private let source: any UploadSource
    /// `nil` after the end.
    private var whenDone: ((Result<UInt64, SFTPFailure>) -> Void)?
    private var offset: UInt64 = 0
    private var isExhausted = false
    private var underWay = 0

    private static let depth = 8

    init(
        id: Int,
        handle: [UInt8],
        source: any UploadSource,
        whenDone: @escaping (Result<UInt64, SFTPFailure>) -> Void
    ) {
        self.id = id
        self.handle = handle
        self.source = source
        self.whenDone = whenDone
    }

    func begin(in session: isolated SFTPSession) { proceed(in: session) }

    func receive(_ reply: SFTPReply, tag: Int, in session: isolated SFTPSession) {
        underWay -= 1
        if case .status(let status) = reply, status.code != SFTPStatus.ok {
            return end(.failure(status.failure), in: session)
        }
        if whenDone != nil { proceed(in: session) }
    }

    func stop(_ failure: SFTPFailure, in session: isolated SFTPSession) {
        end(.failure(failure), in: session)
    }

    private func proceed(in session: isolated SFTPSession) {
        do {
            while !isExhausted, underWay < Self.depth {
                let bytes = try source.read(at: offset, upTo: session.writeChunk)
                isExhausted = bytes.isEmpty
                guard !bytes.isEmpty else { break }
                session.send(.write(handle: handle, offset: offset, bytes: bytes), for: self, tag: 0)
                offset += UInt64(bytes.count)
                underWay += 1
            }
        } catch {
            return end(.failure(.localFailure("\(error)")), in: session)
        }
        if isExhausted, underWay == 0 { end(.success(offset), in: session) }
    }

    private func end(_ result: Result<UInt64, SFTPFailure>, in session: isolated SFTPSession) {
        guard let whenDone else { return }
        self.whenDone = nil
        session.end(self)
        whenDone(result)
    }
}
