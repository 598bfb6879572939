/// Countries: the alpha-2 codes of ISO 3166-1.
enum Country {
    /// Whether the text is a code, in any case.
    static func isKnown(_ text: UnsafeRawBufferPointer) -> Bool {
        guard text.count == 2, text[0].isLetter, text[1].isLetter else { return false }
        return known[place(text[0], text[1])]
    }

    private static func place(_ first: UInt8, _ second: UInt8) -> Int {
        Int(first.lowercased &- 0x61) * 26 + Int(second.lowercased &- 0x61)
    }

    private static let known: [Bool] = {
        var known = [Bool](repeating: false, count: 26 * 26)
        for code in codes.utf8.split(whereSeparator: { !$0.isLetter }) {
            if let first = code.first, let second = code.dropFirst().first {
                known[place(first, second)] = true
            }
        }
        return known
    }()

    private static let codes = """
        AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV
        BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES
        ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE
        IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY
        MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU
        NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM
        SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE
        VG VI VN VU WF WS YE YT ZA ZM ZW
        """
}
