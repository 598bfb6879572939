/// Lists one folder; the folders of one call share a budget.
final class Listing: SFTPOperation {
    /// How much the listings of one call may still bring.
    final class Budget {
        private var names: Int
        private var bytes: Int

        init(names: Int, bytes: Int) {
            self.names = names
            self.bytes = bytes
        }

        /// Takes names off; `false` when the budget does not allow them.
        func spend(_ listed: [ListedName]) -> Bool {
            names -= listed.count
            bytes -= listed.reduce(0) { $0 + $1.name.count }
            return names >= 0 && bytes >= 0
        }
    }

    let id: Int
    private let path: [UInt8]
    private let budget: Budget
    /// `nil` after the end.
    private var whenDone: ((Result<[ListedName], SFTPFailure>) -> Void)?

    private var handle: [UInt8]?
    private var found: [ListedName] = []
    private var replies = 0
    private var underWay = 0
    private var isExhausted = false

    private static let openTag = -1
    /// How many READDIRs are under way in a folder that has turned out to be large.
    private static let depth = 32

    init(
        id: Int,
        path: [UInt8],
        budget: Budget,
        whenDone: @escaping (Result<[ListedName], SFTPFailure>) -> Void
    ) {
        self.id = id
        self.path = path
        self.budget = budget
        self.whenDone = whenDone
    }

    func begin(in session: isolated SFTPSession) {
        session.send(.openFolder(path: path), for: self, tag: Self.openTag)
    }

    func receive(_ reply: SFTPReply, tag: Int, in session: isolated SFTPSession) {
        if tag != Self.openTag { underWay -= 1 }
        switch (tag, reply) {
        case (Self.openTag, .handle(let opened)):
            guard whenDone != nil else { return session.closeHandle(opened) }
            handle = opened
        case (Self.openTag, .status(let status)):
            session.releaseHandle()
            return end(.failure(status.failure), in: session)
        case (_, .names(let names)):
            replies += 1
            // Some servers say "no more" with no names.
            if names.isEmpty { isExhausted = true }
            guard whenDone != nil else { return }
            guard budget.spend(names) else { return end(.failure(.tooManyEntries), in: session) }
            found += names
        case (_, .status(let status)):
            guard status.code == SFTPStatus.endOfFile else {
                return end(.failure(status.failure), in: session)
            }
            isExhausted = true
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
        if isExhausted {
            // What was asked for before the end was met may still bring names, should replies come out of order.
            if underWay == 0 { end(.success(found), in: session) }
            return
        }
        // One after the other at first: most folders are small.
        let depth = replies < 2 ? 1 : Self.depth
        while underWay < depth {
            underWay += 1
            session.send(.readFolder(handle: handle), for: self, tag: 0)
        }
    }

    private func end(_ result: Result<[ListedName], SFTPFailure>, in session: isolated SFTPSession) {
        guard let whenDone else { return }
        self.whenDone = nil
        if let handle { session.closeHandle(handle) }
        session.end(self)
        whenDone(result)
    }
}
