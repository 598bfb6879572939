/// How files of one common directory are told apart: by how their names begin.
package struct FlatLayout: Sendable {
    /// The longest pattern first.
    private let patterns: [(pattern: [UInt8], type: RecordType)]

    /// - Parameter patterns: Beginnings of names for some types, by the type's name; they take the place of the
    ///   type's own. Written as files are: any case, `-`, spaces and dots allowed.
    package init(patterns: [String: [String]] = [:]) {
        var all: [(pattern: [UInt8], type: RecordType)] = []
        for type in Catalogue.types {
            for pattern in patterns[type.name] ?? type.flatPatterns where !pattern.isEmpty {
                all.append((Self.plain(pattern), type))
            }
        }
        self.patterns = all.sorted { $0.pattern.count > $1.pattern.count }
    }

    /// The type of a file.
    ///
    /// - Parameter name: The name with its extension. A `.pdf` is an invoice PDF whatever it begins with.
    /// - Returns: `nil` if no pattern begins the name and ends at its end or at a `_`.
    package func type(of name: String) -> RecordType? {
        if name.lowercased().hasSuffix(".pdf") { return .invoicePDFs }
        var stem = name[...]
        if let dot = name.lastIndex(of: "."), dot != name.startIndex { stem = name[..<dot] }
        let plain = Self.plain(stem)
        return patterns.first { pattern, _ in
            plain.starts(with: pattern)
                && (plain.count == pattern.count || plain[pattern.count] == UInt8(ascii: "_"))
        }?.type
    }

    private static func plain(_ name: some StringProtocol) -> [UInt8] {
        name.lowercased().utf8.map { byte in
            switch Unicode.Scalar(byte) {
            case "-", " ", ".": UInt8(ascii: "_")
            default: byte
            }
        }
    }
}
