import Threads

/// How far a load has come.
package struct LoadProgress: Sendable {
    package enum Pass: Sendable {
        /// The first look at the file.
        case survey
        /// Rows are judged and written.
        case load
    }

    package var name: String
    package var pass: Pass
    package var bytes: Int64
    package var size: Int64
    package var rows: Int
}

/// Looks up from the rows now and then: tells how far the load has come, and stops it when it must.
final class Pulse {
    private let file: ReceivedFile
    private let progress: (@Sendable (LoadProgress) -> Void)?
    private let shouldStop: @Sendable () -> Bool
    private var beats = 0
    var pass = LoadProgress.Pass.survey { didSet { beats = 0 } }

    init(
        file: ReceivedFile,
        progress: (@Sendable (LoadProgress) -> Void)?,
        shouldStop: @escaping @Sendable () -> Bool
    ) {
        self.file = file
        self.progress = progress
        self.shouldStop = shouldStop
    }

    /// Called once a row.
    ///
    /// - Throws: ``LoadFailure/interrupted``; the transaction is then rolled back.
    func beat(bytes: Int64) throws(LoadFailure) {
        beats += 1
        if beats & 7 == 0 { StandingBack.giveWay() }
        if beats & 0x3FF == 0 { try look(bytes) }
    }

    /// Called once for some hundred rows.
    ///
    /// - Throws: ``LoadFailure/interrupted``.
    func beat(rows: Int, bytes: Int64) throws(LoadFailure) {
        beats += rows
        try look(bytes)
    }

    private func look(_ bytes: Int64) throws(LoadFailure) {
        if shouldStop() { throw .interrupted }
        progress?(LoadProgress(name: file.name, pass: pass, bytes: bytes, size: file.size, rows: beats))
    }
}
