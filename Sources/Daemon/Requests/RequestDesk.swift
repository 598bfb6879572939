import Threads

/// The other side of the counter: how a verb asks the daemon, and what it does when there is none.
package struct RequestDesk: Sendable {
    /// How often is looked for an answer.
    private static let patience = Duration.milliseconds(100)

    private let state: StateDirectory
    private let folder: RequestFolder

    /// - Throws: ``StateDirectoryFailure``.
    package init(_ state: StateDirectory) throws(StateDirectoryFailure) {
        self.state = state
        folder = try RequestFolder(in: state)
    }

    /// What came of asking.
    package enum Outcome: Sendable {
        case answered(Answer)
        /// The request was left, and nobody waits for its answer.
        case left(id: String)
        /// Nobody holds the drop: do it yourself.
        case nobodyThere
    }

    /// Leaves a request and waits for its answer.
    ///
    /// A request that nobody serves because its daemon went away is taken back.
    ///
    /// - Throws: ``ExitStatus/temporary`` when the daemon did not answer in time; the request stays.
    package func ask(_ request: Request, waiting limit: Duration?) async throws -> Outcome {
        guard KernelLock.holder(in: state.path) != nil else { return .nobodyThere }
        let id = try folder.leave(request)
        guard let limit else { return .left(id: id) }
        let end = ContinuousClock.now + limit
        while ContinuousClock.now < end {
            if let answer = try folder.takeAnswer(id) { return .answered(answer) }
            if KernelLock.holder(in: state.path) == nil {
                if let answer = try folder.takeAnswer(id) { return .answered(answer) }
                folder.withdraw(id)
                return .nobodyThere
            }
            try await Task.pause(for: Self.patience)
        }
        throw ExitStatus.temporary
    }
}
