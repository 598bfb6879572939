import Ingestion
import Receivables
import Testing

/// What a fingerprint is made of must be the same tomorrow, in another process.
struct RenditionTests {
    private struct Inner { var word = "a", numbers = [1, 2] }
    private enum Choice {
        case none
        case some(Int)
    }

    @Test func `a value is rendered with all that is in it and nothing of its process`() {
        #expect(Rendition.text(Inner()) == "2(word=1:a numbers=2(-=1:1 -=1:2))")
        #expect(Rendition.text(Choice.some(3)) == "1(some=1:3)")
        #expect(Rendition.text(Choice.none) == "4:none")
        #expect(Rendition.text(Set(["b", "a", "c"])) == "3(-=1:a -=1:b -=1:c)")
        #expect(
            Rendition.text(["k": ["b": "2", "a": "1"]]).count
                == Rendition.text(["k": ["a": "1", "b": "2"]]).count
        )
    }

    @Test func `no type of the settings or of the catalogue is named by an address`() {
        var texts = Catalogue.types.map { Rendition.text($0) }
        texts.append(Rendition.text(LoadSettings()))
        for text in texts { #expect(!text.contains("unknown context") && !text.contains("0x")) }
        #expect(Set(texts).count == texts.count)
    }

    @Test func `every setting counts`() {
        var settings = LoadSettings()
        let before = Rendition.text(settings)
        settings.headerAliases = ["open_invoices": ["nr": "invoice_number"]]
        let aliased = Rendition.text(settings)
        settings.blankKeeps = true
        #expect(Set([before, aliased, Rendition.text(settings)]).count == 3)
    }
}
