/// Whole numbers and amounts as people read them.
enum Count {
    /// `1 204 518`, in groups that do not break.
    static func text(_ number: Int64) -> String { grouped(String(number)) }

    /// An amount's exact text in groups: `-1 204.50`.
    static func grouped(_ text: String) -> String {
        let sign = text.hasPrefix("-") ? "\u{2212}" : ""
        let parts = text.drop { $0 == "-" }.split(separator: ".", maxSplits: 1)
        guard let whole = parts.first else { return text }
        var groups: [Substring] = []
        var rest = whole
        while rest.count > 3 {
            groups.insert(rest.suffix(3), at: 0)
            rest = rest.dropLast(3)
        }
        groups.insert(rest, at: 0)
        let decimals = parts.count > 1 ? ".\(parts[1])" : ""
        return sign + groups.joined(separator: "\u{202F}") + decimals
    }

    /// `1 file`, `2 files`.
    static func of(_ number: Int64, _ noun: String) -> String {
        "\(text(number)) \(noun)\(number == 1 ? "" : "s")"
    }
}
