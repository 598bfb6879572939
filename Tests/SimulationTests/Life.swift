import GRDB
import Ingestion
import Intake
import Ledger
import Logging
import Synchronization

@testable import Daemon

/// One life of the daemon: from a start on a state directory to its end by a signal, a full disk or death.
struct Life {
    /// It ends as it was meant to.
    struct Over: Error {}

    let world: World
    /// Its state directory.
    let state: String
    /// What the next life finds: the disk at the moment of death, or at the end.
    let image: String
    /// When it is told to stop, if it lives so long.
    let end: Timestamp

    private static let silent = Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }

    static func configuration(
        state: String,
        claims: Bool = false,
        expects: Bool = false,
        beats: Bool = false
    ) throws -> Daemon.Configuration {
        let yaml = """
            name: acme
            state_directory: \(state)
            inbox: { url: "file:///inbox", claim: \(claims) }
            alerts: { recipients: [ ar-ops@acme.example, boss@acme.example ], from: ledgerdrop@acme.example }
            limits: { free_bytes: 0 }
            """
        let expected = expects ? "\nexpect: { payment_receipts: { every: 5h, grace: 2h } }" : ""
        let watched = beats ? "\nheartbeat: { url: \"http://watcher.example/check\" }" : ""
        return try Configuration.parse(yaml + expected + watched, file: "acme.yaml", known: .catalogue)
    }

    func live() async throws {
        try await work()
        // As long as its ledger is open: when that is closed, and its log with it, is a matter of which thread lets go last.
        if !world.isDead { try DiskImage.take(of: state, as: image) }
        world.state.withLock { state in
            state.look = { [] }
            state.die = {}
        }
        if world.happens(30) { try DiskImage.forgetUnsynced(in: image) }
    }

    private func work() async throws {
        let configuration = try Self.configuration(
            state: state,
            claims: world.claims,
            expects: world.expects,
            beats: world.beats
        )
        let live = LiveConfiguration(
            configuration,
            secrets: try Secrets(of: configuration, path: "acme.yaml"),
            path: "acme.yaml"
        )
        let stop = Stop()
        // It holds what holds it: nothing of this life would ever be closed.
        defer { stop.whenSet {} }
        let time = WorldTime(world) { stop.set() }
        let drop = try OpenDrop(live, purpose: "run", checksAlways: true, at: time.now, logger: Self.silent)
        world.state.withLock { [state, image, world] held in
            held.die = {
                do { try DiskImage.take(of: state, as: image) } catch { world.violate("no image: \(error)") }
            }
            held.look = { try LedgerAudit.breaches(of: drop.ledger).map(\.message) }
        }
        drop.ledger.whenCommitted { [world] in world.noteCommit() }
        let isTight = world.happens(8)
        if isTight { try leaveLittleRoom(drop.ledger) }
        do {
            try EventLedger(drop.ledger).append(Event(.daemonStarted), at: time.now)
            let wiring = try await wiring(drop, time)
            stop.whenSet { wiring.work.stop() }
            let work = LifeWork(
                engine: wiring.work,
                wiring: wiring,
                arrivals: ArrivalWatch(drop.ledger),
                drop: drop,
                world: world,
                wish: stop,
                end: end
            )
            let requests = try RequestFolder(in: drop.state)
            let schedule = configuration.schedule
            let loop = WorkLoop(
                work,
                time: time,
                requests: requests,
                watch: try FolderWatch(requests.path),
                schedule: { schedule },
                pulse: Pulse(),
                logger: Self.silent
            )
            try await loop.run()
        } catch is Over {
            if !world.isDead { drop.end() }
            world.say("the daemon ends")
        } catch {
            guard !world.isDead else { return }
            world.say("the daemon gives up: \(error)")
            // A service manager starts it again, when there is room again.
            if !isTight { world.violate("the daemon gave up: \(error)") }
        }
    }

    private func wiring(_ drop: OpenDrop, _ time: WorldTime) async throws -> Wiring {
        var surroundings = Surroundings()
        surroundings.clock = time.runClock
        surroundings.inbox = { [world] in
            let inbox = ServerInbox(world: world)
            // One file after the other, so that everything happens in one order.
            return world.claims
                ? ClaimingInbox(inbox, layout: InboxLayout(.folders, marker: .none), owner: "ours", width: 1)
                : inbox
        }
        surroundings.transport = RelayTransport(world: world)
        surroundings.beat = { [world] in try world.hear($0) }
        surroundings.chance = { [world] in Double(world.draw(0...1000)) / 1000 }
        surroundings.disposalsAtOnce = 1
        return try await Wiring.make(
            drop,
            time: time,
            pulse: Pulse(),
            // Within a transaction: the ledger must not be asked anything now.
            progress: { [world] in world.step("\($0.stage) \($0.name), row \($0.rows)", looking: false) },
            in: surroundings
        )
    }

    private func leaveLittleRoom(_ ledger: Ledger) throws {
        let pages = world.draw(0...12)
        let used = try ledger.pool.writeWithoutTransaction { db in
            let used = try Int.fetchOne(db, sql: "PRAGMA page_count") ?? 0
            try db.execute(sql: "PRAGMA max_page_count = \(used + pages)")
            return used
        }
        world.say("the disk has room for \(pages) pages beside the \(used) there are")
    }
}

