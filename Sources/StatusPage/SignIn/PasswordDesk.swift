import Threads

/// Compares passwords, two at a time: each comparison takes 128 MiB and a core for a while.
actor PasswordDesk {
    private static let atOnce = 2
    /// More than so many in the queue are sent away.
    private static let queueLimit = 16

    private var busy = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []
    private let nobody: PasswordHash
    private let cost: PasswordHash.Cost

    init(cost: PasswordHash.Cost) {
        nobody = .ofNobody(cost: cost)
        self.cost = cost
    }

    /// What a new password came to.
    enum New: Sendable {
        case made(PasswordHash)
        /// Why it will not do, in a sentence.
        case refused(String)
    }

    /// Whether the password is the one of the hash; for nobody's the same work is done, to the same end.
    ///
    /// - Throws: ``Refusal/busy``.
    func isRight(_ password: String, for hash: PasswordHash?) async throws -> Bool {
        let compared = hash ?? nobody
        return try await inTurn { try compared.fits(password) } && hash != nil
    }

    /// Derives what is kept of a new password.
    ///
    /// - Throws: ``Refusal/busy``.
    func make(_ password: String, repeated: String) async throws -> New {
        guard password == repeated else { return .refused("The two passwords differ.") }
        do {
            return .made(try await inTurn { [cost] in try PasswordHash.of(password, cost: cost) })
        } catch PasswordHash.Refused.tooShort {
            return .refused("A password has at least \(PasswordHash.shortest) characters.")
        } catch PasswordHash.Refused.tooLong {
            return .refused("A password has at most \(PasswordHash.longest) bytes.")
        }
    }

    private func inTurn<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value
    {
        if busy >= Self.atOnce {
            guard waiting.count < Self.queueLimit else { throw Refusal.busy }
            await withCheckedContinuation { waiting.append($0) }
        } else {
            busy += 1
        }
        defer {
            if waiting.isEmpty { busy -= 1 } else { waiting.removeFirst().resume() }
        }
        return try await onOwnThread(work)
    }
}
