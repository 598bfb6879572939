/// A picture in SVG, drawn piece by piece; every text in it is escaped.
///
/// Colours stand as attributes and, for a dark screen, in a style that pictures embedded in a page may have.
struct Drawing {
    /// What a shape means; it is never told by its colour alone.
    enum Ink: String {
        case accent = "a"
        /// What went wrong; drawn with a border as well.
        case trouble = "w"
        case quiet = "q"
    }

    enum Anchor: String {
        case start, middle, end
    }

    let width: Int
    let height: Int
    private var body = ""

    init(width: Int, height: Int) {
        self.width = width
        self.height = height
    }

    mutating func bar(x: Double, y: Double, width: Double, height: Double, _ ink: Ink) {
        guard width > 0, height > 0 else { return }
        let fill = Self.colours[ink] ?? "#52606d"
        body +=
            "<rect class=\"\(ink.rawValue)\" fill=\"\(fill)\" x=\"\(Self.number(x))\" y=\"\(Self.number(y))\""
        body += " width=\"\(Self.number(width))\" height=\"\(Self.number(height))\"/>\n"
    }

    mutating func line(x: Double, y: Double, toX: Double, toY: Double) {
        body += "<line class=\"g\" stroke=\"#c5ccd4\" x1=\"\(Self.number(x))\" y1=\"\(Self.number(y))\""
        body += " x2=\"\(Self.number(toX))\" y2=\"\(Self.number(toY))\"/>\n"
    }

    mutating func label(
        _ text: String,
        x: Double,
        y: Double,
        _ anchor: Anchor = .start,
        isMuted: Bool = false,
        size: Int = 12
    ) {
        body += "<text class=\"\(isMuted ? "m" : "t")\" fill=\"\(isMuted ? "#52606d" : "#1f2933")\""
        body += " font-size=\"\(size)\" text-anchor=\"\(anchor.rawValue)\""
        body += " x=\"\(Self.number(x))\" y=\"\(Self.number(y))\">\(Self.escaped(text))</text>\n"
    }

    /// The whole picture; `description` says in words what it shows.
    func svg(title: String, description: String) -> String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(width) \(height)" width="\(width)" height="\(height)" \
        role="img" aria-labelledby="title desc" font-family="system-ui, sans-serif">
        <title id="title">\(Self.escaped(title))</title>
        <desc id="desc">\(Self.escaped(description))</desc>
        <style>\(Self.dark)</style>
        \(body)</svg>

        """
    }

    private static let colours: [Ink: String] = [.accent: "#2563a8", .trouble: "#b4470f", .quiet: "#8895a3"]

    private static let dark = """
        .w{stroke:#7a2e07;stroke-width:1}@media(prefers-color-scheme:dark){.t{fill:#e6e9ed}.m{fill:#a5b0bc}\
        .g{stroke:#46515c}.a{fill:#6fb0ef}.w{fill:#f0955a;stroke:#ffd0ae}.q{fill:#7d8a97}}
        """

    private static func number(_ value: Double) -> String {
        let tenths = (value * 10).rounded()
        guard tenths.isFinite, abs(tenths) < 1e9 else { return "0" }
        let whole = Int(tenths)
        let sign = whole < 0 ? "-" : ""
        let (digits, rest) = whole.magnitude.quotientAndRemainder(dividingBy: 10)
        return rest == 0 ? "\(sign)\(digits)" : "\(sign)\(digits).\(rest)"
    }

    static func escaped(_ text: String) -> String {
        var escaped = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            // XML has no way to write most control characters.
            case _ where scalar.value < 0x20 || scalar.value == 0xFFFE || scalar.value == 0xFFFF:
                escaped += "\u{FFFD}"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
