/// The names under which a visitor may ask: another one is somebody's page that points at us.
struct Host: Sendable {
    /// Text of the header, in lower case.
    let text: String
    /// Whether it is this machine's own name for itself.
    let isLocal: Bool

    /// `nil` for a name that is none of ours.
    init?(_ header: String, configured: String?) {
        text = header.lowercased()
        var name = Substring(text)
        if name.hasPrefix("["), let end = name.firstIndex(of: "]") {
            guard Self.isPort(name[name.index(after: end)...]) else { return nil }
            name = name[...end]
        } else if let colon = name.firstIndex(of: ":") {
            guard Self.isPort(name[colon...]) else { return nil }
            name = name[..<colon]
        }
        isLocal = name == "localhost" || name == "127.0.0.1" || name == "[::1]"
        guard isLocal || configured.map({ name == $0.lowercased() }) == true else { return nil }
    }

    private static func isPort(_ text: Substring) -> Bool {
        text.isEmpty || (text.first == ":" && UInt16(text.dropFirst()) != nil)
    }

    /// Whether a form came from a page of ours, as browsers tell it; `origin` is absent for other programs.
    func sent(origin: String?, site: String?) -> Bool {
        if let site, site != "same-origin" { return false }
        guard let origin else { return true }
        let lower = origin.lowercased()
        return lower == "http://\(text)" || lower == "https://\(text)"
    }
}
