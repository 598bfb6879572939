import Hummingbird
import Threads

/// Reads what a visitor sends after the headers, so much and no longer.
struct BodyReader: Sendable {
    private let body: RequestBody
    private let declared: Int?
    private let limits: PageSettings.Limits

    /// `declared`: its length in bytes as the headers have it.
    init(_ body: RequestBody, declared: Int?, limits: PageSettings.Limits) {
        self.body = body
        self.declared = declared
        self.limits = limits
    }

    /// The whole of it.
    ///
    /// - Throws: ``Refusal``.
    func whole(upTo limit: Int) async throws -> [UInt8] {
        let (body, limits) = (body, limits)
        return try await Deadline.within(limits.form) {
            var bytes: [UInt8] = []
            var swallowed = 0
            for try await chunk in body {
                if bytes.count + chunk.readableBytes <= limit, swallowed == 0 {
                    bytes += chunk.readableBytesView
                } else {
                    swallowed += chunk.readableBytes
                    if swallowed > limits.swallowedBytes { break }
                }
            }
            guard swallowed == 0 else { throw Refusal.tooLarge(limit) }
            return bytes
        }
    }

    /// Hands it over piece by piece.
    ///
    /// - Throws: ``Refusal``, or what `take` throws.
    func pieces(upTo limit: Int, _ take: @escaping @Sendable (ByteBuffer) throws -> Void) async throws {
        let (body, limits) = (body, limits)
        let time = limits.form + .seconds(Int64(min(declared ?? limit, limit) / limits.uploadBytesPerSecond))
        try await Deadline.within(time) {
            var count = 0
            for try await chunk in body {
                count += chunk.readableBytes
                if count > limit {
                    if count > limit + limits.swallowedBytes { break }
                } else {
                    try take(chunk)
                }
            }
            guard count <= limit else { throw Refusal.tooLarge(limit) }
        }
    }

    /// Swallows what comes, up to a bound: who is still talking does not hear the answer.
    func swallow() async {
        let (body, limits) = (body, limits)
        // Whatever is wrong with it, it is not wanted anyway.
        try? await Deadline.within(.seconds(2)) {
            var swallowed = 0
            for try await chunk in body {
                swallowed += chunk.readableBytes
                if swallowed > limits.swallowedBytes { break }
            }
        }
    }
}

/// Work that must be done in time.
enum Deadline {
    /// - Throws: ``Refusal/tooSlow``, or what the work throws.
    static func within<Value: Sendable>(
        _ time: Duration,
        _ work: @escaping @Sendable () async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await work() }
            group.addTask {
                try await Task.pause(for: time)
                return nil
            }
            defer { group.cancelAll() }
            guard let first = try await group.next(), let value = first else { throw Refusal.tooSlow }
            return value
        }
    }
}
