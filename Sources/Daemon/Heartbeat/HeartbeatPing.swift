import CCurl
import Foundation
import Synchronization
import Threads

/// One request to the service that notices when we fall silent.
///
/// The address identifies the check there, so no message ever holds it.
struct HeartbeatPing: Sendable {
    /// What is told by the end of the path.
    enum Word: Sendable, Equatable {
        case start
        /// The exit status that the run would end a command with.
        case end(Int32)

        var path: String {
            switch self {
            case .start: "start"
            case .end(let status): "\(status)"
            }
        }
    }

    /// Why nobody took it, without the address.
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private static let isReady = ld_global_init() == CURLE_OK
    let url: String
    private let body: String?

    /// - Parameters:
    ///   - address: `heartbeat.url`.
    ///   - word: What happened.
    ///   - id: Names the run to the service, a UUID.
    ///   - body: A few words; `nil` for a plain GET.
    init?(_ address: String, _ word: Word, id: String, body: String? = nil) {
        guard var parts = URLComponents(string: address) else { return nil }
        parts.path += (parts.path.hasSuffix("/") ? "" : "/") + word.path
        parts.queryItems = (parts.queryItems ?? []) + [URLQueryItem(name: "rid", value: id)]
        guard let url = parts.string else { return nil }
        self.url = url
        self.body = body
    }

    /// Sends it, on a thread of its own; a cancelled task ends it within a second.
    ///
    /// - Parameter limit: For the whole of it.
    /// - Throws: ``Failure`` when it was not answered well.
    func send(within limit: Duration = .seconds(10)) async throws {
        let flag = Flag()
        try await withTaskCancellationHandler {
            try await onOwnThread { try perform(flag, limit) }
        } onCancel: {
            flag.isSet.store(true, ordering: .relaxed)
        }
    }

    private final class Flag: Sendable {
        let isSet = Atomic<Bool>(false)
    }

    private func perform(_ flag: Flag, _ limit: Duration) throws {
        guard Self.isReady, let curl = curl_easy_init() else { throw Failure(description: "no memory") }
        defer { curl_easy_cleanup(curl) }
        let milliseconds = max(1, Int(limit / .milliseconds(1)))
        var results = [
            ld_set_text(curl, CURLOPT_URL, url),
            ld_set_text(curl, CURLOPT_PROTOCOLS_STR, "http,https"),
            ld_set_text(curl, CURLOPT_USERAGENT, "ledgerdrop/\(Version.current)"),
            ld_set_long(curl, CURLOPT_NOSIGNAL, 1),
            ld_set_long(curl, CURLOPT_TIMEOUT_MS, milliseconds),
            ld_set_long(curl, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
            ld_set_write(curl, { _, size, count, _ in size * count }, nil),
            ld_set_progress(
                curl,
                { context, _, _, _, _ in
                    guard let context else { return 0 }
                    let flag = Unmanaged<Flag>.fromOpaque(context).takeUnretainedValue()
                    return flag.isSet.load(ordering: .relaxed) ? 1 : 0
                },
                Unmanaged.passUnretained(flag).toOpaque()
            ),
        ]
        if let body { results.append(ld_set_text(curl, CURLOPT_COPYPOSTFIELDS, body)) }
        var code = results.first { $0 != CURLE_OK } ?? CURLE_OK
        if code == CURLE_OK { code = withExtendedLifetime(flag) { curl_easy_perform(curl) } }
        if code == CURLE_ABORTED_BY_CALLBACK { throw CancellationError() }
        // Its own words would name the host at least.
        guard code == CURLE_OK else { throw Failure(description: String(cString: curl_easy_strerror(code))) }
        var status = 0
        ld_get_long(curl, CURLINFO_RESPONSE_CODE, &status)
        guard (200..<300).contains(status) else { throw Failure(description: "HTTP status \(status)") }
    }
}
