import Ledger
package import Logging
import StatusPage

/// `ledgerdrop run`: the daemon, from the open drop to the last line of its log.
package enum RunVerb {
    /// Runs until it is told to stop.
    ///
    /// - Throws: What kept it from starting, or ended it; its exit status is ``ExitStatus/init(_:)``.
    package static func run(
        _ configuration: Configuration,
        path: String,
        secrets: Secrets,
        logger: Logger
    ) async throws {
        let time = HostTime()
        let drop = try OpenDrop(
            LiveConfiguration(configuration, secrets: secrets, path: path),
            purpose: "run",
            checksAlways: true,
            tellsEvents: true,
            at: time.now,
            logger: logger
        )
        let pulse = Pulse()
        let wiring = try await Wiring.make(drop, time: time, pulse: pulse)
        try Wiring.requirePin(drop, at: time.now)
        let page = try PageWiring.make(of: drop, time: time, pulse: pulse)
        try await start(wiring.work, drop, time, wiring, page, pulse)
    }

    private static func start(
        _ work: some DropWork,
        _ drop: OpenDrop,
        _ time: HostTime,
        _ wiring: Wiring,
        _ page: PageWiring?,
        _ pulse: Pulse
    ) async throws {
        let daemon = DropDaemon(
            drop,
            work: work,
            time: time,
            background: wiring.background + (page?.background ?? []),
            page: page?.server,
            reloaded: wiring.reloaded,
            manager: ServiceManager(),
            pulse: pulse,
            summary: { summary(drop, time) }
        )
        try await daemon.run()
    }

    private static func summary(_ drop: OpenDrop, _ time: HostTime) -> String {
        // A status line is a courtesy; without the ledger there is just none.
        guard let overview = try? StatusQueries(drop.ledger).overview() else { return drop.live.current.name }
        return StatusReport(
            drop.live.current,
            overview: overview,
            arrivals: (try? ArrivalLedger(drop.ledger).all()) ?? [],
            disk: DiskUse.of(path: drop.state.path, ledger: drop.ledger),
            holder: "us",
            now: time.now
        ).line
    }
}
