import Intake
import Ledger
import Receivables
import StatusPage
import Threads

/// What the page shows of a drop, and the service that keeps its figures.
struct PageContent {
    let source: PageSource
    /// Works out what a request must not wait for.
    let service: EventService

    init(_ drop: OpenDrop, now: @escaping @Sendable () -> Timestamp) throws {
        // Of its own: whoever reads the page never takes a connection from the loader.
        let ledger = try Ledger.openReadOnly(path: drop.state.path(of: "ledger.sqlite"))
        let directory = FileDirectory(ledger)
        let figures = PageFigures(ledger, now: now) { [live = drop.live] in
            Day(at: Int(now().seconds), in: live.current.zone)
        }
        source = PageSource(
            ledger: ledger,
            directory: directory,
            figures: figures,
            copies: DropCopies(drop: drop, spool: try Spool(folder: drop.state.folder("spool"))),
            schedule: { [live = drop.live] in Schedule(minute: live.current.schedule.minute) }
        )
        let bell = Bell()
        drop.ledger.whenCommitted { bell.ring() }
        service = EventService("page figures", on: bell, logger: drop.logger) {
            try await onOwnThread { try directory.refresh() }
            return try await StandingBack.$isOn.withValue(true) {
                try await onOwnThread { try figures.refresh() }
            }
        }
    }

    /// The pages, in the order of their navigation.
    var areas: [any Area] {
        [
            OverviewArea(source), FilesArea(source), StoryArea(source), RunsArea(source),
            PicturesArea(source),
            TypesArea(), APIArea(source),
        ]
    }
}
