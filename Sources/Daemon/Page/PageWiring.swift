import Ledger
import StatusPage

/// The status page put together for an open drop.
struct PageWiring {
    let server: PageServer
    /// What keeps the page's figures.
    let background: [EventService]

    /// The page that the configuration names; `nil`: none, and nothing of it is made.
    static func make(of drop: OpenDrop, time: any WallTime, pulse: Pulse) throws -> PageWiring? {
        guard let page = drop.live.current.page, let address = page.listen else { return nil }
        let now: @Sendable () -> Timestamp = { time.now }
        let desk = PageDesk(drop, pulse: pulse, now: now)
        let content = try PageContent(drop, now: now)
        let server = try PageServer(
            PageSettings(
                address: address,
                host: page.host,
                temporaryFolder: try drop.state.folder("tmp")
            ),
            ledger: drop.ledger,
            desk: desk,
            areas: content.areas,
            version: Version.current,
            now: now,
            logger: drop.logger
        )
        return PageWiring(server: server, background: [content.service])
    }
}
