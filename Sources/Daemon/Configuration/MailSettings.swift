import Mail

/// The section `mail`: the server that takes our mail.
///
/// Without it mails become `.eml` files.
package struct MailSettings: Sendable, Equatable {
    /// - `smtp` (URL, required): `smtp://host:port` with STARTTLS (25) or `smtps://host:port` (465).
    package var smtp = ""
    /// - `user` (text, optional).
    package var user: String?
    /// - `password` (credential, required with `user`).
    package var password: String?
    /// - `ca_file` (path, optional): certificates to trust instead of the system's.
    package var caFile: String?

    init(_ section: inout StrictMapping) {
        let before = section.problems.count
        smtp =
            section.value("smtp", expected: "smtp://host:port or smtps://host:port, without a login") {
                SMTPRelay(url: $0) == nil ? nil : $0
            } ?? ""
        section.require("smtp", !smtp.isEmpty, unlessRefusedSince: before)
        user = section.text("user")
        let beforePassword = section.problems.count
        password = section.credential("password")
        if user != nil { section.require("password", password != nil, unlessRefusedSince: beforePassword) }
        if password != nil, user == nil { section.require("user", false, unlessRefusedSince: beforePassword) }
        caFile = section.path("ca_file")
    }
}
