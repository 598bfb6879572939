import Intake
import Ledger
import Receivables
import Threads

/// Brings the members of a run's batch into the spool, and commits in groups that they are ours.
struct FetchBatch: Sendable {
    /// How many files, and how many bytes, are at most fetched between two commits.
    private static let groupFiles = 500
    private static let groupBytes: Int64 = 256 << 20
    /// A run that is killed early again and again gets on all the same: it begins with small groups.
    private static let firstGroups = [32, 128]

    let run: Int64
    let inbox: any Inbox
    let spool: Spool
    let files: FileLedger
    let settings: RunSettings
    let clock: RunClock
    let stop: RunStop
    /// When what is not begun is left for the next run.
    let deadline: Duration
    let progress: (@Sendable (RunProgress) -> Void)?

    /// A group whose files have come, or have not.
    private struct Arrivals: Sendable {
        var members: [InboxEntry: Member]
        var keeper: CopyKeeper
    }

    /// Fetches what is still to be fetched.
    ///
    /// Returns whether the disk had room for all. Throws ``RunInterruption`` when a stop is wanted.
    func callAsFunction() async throws -> Bool {
        let total = try files.countToFetch(in: run)
        ResidentCode.letGo(forFiles: total)
        var done = (files: 0, bytes: Int64(0))
        var last: Int64 = 0
        var arrived: Arrivals?
        var hasRoom = true
        var limits = Self.firstGroups[...]
        // Only the group in hand is read from the ledger: a batch may have 100,000 members.
        while case let limit = limits.popFirst() ?? Self.groupFiles,
            case let members = try files.toFetch(in: run, after: last, limit: limit), !members.isEmpty
        {
            let group = Self.group(of: members)
            last = group.last?.id ?? last
            guard clock.uptime() < deadline else {
                try files.defer(group.map(\.id), reason: .runDeadline, in: run, at: clock.now())
                continue
            }
            let wanted = try group.filter { try !refusesTooLarge($0) }
            // The server sends this group while the disk and the ledger take the one before.
            async let arriving = receive(wanted)
            if let arrived { hasRoom = try await commit(arrived) && hasRoom }
            arrived = try await arriving
            done.files += group.count
            done.bytes += wanted.reduce(0) { $0 + ($1.size ?? 0) }
            progress?(.fetched(files: done.files, of: total, bytes: done.bytes))
        }
        if let arrived { hasRoom = try await commit(arrived) && hasRoom }
        return hasRoom
    }

    private static func group(of members: [Member]) -> ArraySlice<Member> {
        var bytes: Int64 = 0
        var count = 0
        for member in members {
            count += 1
            bytes = bytes.addingReportingOverflow(member.size ?? 0).partialValue
            if bytes >= groupBytes || bytes < 0 { break }
        }
        return members.prefix(count)
    }

    private func receive(_ group: [Member]) async throws -> Arrivals {
        var members: [InboxEntry: Member] = [:]
        // Asked for in the order in which they will be applied.
        var entries: [InboxEntry] = []
        for member in group {
            guard let entry = Self.entry(of: member) else { continue }
            if members.updateValue(member, forKey: entry) == nil { entries.append(entry) }
        }
        let keeper = CopyKeeper(spool)
        try await stop.orFinish { [entries] in try await fetch(entries, keeper) }
        // Fetching was given up by the stop, or it was the inbox that gave up: only the latter counts against a file.
        if stop.isSet { throw RunInterruption() }
        return Arrivals(members: members, keeper: keeper)
    }

    /// Commits that the files of a group are ours, once they survive a power loss.
    private func commit(_ arrivals: Arrivals) async throws -> Bool {
        let members = arrivals.members
        var results = await arrivals.keeper.results()
        if settings.readsTwice { try await readAgain(&results) }
        try await checkPromises(of: members, in: &results)
        try await onOwnThread { [spool] in try spool.makeDurable() }
        var copies: [ReceivedCopy] = []
        for (entry, member) in members {
            if case .kept(let sha256, let size) = results[entry] {
                copies.append(ReceivedCopy(id: member.id, sha256: sha256, size: size))
            }
        }
        try files.receive(copies.sorted { $0.id < $1.id }, in: run, at: clock.now())
        var hasRoom = true
        for (entry, member) in members.sorted(by: { $0.value.id < $1.value.id }) {
            switch results[entry] {
            case .kept: break
            case .diskLow:
                hasRoom = false
                try files.defer([member.id], reason: .diskLow, in: run, at: clock.now())
            case .failed(let failure): try settle(failure, of: member)
            case nil: try settle(.uncertain("the inbox did not say"), of: member)
            }
        }
        return hasRoom
    }

