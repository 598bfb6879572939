/// The date that a file's name carries (records.md 5.5).
struct ModelNameDate: Hashable, Comparable {
    /// `YYYYMMDD`.
    var day: String

    /// `HHMM` or `HHMMSS`; empty where the name has none.
    var time = ""

    /// The one date in a name; nil if there is none, or more than one.
    init?(_ name: String) {
        let characters = Array(name)
        var found: [ModelNameDate] = []
        for start in characters.indices where characters[start] == "2" {
            if start > 0, isDigit(characters[start - 1]) { continue }
            let rest = characters[start...]
            if let date = Self(rest, length: 10, dash: true) ?? Self(rest, length: 8, dash: false) {
                found.append(date)
            }
        }
        guard found.count == 1 else { return nil }
        self = found[0]
    }

    /// The date at the beginning of what remains of a name, in one of the two forms.
    private init?(_ rest: ArraySlice<Character>, length: Int, dash: Bool) {
        let form = String(rest.prefix(length))
        let after = rest.dropFirst(length)
        let digits = form.filter(isDigit)
        guard digits.count == 8, digits.hasPrefix("20"), !(after.first.map(isDigit) ?? false) else {
            return nil
        }
        let (year, month, day) = (digits.prefix(4), digits.dropFirst(4).prefix(2), digits.suffix(2))
        guard form == (dash ? "\(year)-\(month)-\(day)" : digits),
            ModelValue.isDate("\(year)-\(month)-\(day)")
        else { return nil }
        self.day = digits
        guard after.first == "T" || after.first == "_" else { return }
        let time = after.dropFirst().prefix(while: isDigit)
        if time.count == 4 || time.count == 6 { self.time = String(time) }
    }

    static func < (left: ModelNameDate, right: ModelNameDate) -> Bool {
        (left.day, left.time) < (right.day, right.time)
    }

    /// Whether this date is surely before the other; a missing time decides nothing.
    func isBefore(_ other: ModelNameDate) -> Bool {
        day < other.day || (day == other.day && !time.isEmpty && !other.time.isEmpty && time < other.time)
    }
}

private func isDigit(_ character: Character) -> Bool {
    ("0"..."9").contains(character)
}
