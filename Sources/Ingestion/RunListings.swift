import Intake
import Ledger

/// The two looks at the inbox that a plan is made from.
struct RunListings: Sendable {
    let run: OpenRun
    let inbox: any Inbox
    let runs: RunLedger
    let settings: RunSettings
    let clock: RunClock
    let stop: RunStop
    let progress: (@Sendable (RunProgress) -> Void)?

    /// What was seen.
    struct Taken {
        var cutOff: [ListedEntry]
        var confirmation: [ListedEntry]
        /// Files that are only to be looked at, and did not change in between; none when the first look was before an
        /// interruption.
        var validations: [InboxEntry] = []
    }

    /// Takes the cut-off listing, or remembers the one of before an interruption, waits, and takes the confirmation.
    func take(_ layout: InboxLayout) async throws -> Taken {
        progress?(.listing)
        let giveUpAt = clock.uptime() + settings.retryFor
        let validate = ValidateFolders(inbox: inbox)
        let cutOff: [ListedEntry]
        var early: [InboxEntry] = []
        if run.hasCutOff {
            cutOff = try runs.cutOff(of: run.id).compactMap { layout.entry(of: $0) }
        } else {
            let listing = try await list(layout, until: giveUpAt)
            cutOff = layout.entries(in: listing)
            ResidentCode.letGo(forFiles: cutOff.count)
            try runs.remember(cutOff.lazy.map(\.sighting), of: run.id)
            try runs.noteReached(in: run.id, at: clock.now())
            early = try await stop.orFinish { try await validate.files(beside: listing) }
            // One listing is both when nobody wants a second look.
            if settings.quietPeriod == .zero {
                return Taken(cutOff: cutOff, confirmation: cutOff, validations: early)
            }
        }
        progress?(.quiet(settings.quietPeriod))
        try await stop.orFinish { [clock, settings] in try await clock.sleep(settings.quietPeriod) }
        progress?(.listing)
        let again = clock.uptime() + settings.retryFor
        let listing = try await list(layout, until: again)
        try runs.noteReached(in: run.id, at: clock.now())
        var taken = Taken(cutOff: cutOff, confirmation: layout.entries(in: listing))
        if !early.isEmpty {
            let late = Set(try await stop.orFinish { try await validate.files(beside: listing) })
            taken.validations = early.filter(late.contains)
        }
        return taken
    }

    /// As ``FetchMarkers/vouched(among:)``; a marker that cannot be read ends the run like a listing that cannot be taken.
    func vouched(among entries: [ListedEntry]) async throws -> Set<[UInt8]>? {
        let markers = FetchMarkers(marker: settings.marker, inbox: inbox)
        do {
            return try await stop.orFinish { try await markers.vouched(among: entries) }
        } catch let failure as InboxFailure {
            throw ListingFailure(failure)
        }
    }

    /// Lists all folders, again and again while the inbox cannot be reached.
    private func list(
        _ layout: InboxLayout,
        until giveUpAt: Duration
    ) async throws -> [RemotePath: [InboxEntry]] {
        var pause = Duration.seconds(5)
        while true {
            do {
                return try await stop.orFinish { [self] in try await listOnce(layout) }
            } catch let failure as InboxFailure {
                // An operator who asked for a run wants to hear at once that there is none.
                guard failure.mayPass, run.trigger != .request, clock.uptime() + pause < giveUpAt else {
                    throw ListingFailure(failure)
                }
            }
            let nap = pause
            try await stop.orFinish { [clock] in try await clock.sleep(nap) }
            pause = min(pause * 2, .seconds(60))
        }
    }

    private func listOnce(_ layout: InboxLayout) async throws -> [RemotePath: [InboxEntry]] {
        let listing: [RemotePath: [InboxEntry]]
        do {
            listing = try await inbox.list(layout.directories)
        } catch {
            guard case .permission = error else { throw error }
            return try await listOneByOne(layout)
        }
        // A share that is not mounted shows nothing: that is no empty inbox.
        guard listing[.root] != nil else { throw InboxFailure.unreachable("the inbox is not there") }
        return listing
    }

    /// Finds the folder that may not be listed: only where customers drop does it matter.
    private func listOneByOne(_ layout: InboxLayout) async throws -> [RemotePath: [InboxEntry]] {
        var listing: [RemotePath: [InboxEntry]] = [:]
        for directory in layout.directories {
            do {
                listing.merge(try await inbox.list([directory])) { _, later in later }
            } catch {
                guard case .permission(let text) = error else { throw error }
                guard layout.isDropPlace(directory) else { continue }
                throw InboxFailure.permission("\(directory.text): \(text)")
            }
        }
        return listing
    }
}

/// No listing could be taken.
struct ListingFailure: Error {
    var reason: RunFailureReason
    var message: String

    init(_ failure: InboxFailure) {
        message = failure.message
        switch failure {
        case .hostKeyMismatch: reason = .hostKeyMismatch
        case .authRefused: reason = .authRefused
        case .protocolError: reason = .protocolError
        case .tooManyEntries: reason = .tooManyEntries
        case .unreachable, .permission, .gone, .changed, .timedOut, .targetTaken, .uncertain, .sinkFailed,
            .cancelled, .other:
            reason = .unreachable
        }
    }
}

extension InboxFailure {
    /// Whether trying again in a while is worth it, and harmless.
    fileprivate var mayPass: Bool {
        switch self {
        case .unreachable, .timedOut, .other, .gone: true
        case .hostKeyMismatch, .authRefused, .protocolError, .tooManyEntries, .permission, .changed,
            .targetTaken, .uncertain, .sinkFailed, .cancelled:
            false
        }
    }
}
