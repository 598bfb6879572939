import Dispatch

/// Compares passwords, two at a time: each comparison takes 128 MiB and a core for a while.
actor PasswordDesk {
    private static let atOnce = 2
    /// More than so many in the queue are sent away.
    private static let queueLimit = 16

    private var busy = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private let nobody: PasswordHash

    init(cost: PasswordHash.Cost) {
        nobody = .ofNobody(cost: cost)
    }

    /// Whether the password is the one of the hash; for nobody's the same work is done, to the same end.
    ///
    /// - Throws: ``Refusal/busy``.
    func isRight(_ password: String, for hash: PasswordHash?) async throws -> Bool {
        if busy >= Self.atOnce {
            guard waiting.count < Self.queueLimit else { throw Refusal.busy }
            await withCheckedContinuation { waiting.append($0) }
        } else {
            busy += 1
        }
        defer {
            if waiting.isEmpty { busy -= 1 } else { waiting.removeFirst().resume() }
        }
        let compared = hash ?? nobody
        let fits: Bool = try await withCheckedThrowingContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(with: Result { try compared.fits(password) }) }
        }
        return fits && hash != nil
    }
}
