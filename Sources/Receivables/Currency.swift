/// A currency of ISO 4217.
///
/// The codes of the standard without minor units (gold, special drawing rights, "no currency", testing) are not
/// currencies here. Currencies withdrawn since 2022 are, since invoices in them are still open.
package struct Currency: Sendable, Hashable {
    /// The three letters as one number of base 26.
    private let place: UInt16
    /// The number of decimals: JPY 0, USD 2, KWD 3.
    package let exponent: Int

    /// The currency of a trimmed cell, in any case; `nil` for an unknown code.
    package init?(_ text: UnsafeRawBufferPointer) {
        guard text.count == 3, text[0].isLetter, text[1].isLetter, text[2].isLetter else { return nil }
        let place = Self.place(text[0], text[1], text[2])
        let exponent = Self.exponents[Int(place)]
        guard exponent >= 0 else { return nil }
        self.place = place
        self.exponent = Int(exponent)
    }

    /// The currency of a code, in any case; `nil` for an unknown one.
    package init?(_ code: String) {
        var copy = code
        guard let currency = copy.withUTF8({ Currency(UnsafeRawBufferPointer($0)) }) else { return nil }
        self = currency
    }

    /// The code in upper case.
    package var code: String {
        let letters = [place / 676, place / 26 % 26, place % 26].map { UInt8(truncatingIfNeeded: $0) + 0x41 }
        return String(decoding: letters, as: UTF8.self)
    }

    /// All currencies with their exponents, in the order of their codes.
    package static let all: [Currency] = exponents.indices.compactMap { index in
        exponents[index] < 0 ? nil : Currency(place: UInt16(index), exponent: Int(exponents[index]))
    }

    private init(place: UInt16, exponent: Int) {
        self.place = place
        self.exponent = exponent
    }

    private static func place(_ first: UInt8, _ second: UInt8, _ third: UInt8) -> UInt16 {
        (UInt16(first.lowercased &- 0x61) * 26 + UInt16(second.lowercased &- 0x61)) * 26
            + UInt16(third.lowercased &- 0x61)
    }

    /// By place; -1 where there is no currency.
    private static let exponents: [Int8] = {
        var exponents = [Int8](repeating: -1, count: 26 * 26 * 26)
        for (codes, exponent) in [(without, 0 as Int8), (two, 2), (three, 3), (four, 4)] {
            for code in codes.utf8.split(whereSeparator: { !$0.isLetter }).map(Array.init)
            where code.count == 3 {
                exponents[Int(place(code[0], code[1], code[2]))] = exponent
            }
        }
        return exponents
    }()

    private static let without = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
    private static let three = "BHD IQD JOD KWD LYD OMR TND"
    private static let four = "CLF UYW"
    private static let two = """
        AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD
        CDF CHE CHF CHW CNY COP COU CRC CUC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
        GMD GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD
        MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR
        PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SLL SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP
        TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XAD XCD XCG YER ZAR ZMW ZWG ZWL
        """
}
