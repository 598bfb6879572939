import Foundation

/// A host and a port: `relay.example:587`, `127.0.0.1`, `[::1]:22`.
struct ServerName: Sendable, Equatable {
    let host: String
    let port: Int

    /// Reads a host, in brackets if it is an IPv6 address, perhaps a colon and a port.
    ///
    /// `fallback` is the port when none is named; `nil`: one must be named.
    static func read(_ text: Substring, port fallback: Int?) -> Result<ServerName, InvalidValue> {
        var host = text
        var port = fallback
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            host = text[text.index(after: text.startIndex)..<end]
            let tail = text[text.index(after: end)...]
            port = tail.isEmpty ? fallback : tail.hasPrefix(":") ? wholeNumber(tail.dropFirst()) : nil
        } else if let colon = text.firstIndex(of: ":") {
            host = text[..<colon]
            port = wholeNumber(text[text.index(after: colon)...])
        }
        let allowed = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: ".-_:%"))
        guard !host.isEmpty, host.unicodeScalars.allSatisfy(allowed.contains), !host.hasPrefix("-") else {
            return .failure(InvalidValue("the host's name cannot be read"))
        }
        guard let port, (1...65535).contains(port) else {
            return .failure(InvalidValue("expected a port from 1 to 65535"))
        }
        return .success(ServerName(host: String(host), port: port))
    }
}
