/// A piece of work on a session: it sends requests, takes their replies, and ends exactly once.
///
/// Everything happens on the session's thread. After its end an operation still gets the replies to what it had sent,
/// because SFTP cannot take a request back.
protocol SFTPOperation: AnyObject {
    /// Under which the session knows it.
    var id: Int { get }

    /// Sends its first requests.
    func begin(in session: isolated SFTPSession)

    /// Takes a reply; `tag` is what the request was sent with.
    func receive(_ reply: SFTPReply, tag: Int, in session: isolated SFTPSession)

    /// Ends it before its time; after its end this does nothing.
    func stop(_ failure: SFTPFailure, in session: isolated SFTPSession)
}

/// One request and its reply.
final class SingleRequest: SFTPOperation {
    let id: Int
    private let request: SFTPRequest
    /// `nil` after the end.
    private var whenDone: ((Result<SFTPReply, SFTPFailure>) -> Void)?

    init(id: Int, _ request: SFTPRequest, whenDone: @escaping (Result<SFTPReply, SFTPFailure>) -> Void) {
        self.id = id
        self.request = request
        self.whenDone = whenDone
    }

    func begin(in session: isolated SFTPSession) { session.send(request, for: self, tag: 0) }

    func receive(_ reply: SFTPReply, tag: Int, in session: isolated SFTPSession) {
        guard let whenDone else {
            // Nobody waits for this file any more, but the server holds it open for us.
            if case .handle(let handle) = reply { session.closeHandle(handle) }
            return
        }
        end(in: session)
        switch reply {
        case .status(let status) where status.code != SFTPStatus.ok: whenDone(.failure(status.failure))
        default: whenDone(.success(reply))
        }
    }

    func stop(_ failure: SFTPFailure, in session: isolated SFTPSession) {
        let whenDone = whenDone
        end(in: session)
        whenDone?(.failure(failure))
    }

    private func end(in session: isolated SFTPSession) {
        whenDone = nil
        session.end(self)
    }
}
