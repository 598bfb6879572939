import Intake
import Ledger
import Receivables
import Threads

/// Loads the received members of a run's batch, type by type; parked rows heal right after their parents' files.
struct RunLoad: Sendable {
    let run: OpenRun
    let files: FileLedger
    let spool: Spool
    let book: SpoolLedger
    let settings: RunSettings
    let steps: RunSteps
    let clock: RunClock
    let stop: RunStop
    let deadline: Duration
    let progress: (@Sendable (RunProgress) -> Void)?

    /// How many members are read from the ledger at a time.
    private static let lot = 1000

    func callAsFunction() async throws {
        try settleUnloadable()
        try await files.forLoads(loadAll)
    }

    private func loadAll() async throws {
        guard var batch = try readBatch() else { return }
        ResidentCode.letGo(forFiles: batch.files.count)
        var queue = try Queue(batch, waiting: waiting())
        var healed: Set<String> = []
        for type in Catalogue.types {
            if queue.next?.type.name == type.name,
                try await onOwnThread({ [steps, batch] in try steps.isDistrusted(type, batch) })
            {
                batch.suspended.insert(type.name)
            }
            while let file = queue.next, file.type.name == type.name {
                if stop.isSet { throw RunInterruption() }
                guard clock.uptime() < deadline else {
                    try files.defer(queue.rest, reason: .runDeadline, in: run.id, at: clock.now())
                    queue.end()
                    break
                }
                progress?(.loading(name: file.name, file: queue.taken + 1, of: queue.count))
                guard try await load(file, in: batch, queue) else { return }
                queue.take()
            }
            if stop.isSet { throw RunInterruption() }
            // Rows that heal may be the parents of others.
            guard try healed.contains(type.name) || files.appliedTypes(in: run.id).contains(type.name) else {
                continue
            }
            healed.formUnion(try await onOwnThread { [steps, batch] in try steps.heal(type, batch) })
        }
    }

    /// Every received member, also those that are settled: siblings count as if nothing had interrupted the run.
    private func readBatch() throws -> Batch? {
        var all: [ReceivedFile] = []
        var last: Int64 = 0
        while case let members = try files.received(in: run.id, after: last, limit: Self.lot),
            !members.isEmpty
        {
            last = members.last?.id ?? last
            for member in members {
                if let file = ReceivedFile(member, in: spool) { all.append(file) }
            }
        }
        let day = Day(at: Int(clamping: run.slot.seconds), in: settings.zone) ?? Day(at: 0, in: "UTC")
        return day.map { Batch(run: run.id, slot: run.slot, day: $0, files: all) }
    }

    private func waiting() throws -> Set<Int64> {
        var waiting: Set<Int64> = []
        try forEachWaiting { waiting.insert($0.id) }
        return waiting
    }

    private func forEachWaiting(_ body: (Member) throws -> Void) throws {
        var last: Int64 = 0
        while case let members = try files.toLoad(in: run.id, after: last, limit: Self.lot), !members.isEmpty
        {
            last = members.last?.id ?? last
            for member in members { try body(member) }
        }
    }

    /// The files of a batch that are still to be loaded, in load order.
    private struct Queue {
        private let files: [ReceivedFile]
        private let places: [Int]
        private(set) var taken = 0

        init(_ batch: Batch, waiting: Set<Int64>) {
            files = batch.files
            places = batch.files.indices.filter { waiting.contains(batch.files[$0].fileID) }
        }

        var count: Int { places.count }
        var next: ReceivedFile? { taken < places.count ? files[places[taken]] : nil }
        /// The next file and those that follow it.
        var rest: [Int64] { places[taken...].map { files[$0].fileID } }

        mutating func take() { taken += 1 }
        mutating func end() { taken = places.count }
    }

    /// Returns whether it makes sense to go on with the next file.
    private func load(_ file: ReceivedFile, in batch: Batch, _ queue: Queue) async throws -> Bool {
        do {
            try await onOwnThread { [steps, stop] in
                try steps.load(file, batch) { stop.isOverdue }
            }
            return true
        } catch LoadFailure.interrupted {
            throw RunInterruption()
        } catch LoadFailure.spool(let code) {
            let reason = SpoolFailure.io("read", code).description
            try files.defer(
                [file.fileID],
                reason: .fetchFailed,
                message: reason,
                in: run.id,
                at: clock.now()
            )
            return true
        } catch {
            switch LedgerTrouble(error) {
            case .busy:
                try files.defer([file.fileID], reason: .ledgerBusy, in: run.id, at: clock.now())
                return true
            case .full:
                // Small writes may still pass where a load does not; if not, the run is resumed later.
                try files.defer(queue.rest, reason: .diskLow, in: run.id, at: clock.now())
                let free = try spool.freeBytes()
                try book.noteDisk(isLow: true, freeBytes: free, run: run.id, at: clock.now())
                return false
            case nil: throw error
            }
        }
    }

    /// Settles what no loader takes: files of no type, and files whose copy is lost.
    private func settleUnloadable() throws {
        try forEachWaiting { member in
            if let copy = member.sha256, !spool.holds(copy) {
                try files.forget(member.id, in: run.id, at: clock.now())
            } else if member.type.flatMap(Catalogue.type(named:)) == nil {
                let finding = Finding.unknownType(name: member.name)
                try files.fail(
                    member.id,
                    finding.code,
                    finding.message(),
                    after: settings.after,
                    in: run.id,
                    at: clock.now()
                )
            }
        }
    }
}
