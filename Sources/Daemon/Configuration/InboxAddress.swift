import Foundation

/// Where an inbox lies: `sftp://user@host:port/path` or `file:///path`.
package enum InboxAddress: Sendable, Hashable {
    /// A folder on an SFTP server.
    ///
    /// `path` is absolute, or relative to the login folder: `/~/drop` in the URL is `drop` here, no path at all is `.`.
    case sftp(user: String, host: String, port: Int, path: String)

    /// A folder on this host, by its absolute path.
    case folder(path: String)

    /// Reads an inbox URL.
    package static func read(_ text: String) -> Result<InboxAddress, InvalidValue> {
        guard let scheme = text.range(of: "://") else {
            return .failure(InvalidValue("expected sftp://user@host:port/path or file:///path"))
        }
        let rest = text[scheme.upperBound...]
        switch text[..<scheme.lowerBound].lowercased() {
        case "sftp": return sftp(rest)
        case "file": return folder(rest)
        default:
            return .failure(
                InvalidValue(
                    "expected sftp:// or file://, found \(DisplayedValue(String(text[..<scheme.upperBound])))"
                )
            )
        }
    }

    private static func folder(_ rest: Substring) -> Result<InboxAddress, InvalidValue> {
        guard rest.hasPrefix("/") else {
            return .failure(InvalidValue("expected an absolute path, as in file:///srv/drop"))
        }
        return path(rest).map { .folder(path: $0) }
    }

    private static func sftp(_ rest: Substring) -> Result<InboxAddress, InvalidValue> {
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        let authority = rest[..<slash]
        guard let at = authority.lastIndex(of: "@"), at > authority.startIndex else {
            return .failure(InvalidValue("expected a user, as in sftp://user@host/path"))
        }
        guard !authority[..<at].contains(":") else {
            return .failure(
                InvalidValue("a password never stands here; name a credential with inbox.password")
            )
        }
        guard let user = authority[..<at].removingPercentEncoding, !hasControl(user) else {
            return .failure(InvalidValue("the user's name cannot be read"))
        }
        let server = ServerName.read(authority[authority.index(after: at)...], port: 22)
        return server.flatMap { server in
            path(rest[slash...]).map {
                .sftp(user: user, host: server.host, port: server.port, path: loginRelative($0))
            }
        }
    }

    private static func path(_ text: Substring) -> Result<String, InvalidValue> {
        guard var path = text.removingPercentEncoding, !hasControl(path) else {
            return .failure(InvalidValue("the path cannot be read"))
        }
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        guard !path.split(separator: "/").contains("..") else {
            return .failure(InvalidValue("the path may not contain .."))
        }
        return .success(path)
    }

    private static func loginRelative(_ path: String) -> String {
        if path.isEmpty || path == "/~" { return "." }
        return path.hasPrefix("/~/") ? String(path.dropFirst(3)) : path
    }

    private static func hasControl(_ text: String) -> Bool {
        text.unicodeScalars.contains { $0.properties.generalCategory == .control }
    }
}
