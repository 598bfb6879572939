import Foundation
import FoundationXML
import Ledger
import Testing

@testable import StatusPage

struct PicturesTests {
    /// What an XML parser reads of a picture.
    private final class Reader: NSObject, XMLParserDelegate {
        var elements: [String] = []
        var text = ""

        func parser(
            _ parser: XMLParser,
            didStartElement name: String,
            namespaceURI: String?,
            qualifiedName: String?,
            attributes: [String: String]
        ) {
            elements.append(name)
        }

        func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }
    }

    private func read(_ svg: String) throws -> Reader {
        let reader = Reader()
        let parser = XMLParser(data: Data(svg.utf8))
        parser.delegate = reader
        #expect(parser.parse())
        return reader
    }

    @Test(arguments: [false, true])
    func `a picture is XML with a title and a description, whatever stands in it`(narrow: Bool) throws {
        let hostile = "</text><script>x</script>&\u{0}\u{1B}\"'"
        let picture = RowsPicture(
            title: hostile,
            description: hostile,
            bars: [
                .init(label: hostile, size: 3, figure: hostile),
                .init(label: "b", size: .infinity, figure: ""),
            ]
        )
        let reader = try read(picture.svg(narrow: narrow))
        #expect(Set(reader.elements).isSubset(of: ["svg", "title", "desc", "style", "rect", "text", "line"]))
        #expect(reader.elements.starts(with: ["svg", "title", "desc"]))
        #expect(reader.text.contains("<script>x</script>"))
    }

    @Test func `each day has its bars, and trouble is seen however small it is`() throws {
        let days = (1...30).map { day in
            ActivityFigures.OfDay(
                day: "2026-11-\(day)",
                files: 10_000,
                troubled: day == 7 ? 1 : 0,
                rows: 1_000_000,
                rejected: day == 7 ? 1 : 0
            )
        }
        let reader = try read(DaysPicture(days: days).svg(narrow: false))
        // Sixty, two for the trouble, two that say what its colour means.
        #expect(reader.elements.count { $0 == "rect" } == 64)
    }

    @Test(arguments: [
        ("0", "0"), ("999", "999"), ("1000", "1\u{202F}000"),
        ("-1234567.50", "\u{2212}1\u{202F}234\u{202F}567.50"),
    ])
    func `numbers are read in groups`(number: String, shown: String) {
        #expect(Count.grouped(number) == shown)
    }
}
