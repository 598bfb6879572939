import Glibc

/// A known_hosts file, read for one host.
///
/// libssh would pass over every line with a marker, also a `@revoked` one, and stop at the first damaged line; so the
/// lines are taken apart here, and the library only says what a single one means.
struct KnownHosts {
    /// What the file says of a key.
    enum Verdict: Equatable {
        case accepted
        /// The host has other keys here.
        case mismatch
        case unknown
        case revoked(line: Int)
    }

    /// The keys that the file has for the host, in its order.
    private(set) var keys: [SSHTransport.OfferedKey] = []
    private var revoked: [(line: Int, key: SSHTransport.OfferedKey)] = []

    /// - Throws: ``SFTPFailure/badSettings(_:)`` when the file cannot be read, or has a line for this host that cannot
    ///   be understood.
    init(path: String, host: String, port: Int) throws(SFTPFailure) {
        let name = Self.name(host: host, port: port)
        guard let text = Self.content(path) else {
            throw .badSettings("\(path): \(String(cString: strerror(errno)))")
        }
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" || $0 == "\r" })
            guard let first = words.first, !first.hasPrefix("#") else { continue }
            let number = index + 1
            switch first {
            case "@revoked":
                // Whoever the line is about: a key that was revoked once is not accepted from anybody.
                let rest = (["*"] + words.dropFirst(2)).joined(separator: " ")
                guard case .key(let key) = SSHTransport.knownHosts(rest, for: "any") else {
                    throw .badSettings("\(path): line \(number) is malformed")
                }
                revoked.append((number, key))
            case let marker where marker.hasPrefix("@"):
                throw .badSettings(
                    "\(path): line \(number): \(marker) is not supported; pin the host's own key"
                )
            default:
                switch SSHTransport.knownHosts(words.joined(separator: " "), for: name) {
                case .key(let key): keys.append(key)
                case .other: break
                case .malformed: throw .badSettings("\(path): line \(number) is malformed")
                }
            }
        }
    }

    func verdict(on offered: SSHTransport.OfferedKey) -> Verdict {
        if let found = revoked.first(where: { $0.key.base64 == offered.base64 }) {
            return .revoked(line: found.line)
        }
        if keys.contains(where: { $0.base64 == offered.base64 }) { return .accepted }
        return keys.isEmpty ? .unknown : .mismatch
    }

    /// How known_hosts files name a host.
    static func name(host: String, port: Int) -> String { port == 22 ? host : "[\(host)]:\(port)" }

    private static func content(_ path: String) -> String? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 16 << 10)
        while true {
            let count = fread(&chunk, 1, chunk.count, file)
            if count == 0 { return ferror(file) == 0 ? String(decoding: bytes, as: UTF8.self) : nil }
            bytes += chunk[..<count]
        }
    }
}
