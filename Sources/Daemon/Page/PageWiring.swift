import Ledger
import StatusPage

/// The status page put together for an open drop.
enum PageWiring {
    /// The page that the configuration names; `nil`: none, and nothing of it is made.
    static func server(of drop: OpenDrop, time: any WallTime, pulse: Pulse) throws -> PageServer? {
        guard let page = drop.live.current.page, let address = page.listen else { return nil }
        let now: @Sendable () -> Timestamp = { time.now }
        let desk = PageDesk(drop, pulse: pulse, now: now)
        return try PageServer(
            PageSettings(
                address: address,
                host: page.host,
                temporaryFolder: try drop.state.folder("tmp")
            ),
            ledger: drop.ledger,
            desk: desk,
            areas: areas(of: drop, desk: desk),
            version: Version.current,
            now: now,
            logger: drop.logger
        )
    }

    /// What the page consists of, in the order of its navigation.
    private static func areas(of drop: OpenDrop, desk: PageDesk) -> [any Area] {
        [OverviewArea(desk: desk)]
    }
}
