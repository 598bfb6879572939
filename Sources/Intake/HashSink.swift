import Synchronization

/// Hashes a file without keeping it, for the second of two reads.
///
/// Bytes that come early are kept in memory until those before them are there: at most one window of the inbox.
package final class HashSink: ByteSink {
    private struct State: ~Copyable {
        var digest: Digest?
        var hashed: Int64 = 0
        var ahead: [Int64: [UInt8]] = [:]
    }

    private let state: Mutex<State>

    package init() throws { state = Mutex(State(digest: try Digest())) }

    package func write(_ bytes: RawSpan, at offset: Int64) throws {
        bytes.withUnsafeBytes { buffer in
            state.withLock { state in
                guard offset == state.hashed else {
                    state.ahead[offset] = Array(buffer)
                    return
                }
                state.digest?.update(buffer)
                state.hashed += Int64(buffer.count)
                while let next = state.ahead.removeValue(forKey: state.hashed) {
                    next.withUnsafeBytes { state.digest?.update($0) }
                    state.hashed += Int64(next.count)
                }
            }
        }
    }

    /// 64 hex digits; `nil` when bytes are missing, and when asked twice.
    package func sha256() -> String? {
        state.withLock { state in
            guard state.ahead.isEmpty else { return nil }
            return state.digest.take()?.finish()
        }
    }
}
