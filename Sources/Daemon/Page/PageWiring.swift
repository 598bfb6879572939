import Foundation
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
        try removeLeftUploads(in: drop.state.folder("tmp"))
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
            areas: content.areas + areas(of: drop, desk: desk, now: now),
            version: Version.current,
            now: now,
            logger: drop.logger
        )
        return PageWiring(server: server, background: [content.service])
    }

    /// What is asked of the daemon or of the ledger alone, behind what the page shows of files.
    private static func areas(
        of drop: OpenDrop,
        desk: PageDesk,
        now: @escaping @Sendable () -> Timestamp
    ) throws -> [any Area] {
        let previews = try FilePreview(of: drop, now: now)
        return [
            ReconciliationArea(ledger: drop.ledger),
            CheckArea(fileBytes: drop.live.current.limits.fileBytes) { path, name, type in
                try await previews.check(path, named: name, type: type, scope: CheckArea.scope)
            },
            RecipientArea(ledger: drop.ledger, desk: desk), MailArea(ledger: drop.ledger, desk: desk),
            ActionArea(ledger: drop.ledger, desk: desk),
        ]
    }

    /// Removes files that a page was given whose daemon was killed while it looked at them.
    private static func removeLeftUploads(in folder: String) throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        for name in names where name.hasPrefix("upload-") { unlink("\(folder)/\(name)") }
    }
}
