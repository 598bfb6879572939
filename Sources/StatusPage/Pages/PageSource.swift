package import Ledger
import Threads

/// What the pages about files and figures are made from.
package struct PageSource: Sendable {
    package let ledger: Ledger
    package let directory: FileDirectory
    package let figures: PageFigures
    package let copies: any Copies
    /// The schedule in force.
    package let schedule: @Sendable () -> Schedule

    package init(
        ledger: Ledger,
        directory: FileDirectory,
        figures: PageFigures,
        copies: any Copies,
        schedule: @escaping @Sendable () -> Schedule
    ) {
        self.ledger = ledger
        self.directory = directory
        self.figures = figures
        self.copies = copies
        self.schedule = schedule
    }

    /// Asks the ledger on a thread that may wait; those on which requests are served are as many as the processor has
    /// cores.
    func ask<Value: Sendable>(_ work: @escaping @Sendable (PageSource) throws -> Value) async throws -> Value
    {
        try await onOwnThread { try work(self) }
    }

    /// The file of an id.
    ///
    /// - Throws: ``Refusal`` when there is none.
    func file(_ id: Int64) throws -> FileRow {
        guard let file = try FileQueries(ledger).file(id) else { throw Refusal.unknown("file") }
        return file
    }
}
