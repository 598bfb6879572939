/// What a request asks for: the parts of a path and a query, their escapes taken out.
struct Target: Sendable {
    private static let limit = 4096

    let path: String
    let parts: [String]
    let query: Fields

    /// - Throws: ``Refusal`` for what is no path of a page.
    init(_ text: String) throws(Refusal) {
        guard text.utf8.count <= Self.limit else {
            throw Refusal(414, "That address is too long", "No address of this page is that long.")
        }
        // `//` would be a host to a browser.
        guard text.hasPrefix("/"), !text.hasPrefix("//") else {
            throw .badRequest("It does not name a path.")
        }
        let halves = text.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        var parts: [String] = []
        for part in halves[0].split(separator: "/", omittingEmptySubsequences: true) {
            let part = try Fields.decoded(part, plusIsBlank: false)
            let isClean = part.unicodeScalars.allSatisfy {
                $0.properties.generalCategory != .control && $0 != "/"
            }
            guard isClean, part != ".", part != ".." else { throw .notFound }
            parts.append(part)
        }
        self.parts = parts
        path = "/" + parts.joined(separator: "/")
        query = halves.count > 1 ? try Fields(urlEncoded: halves[1]) : Fields()
    }
}
