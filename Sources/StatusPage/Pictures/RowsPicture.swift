/// Bars that lie below each other, each with its label and its figure.
struct RowsPicture {
    struct Bar {
        var label: String
        /// How long the bar is, compared with the others.
        var size: Double
        /// What stands behind it.
        var figure: String
        var ink = Drawing.Ink.accent
    }

    let title: String
    let description: String
    let bars: [Bar]
    /// Stands there when there are no bars.
    var nothing = "nothing to show"

    func svg(narrow: Bool) -> String {
        let width = narrow ? 360.0 : 760.0
        // On a phone the label stands above its bar.
        let step = narrow ? 42.0 : 28.0
        let labels = narrow ? 8.0 : 240.0
        var drawing = Drawing(width: Int(width), height: Int(step * Double(max(1, bars.count))) + 12)
        guard !bars.isEmpty else {
            drawing.label(nothing, x: 8, y: 22, isMuted: true)
            return drawing.svg(title: title, description: description)
        }
        let most = bars.map(\.size).max() ?? 0
        let room = width - labels - 8 - 130
        for (index, bar) in bars.enumerated() {
            let top = step * Double(index) + 6
            let y = narrow ? top + 16 : top
            drawing.label(
                bar.label,
                x: narrow ? 8 : labels - 8,
                y: top + (narrow ? 11 : 15),
                narrow ? .start : .end
            )
            let length = most > 0 && bar.size > 0 ? max(2, bar.size / most * room) : 0
            drawing.bar(x: labels, y: y, width: length, height: 18, bar.ink)
            drawing.label(bar.figure, x: labels + length + 6, y: y + 14, isMuted: true)
        }
        return drawing.svg(title: title, description: description)
    }
}
