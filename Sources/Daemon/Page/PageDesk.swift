import Ledger
import Logging
import StatusPage
import Threads

/// The page's way to the daemon: orders go through the request folder like those of the command line.
struct PageDesk: Desk {
    /// So long a browser waits at most.
    private static let patience = Duration.seconds(25)

    private let drop: OpenDrop
    private let pulse: Pulse
    private let now: @Sendable () -> Timestamp

    init(_ drop: OpenDrop, pulse: Pulse, now: @escaping @Sendable () -> Timestamp) {
        self.drop = drop
        self.pulse = pulse
        self.now = now
    }

    func perform(_ order: Order, by person: String) async -> Outcome {
        do {
            let desk = try RequestDesk(drop.state)
            let request = Request(Request.Verb(order), user: person, at: now().text)
            switch try await desk.ask(request, waiting: Self.patience) {
            case .answered(let answer): return Outcome(answer)
            case .left, .nobodyThere: return .underWay
            }
        } catch ExitStatus.temporary {
            return .underWay
        } catch {
            drop.logger.error("page's order cannot be left", metadata: ["error": "\(error)"])
            return Outcome(.refused, "The order could not be left with the daemon. Nothing was changed.")
        }
    }

    func preview(_ order: Order) async -> Preview {
        let intent: FilePreview.Intent
        let file: Int64
        switch order {
        case .release(let id, _): (file, intent) = (id, .release)
        case .replay(let id, let older): (file, intent) = (id, .replay(older: older))
        default: return .nothing
        }
        do {
            let scope = Difference.Scope(perKind: 20, showsValues: true, issues: 20)
            let difference = try await FilePreview(of: drop, now: now).preview(
                file,
                for: intent,
                scope: scope
            )
            return .difference(difference)
        } catch {
            let reason =
                "What it would change cannot be told: \(DisplayText("\(error)", limit: 300).escaped)"
            return error is CommandFailure ? .refused(reason) : .unknown(reason)
        }
    }

    func vitals() async -> Vitals {
        let next = Schedule(minute: drop.live.current.schedule.minute).slot(after: now())
        let healths = await healths()
        func health(_ problem: String?) -> Vitals.Health { Vitals.Health(problem == nil, problem ?? "") }
        return Vitals(
            alive: health(healths.alive),
            able: health(healths.able),
            fresh: health(healths.fresh),
            nextRun: next.textInSeconds,
            version: Version.current
        )
    }

    func metrics() async throws -> String {
        try await onOwnThread { [drop, now] in try MetricsFile.text(of: drop, at: now()) }
    }

    private func healths() async -> Healths {
        do {
            return try await onOwnThread { [drop, pulse, now] in
                try Healths.of(drop, pulse: pulse, now: now())
            }
        } catch {
            // What is not known is not well.
            return Healths.unknown(isAlive: pulse.isAlive(within: .seconds(300)))
        }
    }
}

extension Request.Verb {
    fileprivate init(_ order: Order) {
        switch order {
        case .release(let file, let reason): self = .release(file: file, reason: reason)
        case .discard(let file, let reason): self = .discard(file: file, reason: reason)
        case .replay(let file, let older): self = .replay(file: file, dryRun: false, older: older)
        case .poll: self = .poll
        case .addRecipient(let address): self = .addRecipient(address)
        case .removeRecipient(let address): self = .removeRecipient(address)
        case .subscribe(let address, let types): self = .subscribe(address: address, types: types)
        case .testRecipients: self = .testRecipients
        case .retryMail(let mail): self = .retryMail(mail)
        case .putUser(let email, let role, let hash):
            self = .putUser(email: email, role: role.rawValue, passwordHash: hash)
        case .removeUser(let email): self = .removeUser(email)
        }
    }
}

extension Outcome {
    fileprivate static let underWay = Outcome(
        .underWay,
        "The daemon is at work on something else and will do it then. What became of it will stand in the history."
    )

    fileprivate init(_ answer: Answer) {
        let text = answer.problem.isEmpty ? answer.text : answer.problem
        switch answer.exit {
        case .ok: self.init(.done, text)
        case _ where !answer.text.isEmpty: self.init(.doneWithFindings, answer.text + answer.problem)
        default: self.init(.refused, text)
        }
    }
}
