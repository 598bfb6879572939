import Foundation

/// The server that takes our mail, and the rule for encryption on the way to it.
///
/// `smtps://` is encrypted from the first byte. `smtp://` demands STARTTLS, and nothing is sent without it, with one
/// exception: to a relay on this host (`localhost`, `127.0.0.0/8`, `::1`) without credentials mail goes in clear, since
/// it never leaves the machine. Credentials are sent over encrypted connections only. Certificates are always checked.
package struct SMTPRelay: Sendable, Equatable {
    enum Encryption: Sendable {
        case none
        case startTLS
        case implicit
    }

    package struct Credentials: Sendable, Equatable {
        package var user: String
        package var password: String

        package init(user: String, password: String) {
            self.user = user
            self.password = password
        }
    }

    /// The address as libcurl takes it.
    let url: String
    let encryption: Encryption
    let credentials: Credentials?
    /// A PEM file of the authorities to trust; `nil` for those of the system.
    let authorities: String?

    /// The relay at `url`, or `nil` when that is not `smtp://host[:port]` or `smtps://host[:port]`.
    ///
    /// A path may follow, the name with which we greet the server (`smtp://relay.example:587/our.name.example`).
    /// The ports default to 25 and 465. User and password never stand in the URL.
    package init?(url: String, credentials: Credentials? = nil, authorities: String? = nil) {
        guard let parts = URLComponents(string: url), let scheme = parts.scheme?.lowercased(),
            let host = parts.host, !host.isEmpty, parts.user == nil, parts.password == nil,
            parts.query == nil, parts.fragment == nil, (1...65_535).contains(parts.port ?? 25),
            url.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            parts.path.dropFirst().utf8.allSatisfy(Self.isNameByte)
        else { return nil }
        switch scheme {
        case "smtps": encryption = .implicit
        case "smtp": encryption = credentials == nil && Self.isLoopback(host) ? .none : .startTLS
        default: return nil
        }
        self.url = url
        self.credentials = credentials
        self.authorities = authorities
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "."), UInt8(ascii: "-"):
            true
        default: false
        }
    }

    private static func isLoopback(_ host: String) -> Bool {
        let name = host.lowercased()
        if ["localhost", "::1", "[::1]"].contains(name) { return true }
        let numbers = name.split(separator: ".", omittingEmptySubsequences: false)
        return numbers.count == 4 && numbers.first == "127" && numbers.allSatisfy { UInt8($0) != nil }
    }
}
