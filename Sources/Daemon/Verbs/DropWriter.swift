import Foundation
import Glibc
import Ledger
package import Logging
import Threads

/// The verbs that change something: the daemon does it on request, and where there is none the verb does it itself.
package struct DropWriter: Sendable {
    private let live: LiveConfiguration
    private let logger: Logger
    private let progress: WorkProgress.Teller?

    /// `progress` is told how far the work has come when the verb does it itself.
    package init(
        _ configuration: Configuration,
        path: String,
        secrets: Secrets,
        logger: Logger,
        progress: WorkProgress.Teller? = nil
    ) {
        live = LiveConfiguration(configuration, secrets: secrets, path: path)
        self.logger = logger
        self.progress = progress
    }

    /// Has it done.
    ///
    /// `limit` is how long the daemon may take; `nil` leaves the request and returns at once.
    package func perform(_ verb: Request.Verb, waiting limit: Duration?) async throws -> Answer {
        let state = try StateDirectory(path: live.current.stateDirectory)
        let request = Request(verb, user: Self.user, at: HostTime().now.text)
        while true {
            switch try await RequestDesk(state).ask(request, waiting: limit) {
            case .answered(let answer): return answer
            case .left(let id):
                return Answer(
                    text: "left as \(id)\n",
                    json: JSONValue.json(of: [("request", .text(id))])
                )
            case .nobodyThere:
                do {
                    return try await performAlone(request)
                } catch is LockRefused {
                    // Somebody came in between; ask them.
                    continue
                }
            }
        }
    }

    /// Asks what a change would come to.
    ///
    /// - Parameter show: Is given the answer, and where its rows lie until it returns.
    package func perform(
        _ preview: Request.Preview,
        waiting limit: Duration,
        show: (Answer, _ rows: String) throws -> Void
    ) async throws {
        let state = try StateDirectory(path: live.current.stateDirectory)
        let rows = try RequestFolder(in: state).rowsPath(preview.rows)
        defer { unlink(rows) }
        try show(try await perform(.preview(preview), waiting: limit), rows)
    }

    private func performAlone(_ request: Request) async throws -> Answer {
        let drop = try OpenDrop(
            live,
            purpose: request.verb.word,
            at: HostTime().now,
            logger: logger
        )
        try await onOwnThread { try drop.checkLedger() }
        let wiring = try await Wiring.make(drop, time: HostTime(), pulse: Pulse(), progress: progress)
        let answer: Answer
        if request.verb == .poll {
            answer = await wiring.work.poll(request)
        } else {
            answer = await wiring.work.serve(request)
            if request.verb.decidesFile { await putAway(wiring) }
        }
        try await wiring.settle()
        try await drop.statusLog.catchUp()
        drop.end()
        return answer
    }

    /// Moves what was decided: nobody else would before the next run.
    private func putAway(_ wiring: Wiring) async {
        do {
            try await wiring.work.tidy()
        } catch {
            // Decided it is all the same, and the next run tries again.
            logger.error("a decided file is not moved yet", metadata: ["error": "\(error)"])
        }
    }

    /// The user who asks, also behind sudo.
    private static var user: String {
        if let user = ProcessInfo.processInfo.environment["SUDO_USER"], !user.isEmpty { return user }
        return getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "\(getuid())"
    }
}
