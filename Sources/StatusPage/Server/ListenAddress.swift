/// Where the page listens: on this machine alone.
///
/// Whoever wants it elsewhere puts a TLS proxy in front.
package enum ListenAddress: Sendable, Equatable {
    case loopback(host: String, port: Int)
    /// A socket that only our own user can open.
    case unix(path: String)

    /// Reads `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080` or `unix:/path`; `nil` for anything else, addresses that
    /// others can reach among them.
    package init?(_ text: String) {
        if text.hasPrefix("unix:") {
            let path = text.dropFirst(5)
            // The kernel's limit, with the byte that ends it.
            guard path.hasPrefix("/"), path.utf8.count < 108, !path.contains("\0") else { return nil }
            self = .unix(path: String(path))
            return
        }
        guard let colon = text.lastIndex(of: ":") else { return nil }
        let digits = text[text.index(after: colon)...]
        guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits),
            (1...65535).contains(port)
        else { return nil }
        switch text[..<colon] {
        case "localhost": self = .loopback(host: "127.0.0.1", port: port)
        case "[::1]": self = .loopback(host: "::1", port: port)
        case let host where Self.isLoopback(host): self = .loopback(host: String(host), port: port)
        default: return nil
        }
    }

    private static func isLoopback(_ host: Substring) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        return parts.count == 4 && parts[0] == 127 && !parts.contains(nil)
    }
}
