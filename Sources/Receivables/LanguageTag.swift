/// Language tags: BCP 47, `language[-script][-region]…`.
enum LanguageTag {
    /// Whether the tag is well-formed and its two-letter language is one of ISO 639-1.
    static func isKnown(_ text: UnsafeRawBufferPointer) -> Bool {
        let subtags = text.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
        guard let language = subtags.first, language.allSatisfy(\.isLetter) else { return false }
        switch language.count {
        case 2: if !languages.contains(language.map(\.lowercased)) { return false }
        case 3: break
        default: return false
        }
        return areWellFormed(subtags.dropFirst())
    }

    /// Whether the subtags behind the language have their kinds in order: extended language, script, region, variants,
    /// extensions, private use.
    private static func areWellFormed(_ subtags: ArraySlice<Slice<UnsafeRawBufferPointer>>) -> Bool {
        var rest = subtags
        guard rest.allSatisfy({ (1...8).contains($0.count) && $0.allSatisfy { $0.isLetter || $0.isDigit } })
        else { return false }
        for _ in 0..<3 {
            if let tag = rest.first, tag.count == 3, tag.allSatisfy(\.isLetter) { rest.removeFirst() }
        }
        if let script = rest.first, script.count == 4, script.allSatisfy(\.isLetter) { rest.removeFirst() }
        if let region = rest.first,
            (region.count == 2 && region.allSatisfy(\.isLetter))
                || (region.count == 3 && region.allSatisfy(\.isDigit))
        {
            rest.removeFirst()
        }
        while let variant = rest.first,
            variant.count >= 5 || (variant.count == 4 && variant.first?.isDigit == true)
        {
            rest.removeFirst()
        }
        // What is left must be groups of one character followed by longer subtags; behind `x` any length goes.
        while let singleton = rest.popFirst() {
            guard singleton.count == 1, !rest.isEmpty else { return false }
            if singleton.first?.lowercased == UInt8(ascii: "x") { return true }
            guard let first = rest.popFirst(), first.count >= 2 else { return false }
            while let tag = rest.first, tag.count >= 2 { rest.removeFirst() }
        }
        return true
    }

    private static let languages = Set(
        """
        aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv
        dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig
        ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh
        mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru
        rw sa sc sd se sg sh si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty
        ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
        """.utf8.split { !$0.isLetter }.map(Array.init)
    )
}