    private func fetch(_ entries: [InboxEntry], _ keeper: CopyKeeper) async throws {
        guard !entries.isEmpty else { return }
        var missing = Set(entries)
        do {
            try await inbox.fetch(
                entries,
                into: { [spool, settings, progress] entry in
                    try spool.makeCopy(size: entry.size, reserve: settings.freeBytes) { bytes in
                        progress?(.fetching(name: entry.name.text, bytes: bytes, size: entry.size ?? bytes))
                    }
                },
                finished: { entry, result in
                    missing.remove(entry)
                    switch result {
                    case .success(let copy): keeper.take(copy, of: entry)
                    case .failure(let failure): keeper.note(entry, judge(failure, of: entry))
                    }
                }
            )
        } catch {
            if error == .cancelled { throw CancellationError() }
            // Every file has its own answer by now.
            for entry in missing { keeper.note(entry, .failed(error)) }
        }
    }

    /// A copy that could not be written for want of room is nobody's fault but the disk's.
    private func judge(_ failure: InboxFailure, of entry: InboxEntry) -> FetchResult {
        guard case .sinkFailed(let message) = failure else { return .failed(failure) }
        let free = (try? spool.freeBytes()) ?? 0  // A disk that cannot be asked has no room.
        let isLow = free - (entry.size ?? 0) < settings.freeBytes
        return isLow || message.contains(SpoolFailure.full.description) ? .diskLow : .failed(failure)
    }

    /// Reads what was kept once more: a change that leaves size and time as they were shows in the hash alone.
    private func readAgain(_ results: inout [InboxEntry: FetchResult]) async throws {
        let kept = results.compactMap { entry, result in if case .kept = result { entry } else { nil } }
        let hashes = try await stop.orFinish { [inbox] in
            var hashes: [InboxEntry: String] = [:]
            do {
                try await inbox.fetch(
                    kept,
                    into: { _ in try HashSink() },
                    finished: { entry, result in
                        if case .success(let sink) = result { hashes[entry] = sink.sha256() }
                    }
                )
            } catch InboxFailure.cancelled {
                throw CancellationError()
            } catch {
                // What was not read again has no second hash.
            }
            return hashes
        }
        for entry in kept {
            guard case .kept(let sha256, _) = results[entry], hashes[entry] != sha256 else { continue }
            results[entry] = .failed(.changed)
        }
    }

    private func checkPromises(
        of members: [InboxEntry: Member],
        in results: inout [InboxEntry: FetchResult]
    ) async throws {
        guard settings.marker == .sha256 || settings.marker == .manifest else { return }
        let markers = FetchMarkers(marker: settings.marker, inbox: inbox)
        let all = Array(members.values)
        let promised: [[UInt8]: String]
        do {
            promised = try await stop.orFinish { try await markers.hashes(for: all) }
        } catch let failure as InboxFailure {
            for entry in members.keys { results[entry] = .failed(failure) }
            return
        }
        for (entry, member) in members {
            guard case .kept(let sha256, _) = results[entry], let hash = promised[member.path], hash != sha256
            else { continue }
            results[entry] = .failed(.changed)
        }
    }

    private func settle(_ failure: InboxFailure, of member: Member) throws {
        let time = clock.now()
        switch failure {
        case .changed:
            try files.defer([member.id], reason: .changedWhileRead, in: run, at: time)
        case .gone:
            try files.defer([member.id], reason: .gone, in: run, at: time)
        case .permission, .other:
            try files.noteRefusal(
                of: member.id,
                message: failure.message,
                after: settings.after,
                in: run,
                at: time
            )
        case .unreachable, .hostKeyMismatch, .authRefused, .protocolError, .tooManyEntries, .timedOut,
            .targetTaken,
            .uncertain, .sinkFailed, .cancelled:
            try files.defer(
                [member.id],
                reason: .fetchFailed,
                message: failure.message,
                in: run,
                at: time
            )
        }
    }

    private func refusesTooLarge(_ member: Member) throws -> Bool {
        guard member.size ?? 0 > settings.fileBytes else { return false }
        try files.fail(
            member.id,
            .tooLarge,
            "File \(member.size ?? 0) bytes exceeds the limit \(settings.fileBytes) bytes.",
            after: settings.after,
            in: run,
            at: clock.now()
        )
        return true
    }

    private static func entry(of member: Member) -> InboxEntry? {
        guard let path = RemotePath(bytes: member.path), let name = path.name else { return nil }
        return InboxEntry(directory: path.parent, name: name, size: member.size, modified: member.mtime)
    }
}

extension InboxFailure {
    /// What was met, for people; escaped.
    var message: String {
        switch self {
        case .unreachable(let text), .hostKeyMismatch(let text), .authRefused(let text),
            .protocolError(let text),
            .permission(let text), .timedOut(let text), .uncertain(let text), .sinkFailed(let text),
            .other(let text):
            text
        case .tooManyEntries: "more entries than a listing may have"
        case .gone: "it is not there"
        case .changed: "it changed"
        case .targetTaken: "something else lies at its destination"
        case .cancelled: "given up"
        }
    }
}
