import Ledger

/// Files and rows of each day, one panel above the other.
struct DaysPicture {
    let days: [ActivityFigures.OfDay]

    static let title = "Files and rows per day"

    func svg(narrow: Bool) -> String {
        let width = narrow ? 360 : 760
        var drawing = Drawing(width: width, height: 320)
        panel(
            &drawing,
            top: 24,
            heading: "files settled",
            partly: "with trouble",
            whole: days.map(\.files),
            part: days.map(\.troubled)
        )
        panel(
            &drawing,
            top: 174,
            heading: "rows read",
            partly: "rejected",
            whole: days.map(\.rows),
            part: days.map(\.rejected)
        )
        let step = narrow ? 10 : 5
        for (index, day) in days.enumerated() where index % step == 0 || index == days.count - 1 {
            guard index == days.count - 1 || days.count - 1 - index >= step / 2 else { continue }
            drawing.label(
                String(day.day.dropFirst(5)),
                x: index == 0 ? 8 : place(index, width) + slot(width) / 2,
                y: 312,
                index == 0 ? .start : index == days.count - 1 ? .end : .middle,
                isMuted: true
            )
        }
        return drawing.svg(title: Self.title, description: description)
    }

    private var description: String {
        let files = days.reduce(into: Int64(0)) { $0 += $1.files }
        let troubled = days.reduce(into: Int64(0)) { $0 += $1.troubled }
        let rows = days.reduce(into: Int64(0)) { $0 += $1.rows }
        let rejected = days.reduce(into: Int64(0)) { $0 += $1.rejected }
        return
            "In \(days.count) days \(files) files were settled, \(troubled) of them with trouble, and \(rows) rows"
            + " read, \(rejected) of them rejected. The table below the picture has every day."
    }

    private func slot(_ width: Int) -> Double { Double(width - 16) / Double(max(1, days.count)) }
    private func place(_ index: Int, _ width: Int) -> Double { 8 + slot(width) * Double(index) }

    private func panel(
        _ drawing: inout Drawing,
        top: Double,
        heading: String,
        partly: String,
        whole: [Int64],
        part: [Int64]
    ) {
        let height = 100.0
        let most = whole.max() ?? 0
        drawing.label(heading, x: 8, y: top)
        drawing.bar(x: 112, y: top - 9, width: 10, height: 10, .trouble)
        drawing.label(partly, x: 128, y: top, isMuted: true)
        drawing.label("most \(Count.text(most))", x: Double(drawing.width) - 8, y: top, .end, isMuted: true)
        let base = top + 12 + height
        drawing.line(x: 8, y: base, toX: Double(drawing.width) - 8, toY: base)
        guard most > 0 else { return }
        let slot = slot(drawing.width)
        for index in whole.indices {
            let x = place(index, drawing.width) + slot * 0.1
            let full = Double(whole[index]) / Double(most) * height
            let bad = Double(min(part[index], whole[index])) / Double(most) * height
            drawing.bar(x: x, y: base - full, width: slot * 0.8, height: full, .accent)
            // What went wrong is seen however little it is.
            let shown = part[index] > 0 ? max(3, bad) : 0
            drawing.bar(x: x, y: base - shown, width: slot * 0.8, height: shown, .trouble)
        }
    }
}
