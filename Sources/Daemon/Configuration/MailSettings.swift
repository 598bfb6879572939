import Foundation

/// The section `mail`: the server that takes our mail.
///
/// Without it mails become `.eml` files.
package struct MailSettings: Sendable, Equatable {
    package enum Security: Sendable {
        /// `smtp://`: plain until STARTTLS, which is demanded.
        case startTLS
        /// `smtps://`: TLS from the first byte.
        case implicitTLS
    }

    /// - `smtp` (URL, required): `smtp://host:port` (587) or `smtps://host:port` (465).
    package var security = Security.startTLS
    package var host = ""
    package var port = 587
    /// - `user` (text, optional).
    package var user: String?
    /// - `password` (credential, required with `user`).
    package var password: String?
    /// - `ca_file` (path, optional): certificates to trust instead of the system's.
    package var caFile: String?

    init(_ section: inout StrictMapping) {
        let before = section.problems.count
        let server = section.checked("smtp", read: Self.server)
        section.require("smtp", server != nil, unlessRefusedSince: before)
        (security, host, port) = server ?? (security, host, port)
        user = section.text("user")
        let beforePassword = section.problems.count
        password = section.credential("password")
        if user != nil { section.require("password", password != nil, unlessRefusedSince: beforePassword) }
        if password != nil, user == nil { section.require("user", false, unlessRefusedSince: beforePassword) }
        caFile = section.path("ca_file")
    }

    private static func server(_ text: String) -> Result<(Security, String, Int), InvalidValue> {
        let form = InvalidValue("expected smtp://host:port or smtps://host:port")
        guard let scheme = text.range(of: "://") else { return .failure(form) }
        let security: Security
        switch text[..<scheme.lowerBound] {
        case "smtp": security = .startTLS
        case "smtps": security = .implicitTLS
        default: return .failure(form)
        }
        var rest = text[scheme.upperBound...]
        if rest.hasSuffix("/") { rest = rest.dropLast() }
        guard !rest.contains("@") else {
            return .failure(InvalidValue("a login never stands here; use mail.user and mail.password"))
        }
        guard !rest.contains("/") else { return .failure(form) }
        return ServerName.read(rest, port: security == .startTLS ? 587 : 465).map {
            (security, $0.host, $0.port)
        }
    }
}