/// The wish that a life ends.
final class Stop: Sendable {
    private let state = Mutex((isSet: false, body: (@Sendable () -> Void)?.none))

    var isSet: Bool { state.withLock { $0.isSet } }

    func whenSet(_ body: @escaping @Sendable () -> Void) { state.withLock { $0.body = body } }

    func set() {
        let body = state.withLock { state in
            state.isSet = true
            return state.body
        }
        body?()
    }
}

/// The daemon's own work, and beside it, one after the other, what its services do.
private struct LifeWork: DropWork {
    let engine: any DropWork
    let wiring: Wiring
    let arrivals: ArrivalWatch
    let drop: OpenDrop
    let world: World
    let wish: Stop
    let end: Timestamp

    func resume() async throws {
        try await engine.resume()
        try await settle()
    }

    func lastClosedSlot(atOrBefore now: Timestamp) throws -> Timestamp? {
        try engine.lastClosedSlot(atOrBefore: now)
    }

    func skip(_ slots: Schedule.Skip, because reason: SlotLedger.SkipReason) throws {
        try engine.skip(slots, because: reason)
    }

    func run(_ trigger: RunTrigger, slot: Timestamp) async throws {
        try await engine.run(trigger, slot: slot)
        try await settle()
    }

    func serve(_ request: Request) async -> Answer { await engine.serve(request) }

    func poll(_ request: Request) async -> Answer { await engine.poll(request) }

    func tidy() async throws {
        arrivals.noteCaughtUp()
        try await engine.tidy()
        try await settle()
        if world.isCalm, try isAtRest() { throw Life.Over() }
        guard world.state.withLock({ $0.now >= end }) else { return }
        if world.isCalm { world.violate("it does not come to rest: \(try left())") }
        throw Life.Over()
    }

    func nextTidy() throws -> Timestamp? { try engine.nextTidy() }

    func stop() { engine.stop() }

    /// What arrivals, alerts, mail and log do when they are rung for.
    private func settle() async throws {
        if !world.isDead {
            do {
                if world.expects { try await lookAtArrivals() }
                try await wiring.settle()
            } catch {
                world.say("alerts and mail fail: \(error)")
            }
            world.step("the log is told")
            try await drop.statusLog.catchUp()
        }
        if world.isDead || wish.isSet { throw Life.Over() }
    }

    private func lookAtArrivals() async throws {
        guard world.step("look for what is expected") else { return }
        let now = world.state.withLock { $0.now }
        try await arrivals.look(drop.live.current, now: now)
    }

    private func isAtRest() throws -> Bool { try left().isEmpty }

    private func left() throws -> [String] {
        let queued = try drop.ledger.pool.read { db in
            try String.fetchAll(
                db,
                sql: "SELECT 'mail ' || mail_id FROM mail_recipient WHERE state = 'queued'"
            )
        }
        let disposals = try DisposalLedger(drop.ledger).pending()
        return world.state.withLock { $0.server.pending } + queued
            + (disposals > 0 ? ["\(disposals) disposals"] : [])
    }
}
