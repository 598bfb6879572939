import Daemon
import Foundation
import Synchronization

/// One line on the terminal that says how far the work has come: bytes, rows and rate of the file in hand.
///
/// It is there for somebody who watches; into a pipe or a log nothing of it is written.
final class ProgressLine: Sendable {
    private struct State {
        var name = ""
        var began = ContinuousClock.now
        var lastShown: ContinuousClock.Instant?
        var isShown = false
    }

    private let isOn: Bool
    private let state = Mutex(State())

    init(isOn: Bool) {
        self.isOn = isOn && isatty(STDERR_FILENO) == 1 && isatty(STDOUT_FILENO) == 1
    }

    var teller: WorkProgress.Teller? {
        guard isOn else { return nil }
        return { [self] progress in show(progress) }
    }

    /// Takes the line away before something else is printed.
    func clear() {
        state.withLock { state in
            if state.isShown { Self.write("\r\u{1B}[K") }
            state.isShown = false
        }
    }

    private func show(_ progress: WorkProgress) {
        state.withLock { state in
            let now = ContinuousClock.now
            let key = progress.stage.rawValue + progress.name
            if state.name != key { state = State(name: key, began: now, isShown: state.isShown) }
            if let last = state.lastShown, last + .milliseconds(200) > now { return }
            state.lastShown = now
            state.isShown = true
            Self.write("\r\u{1B}[K" + Self.line(progress, after: now - state.began))
        }
    }

    private static func line(_ progress: WorkProgress, after elapsed: Duration) -> String {
        let seconds = max(elapsed / .seconds(1), 0.001)
        let megabytes = Double(progress.bytes) / 1_000_000
        var line = "\(progress.stage.rawValue) \(progress.name)"
        if progress.size > 0 { line += "  \(min(100, progress.bytes * 100 / progress.size)) %" }
        line += String(format: "  %.1f MB", megabytes)
        if progress.rows > 0 {
            line += String(format: "  %d rows  %.0f rows/s", progress.rows, Double(progress.rows) / seconds)
        } else {
            line += String(format: "  %.1f MB/s", megabytes / seconds)
        }
        return line
    }

    private static func write(_ text: String) {
        FileHandle.standardError.write(Data(text.utf8))
    }
}
