import SFTP
import TestSupport

extension OpenSSHServer {
    /// The server with everything as it should be, and deadlines for tests.
    var endpoint: SFTPEndpoint {
        get throws {
            guard let pin = HostKeyPin(hostKeyPin) else {
                throw SystemError(message: "no pin: \(hostKeyPin)")
            }
            var endpoint = SFTPEndpoint(
                host: host,
                port: port,
                user: user,
                credential: .keyFile(path: clientKey, passphrase: nil),
                hostKeys: HostKeyPolicy(pins: [pin])
            )
            endpoint.connectTimeout = .seconds(60)
            endpoint.stepTimeout = .seconds(60)
            return endpoint
        }
    }

    func connect(_ change: (inout SFTPEndpoint) -> Void = { _ in }) async throws -> SFTPSession {
        var endpoint = try endpoint
        change(&endpoint)
        return try await SFTPSession.connect(endpoint)
    }

    /// The absolute path of something in the served folder.
    func path(_ name: String) -> [UInt8] { Array("\(root)/\(name)".utf8) }
}

/// What a throwing call failed with.
func failure<Value: Sendable>(_ call: () async throws -> Value) async -> SFTPFailure? {
    do {
        _ = try await call()
        return nil
    } catch {
        return error as? SFTPFailure ?? .localFailure("\(error)")
    }
}

/// Bytes that are different everywhere.
func pattern(_ count: Int, seed: Int = 0) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 / 251 &+ seed) }
}
