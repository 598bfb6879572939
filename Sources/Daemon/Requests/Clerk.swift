package import Ledger
import Receivables
import StatusPage
import Threads

/// What an operator asks for that concerns files and mail, done by the modules that know how.
package protocol FileDesk: Sendable {
    /// Decides a held file. MUST answer `already_done` when that was decided before.
    func release(_ file: Int64, reason: String?, user: String) async -> Answer
    func discard(_ file: Int64, reason: String?, user: String) async -> Answer
    /// Runs a file again from its spool copy; with `dryRun` nothing of it stays.
    func replay(_ file: Int64, dryRun: Bool, older: Bool, user: String) async -> Answer
    /// Tells what a replay or a release would change, its rows in a file beside the answer.
    func preview(_ preview: Request.Preview, user: String) async -> Answer
    /// Sends a mail to every recipient now, and tells what the server said.
    func testRecipients() async -> Answer
}

/// Serves requests, each with an event that says who asked for what and when.
package struct Clerk<Desk: FileDesk>: Sendable {
    private let ledger: Ledger
    private let desk: Desk
    private let now: @Sendable () -> Timestamp

    package init(_ ledger: Ledger, desk: Desk, now: @escaping @Sendable () -> Timestamp) {
        self.ledger = ledger
        self.desk = desk
        self.now = now
    }

    /// Does what is asked, or says why not; never throws, since somebody waits for the answer.
    package func serve(_ request: Request) async -> Answer {
        do {
            try await note(request)
            return try await answer(request)
        } catch {
            return Answer(exit: ExitStatus(error), problem: "\(error)")
        }
    }

    /// Records that somebody asked.
    package func note(_ request: Request) async throws {
        var event = Event(
            .requestReceived,
            ["request": .text(request.verb.word), "user": .text(request.user)]
        )
        if let file = request.verb.file { event.file = file }
        let noted = event
        _ = try await onOwnThread { [ledger, now] in try EventLedger(ledger).append(noted, at: now()) }
    }

    private func answer(_ request: Request) async throws -> Answer {
        switch request.verb {
        case .poll, .reconcile: return Answer(exit: .software, problem: "that is not done here")
        case .release(let file, let reason):
            return await desk.release(file, reason: reason, user: request.user)
        case .discard(let file, let reason):
            return await desk.discard(file, reason: reason, user: request.user)
        case .replay(let file, let dryRun, let older):
            return await desk.replay(file, dryRun: dryRun, older: older, user: request.user)
        case .preview(let preview): return await desk.preview(preview, user: request.user)
        case .testRecipients: return await desk.testRecipients()
        case .addRecipient(let address):
            return try await change("recipients", "added", "\(address) is told already") { ledger, now in
                try RecipientLedger(ledger).add(address, by: request.user, at: now)
            }
        case .removeRecipient(let address):
            return try await change("recipients", "removed", "\(address) was not told anyway") {
                ledger,
                now in
                try RecipientLedger(ledger).remove(address, by: request.user, at: now)
            }
        case .subscribe(let address, let types):
            guard types.allSatisfy({ Catalogue.type(named: $0) != nil }) else {
                return Answer(exit: .usage, problem: "that is no record type")
            }
            return try await subscribe(address, types, request)
        case .retryMail(let mail): return try await retry(mail, request)
        case .putUser(let email, let role, let hash):
            guard isMailAddress(email), let role = Role(rawValue: role), PasswordHash(hash) != nil else {
                return Answer(exit: .usage, problem: "that is no user, role or password")
            }
            return try await changePerson { people, now in
                try people.put(email, role: role, passwordHash: hash, by: request.user, at: now)
            }
        case .removeUser(let email):
            return try await changePerson { people, now in
                try people.remove(email, by: request.user, at: now)
            }
        case .acceptHostKey(let pin, let notAfter):
            return try await change("host_key", "accepted", "the pin was accepted before") { ledger, now in
                try HostKeyLedger(ledger).accept(pin, by: request.user, notAfter: notAfter, at: now)
            }
        case .noteBackup(let bytes, let lastEvent):
            return try await change("backup", "recorded", "") { ledger, now in
                let facts: KeyValuePairs<String, JSONValue?> = [
                    "bytes": .integer(bytes), "last_event": .integer(lastEvent),
                ]
                try EventLedger(ledger).append(Event(.backupFinished, facts), at: now)
                return true
            }
        }
    }

    private func subscribe(_ address: String, _ types: [String], _ request: Request) async throws -> Answer {
        let isThere = try await onOwnThread { [ledger, now] in
            try RecipientLedger(ledger).subscribe(address, to: types, by: request.user, at: now())
        }
        guard isThere else { return Answer(exit: .noInput, problem: "\(address) is not on the list") }
        let what = types.isEmpty ? "every type" : types.joined(separator: ", ")
        return Answer(
            text: "\(address) gets digests about \(what)\n",
            json: JSONValue.json(of: [
                ("recipient", .text(address)), ("types", .list(types.map { .text($0) })),
            ])
        )
    }

    private func retry(_ mail: Int64, _ request: Request) async throws -> Answer {
        let state = try await ledger.alert(at: now()) { try $0.retry(mail, by: request.user) }
        guard let state else { return Answer(exit: .noInput, problem: "there is no mail \(mail)") }
        return Answer(
            text: state > 0 ? "mail \(mail) is tried now\n" : "mail \(mail) was sent already\n",
            json: JSONValue.json(of: [("mail", .integer(mail)), ("recipients", .integer(Int64(state)))])
        )
    }

    private func changePerson(
        _ change: @escaping @Sendable (PersonLedger, Timestamp) throws -> PersonLedger.Change
    ) async throws -> Answer {
        let done = try await onOwnThread { [ledger, now] in try change(PersonLedger(ledger), now()) }
        return Answer(
            text: done == .none ? "there is no such user\n" : "\(done.rawValue)\n",
            json: JSONValue.json(of: [("user", .text(done.rawValue))])
        )
    }

    private func change(
        _ subject: String,
        _ done: String,
        _ alreadyDone: String,
        change: @escaping @Sendable (Ledger, Timestamp) throws -> Bool
    ) async throws -> Answer {
        let isNews = try await onOwnThread { [ledger, now] in try change(ledger, now()) }
        let state = isNews ? done : "already_done"
        return Answer(
            text: isNews ? "\(done)\n" : "\(alreadyDone)\n",
            json: JSONValue.json(of: [(subject, .text(state))])
        )
    }
}

extension Request.Verb {
    /// The file that the verb is about.
    fileprivate var file: Int64? {
        switch self {
        case .release(let file, _), .discard(let file, _), .replay(let file, _, _): file
        case .preview(let preview): preview.file
        default: nil
        }
    }
}
