package import Intake
package import Ledger

/// Writes the reports of validated files to the server, and puts the files away.
///
/// As with ``Disposer``, each order may be tried again after any interruption.
package struct ValidationDisposer: Sendable {
    /// How many names are tried for one file before it is left for later.
    private static let names = 100
    private static let lot = 100

    private let book: ValidationLedger
    private let inbox: any Inbox
    private let clock: RunClock
    private let stop: RunStop

    package init(ledger: Ledger, inbox: any Inbox, clock: RunClock = .host, stop: RunStop) {
        book = ValidationLedger(ledger)
        self.inbox = inbox
        self.clock = clock
        self.stop = stop
    }

    /// Tries what is to be done.
    ///
    /// `time`: only what is due by then; `nil` for all that is not done. Returns early when a stop is wanted or the inbox
    /// fails as a whole. Throws errors of the ledger only.
    package func carryOut(dueAt time: Timestamp? = nil) async throws {
        var last: Int64 = 0
        while case let due = try book.due(at: time, after: last, limit: Self.lot), !due.isEmpty {
            for order in due {
                last = order.id
                do {
                    let note = try await stop.orFinish { [self] in try await carryOut(order) }
                    try book.done(order.id, note: note, at: clock.now())
                } catch let failure as InboxFailure {
                    if failure == .cancelled { return }
                    try book.failed(order.id, error: failure.message, at: clock.now())
                    if failure.endsTheRun { return }
                } catch is RunInterruption {
                    return
                } catch is CancellationError {
                    return
                }
            }
        }
    }

    /// - Returns: What is worth a word.
    private func carryOut(_ order: ValidationLedger.Due) async throws -> String? {
        guard let path = RemotePath(bytes: order.path), let name = path.name else { return "unusable_path" }
        let entry = InboxEntry(
            directory: path.parent,
            name: name,
            size: order.size,
            modified: order.mtime
        )
        let stamp = order.checkedAt.textInSeconds.filter { $0 != "-" && $0 != ":" }
        try await first { attempt in
            guard let place = ValidateFolders.report(of: entry, stamp: stamp, attempt: attempt) else {
                return
            }
            try await inbox.upload(.bytes(order.report), to: place)
        }
        do {
            if order.action == .delete {
                try await inbox.remove(entry)
            } else {
                try await first { attempt in
                    guard let place = ValidateFolders.place(of: entry, stamp: stamp, attempt: attempt) else {
                        return
                    }
                    try await inbox.move(entry, to: place)
                }
            }
        } catch InboxFailure.gone {
            return "gone"
        } catch InboxFailure.changed {
            return "replaced"
        }
        return nil
    }

    /// Tries one name after the other until one is free.
    private func first(_ attempt: (Int) async throws -> Void) async throws {
        for number in 0..<Self.names {
            do {
                return try await attempt(number)
            } catch InboxFailure.targetTaken {
                continue
            }
        }
        throw InboxFailure.targetTaken
    }
}
