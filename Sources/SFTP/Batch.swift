/// Many operations of one kind as one: they overlap, and it ends with the last of them.
final class Batch<Value: Sendable>: SFTPOperation {
    /// Makes one part; the closure it is given takes the part's result, once.
    typealias Part = (Int, @escaping (Result<Value, SFTPFailure>) -> Void) -> any SFTPOperation

    let id: Int
    private let parts: [Part]
    private let holdsHandle: Bool
    /// `nil` after the end.
    private var whenDone: ((Result<[Result<Value, SFTPFailure>], SFTPFailure>) -> Void)?
    private var results: [Result<Value, SFTPFailure>]
    private var running: [Int: any SFTPOperation] = [:]
    private var left: Int

    /// - Parameters:
    ///   - id: Under which the session knows it.
    ///   - holdsHandle: Whether each part begins by opening a file.
    ///   - parts: At least one.
    ///   - whenDone: Takes the results, in the order of the parts.
    init(
        id: Int,
        holdsHandle: Bool,
        parts: [Part],
        whenDone: @escaping (Result<[Result<Value, SFTPFailure>], SFTPFailure>) -> Void
    ) {
        self.id = id
        self.holdsHandle = holdsHandle
        self.parts = parts
        self.whenDone = whenDone
        results = Array(repeating: .failure(.cancelled), count: parts.count)
        left = parts.count
    }

    func begin(in session: isolated SFTPSession) {
        for (index, part) in parts.enumerated() {
            let id = session.newOperation()
            let operation = part(id) { result in
                self.running[id] = nil
                self.results[index] = result
                self.left -= 1
                if self.left == 0 { self.end(.success(self.results), in: session) }
            }
            running[id] = operation
            session.start(operation, holdsHandle: holdsHandle)
        }
    }

    // Only its parts send.
    func receive(_ reply: SFTPReply, tag: Int, in session: isolated SFTPSession) {}

    func stop(_ failure: SFTPFailure, in session: isolated SFTPSession) {
        let whenDone = whenDone
        self.whenDone = nil
        session.end(self)
        for operation in Array(running.values) { operation.stop(failure, in: session) }
        whenDone?(.failure(failure))
    }

    private func end(
        _ result: Result<[Result<Value, SFTPFailure>], SFTPFailure>,
        in session: isolated SFTPSession
    ) {
        guard let whenDone else { return }
        self.whenDone = nil
        session.end(self)
        whenDone(result)
    }
}
