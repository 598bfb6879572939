/// The words that generated rows are made of.
enum Words {
    static let cities = bytes([
        "München", "Köln", "Zürich", "Malmö", "Łódź", "Besançon", "A Coruña", "Århus", "Berlin", "Leeds",
    ])
    static let people = bytes([
        "Jürgen Weiß", "Zoë Müller", "Łukasz Wójcik", "Renée Dubois", "Søren Åkesson", "José Núñez",
        "Gülşen Öztürk", "Anna Schmidt", "Nguyễn Văn An", "Tom Baker",
    ])
    static let firms = bytes([
        "Müller & Söhne GmbH", "\"Lakeside Paper, Inc.\"", "Boulangerie Édouard", "Østergaard A/S",
        "\"Weiß, Groß & Partner\"", "Fabryka Mebli Świt", "Northwind Traders", "Señor Café S.L.",
    ])
    static let goods = bytes([
        "Fußbodenbretter", "Kühlgeräte", "Crème fraîche", "Zündkerzen", "Schraubenschlüssel",
        "papier recyclé",
        "Ölfilter", "office chairs", "Ersatzteile für Förderbänder", "señalización",
    ])
    static let departments = bytes(["Vertrieb Süd", "Sales", "Export", "Großkunden"])
    static let regions = bytes(["EMEA", "Nordics", "DACH", "Amériques"])
    static let terms = bytes(["net 14", "net 30", "net 45", "net 60"])
    static let termDays = [14, 30, 45, 60]
    static let subsidiaries = bytes(["S1", "S2", "S3", "S4"])
    static let disputes = bytes(["none", "none", "none", "open", "resolved"])
    /// Twenty slots, so that a choice among them has the shares wanted: EUR 55 %, USD 20 %, the others 5 % each.
    static let currencies: [Currency] =
        Array(repeating: Currency("EUR"), count: 11) + Array(repeating: Currency("USD"), count: 4)
        + ["GBP", "CHF", "SEK", "PLN"].map { Currency($0) } + [Currency("JPY", decimals: 0)]
    /// The days of 2026 and some of 2027, as files write them.
    static let days: [[UInt8]] = (0..<500).map { day in
        var rest = day
        var month = 0
        let lengths = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        while rest >= lengths[month % 12] {
            rest -= lengths[month % 12]
            month += 1
        }
        func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
        return Array("\(2026 + month / 12)-\(two(month % 12 + 1))-\(two(rest + 1))".utf8)
    }

    struct Currency {
        let code: [UInt8]
        let decimals: Int

        init(_ code: String, decimals: Int = 2) {
            self.code = Array(code.utf8)
            self.decimals = decimals
        }
    }

    private static func bytes(_ words: [String]) -> [[UInt8]] { words.map { Array($0.utf8) } }
}
