import Ledger
import Synchronization

/// Makes guessing slow: after a few failures each further one costs twice as long a wait, for the account and, later,
/// for the address that it comes from.
final class Attempts: Sendable {
    private struct Record {
        var failures = 0
        var lastAt: Timestamp
    }

    private struct Rule {
        /// So many failures are free.
        let free: Int
        /// The longest wait, in seconds.
        let longest: Int64
    }

    private static let account = Rule(free: 5, longest: 300)
    // Behind a proxy everybody comes from one address.
    private static let address = Rule(free: 30, longest: 30)
    /// A failure is forgotten after a quarter of an hour.
    static let memory: Int64 = 900
    private static let limit = 10_000

    private let records = Mutex<[String: Record]>([:])

    /// How many seconds to wait before the next attempt; 0 when it may be made.
    func wait(account: String, address: String, now: Timestamp) -> Int64 {
        records.withLock { records in
            max(
                Self.wait(records[Self.key(account: account)], Self.account, now),
                Self.wait(records[Self.key(address: address)], Self.address, now)
            )
        }
    }

    func noteFailure(account: String, address: String, now: Timestamp) {
        records.withLock { records in
            if records.count >= Self.limit {
                records = records.filter { now.seconds - $0.value.lastAt.seconds < Self.memory }
                // Who tries ten thousand names in a quarter of an hour makes everybody's failures count for nothing;
                // the address has its own.
                if records.count >= Self.limit { records = records.filter { $0.key.hasPrefix("@") } }
            }
            for key in [Self.key(account: account), Self.key(address: address)] {
                var record = records[key] ?? Record(lastAt: now)
                if now.seconds - record.lastAt.seconds >= Self.memory { record.failures = 0 }
                record.failures += 1
                record.lastAt = now
                records[key] = record
            }
        }
    }

    /// Takes in what the ledger knows of an attempt before the last start; in their order.
    func recall(_ attempt: SessionLedger.Attempt) {
        noteFailure(account: attempt.email ?? "", address: attempt.address, now: attempt.at)
        if attempt.isRight { noteSuccess(account: attempt.email ?? "", address: attempt.address) }
    }

    /// It was no failure after all; the account's are forgotten, the address's are not, since one account may be the
    /// guesser's own.
    func noteSuccess(account: String, address: String) {
        records.withLock { records in
            records[Self.key(account: account)] = nil
            records[Self.key(address: address)]?.failures -= 1
        }
    }

    // A name may be of any length.
    private static func key(account: String) -> String {
        "#" + Digests.hex(Digests.sha256(Array(account.lowercased().utf8)).prefix(16))
    }

    private static func key(address: String) -> String { "@" + address }

    private static func wait(_ record: Record?, _ rule: Rule, _ now: Timestamp) -> Int64 {
        guard let record, record.failures > rule.free else { return 0 }
        let doublings = min(record.failures - rule.free - 1, 20)
        let wait = min(Int64(1) << Int64(doublings), rule.longest)
        // A clock that was set back is no reason to wait for longer.
        let passed = max(0, now.seconds - record.lastAt.seconds)
        return max(0, wait - passed)
    }
}
