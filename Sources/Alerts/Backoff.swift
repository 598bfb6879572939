/// How long a mail waits after an attempt that failed.
enum Backoff {
    /// From this age on a mail that cannot be delivered is given up.
    static let lifetime: Int64 = 5 * 86_400

    /// Seconds to wait after so many attempts: a minute, doubling to an hour, a fifth more or less by chance (0 to 1).
    static func seconds(after attempts: Int, jitter: Double) -> Int64 {
        let doublings = min(max(attempts, 1), 7) - 1
        return spread(min(60 << doublings, 3600), jitter).clamped(to: 60...3600)
    }

    /// Seconds to wait when someone must act first: a quarter of an hour.
    static func secondsUntilMended(jitter: Double) -> Int64 { spread(900, jitter) }

    private static func spread(_ seconds: Int, _ jitter: Double) -> Int64 {
        let share = jitter.isFinite ? min(max(jitter, 0), 1) : 0.5
        return Int64(Double(seconds) * (0.8 + 0.4 * share))
    }
}

extension Int64 {
    fileprivate func clamped(to range: ClosedRange<Int64>) -> Int64 {
        Swift.min(Swift.max(self, range.lowerBound), range.upperBound)
    }
}
