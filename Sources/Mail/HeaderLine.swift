import Foundation

/// The values of mail headers, made so that none of them can end its line.
enum HeaderLine {
    /// The longest subject in characters; what is longer is cut, and ends in an ellipsis.
    static let limit = 200

    /// A header with free text in it: plain where that is possible, else in RFC 2047 encoded words.
    ///
    /// Control characters become spaces. No line is longer than 76 bytes; a scalar is never split over two words.
    static func unstructured(_ name: String, _ value: String) -> String {
        let text = printable(value.count > limit ? value.prefix(limit - 1) + "…" : value)
        if text.unicodeScalars.allSatisfy(\.isASCII), name.utf8.count + text.utf8.count < 74,
            !text.contains("=?")
        {
            return "\(name): \(text)"
        }
        var words: [String] = []
        var word = Data()
        // The first line also holds the name.
        var room = max(62 - name.utf8.count, 8) / 4 * 3
        for scalar in text.unicodeScalars {
            let bytes = Data(String(scalar).utf8)
            if word.count + bytes.count > room {
                words.append(encodedWord(word))
                word = Data()
                room = 45
            }
            word += bytes
        }
        words.append(encodedWord(word))
        return "\(name): " + words.joined(separator: "\r\n ")
    }

    /// An identity in angle brackets; whatever may not stand in one becomes an underscore.
    static func messageID(_ id: String) -> String {
        let safe = id.utf8.prefix(250).map { byte in
            (0x21...0x7E).contains(byte) && byte != UInt8(ascii: "<") && byte != UInt8(ascii: ">")
                ? byte : UInt8(ascii: "_")
        }
        return "<\(String(decoding: safe, as: UTF8.self))>"
    }

    /// A date in UTC as RFC 5322 writes it; one outside the years 1 to 9999 becomes the beginning of 1970.
    static func date(_ date: Date) -> String {
        let range = -62_135_596_800.0...253_402_300_799.0
        let seconds = date.timeIntervalSince1970
        var time = range.contains(seconds) ? time_t(seconds.rounded(.down)) : 0
        var parts = tm()
        gmtime_r(&time, &parts)
        let day = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"][Int(parts.tm_wday) % 7]
        let month = [
            "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
        ][Int(parts.tm_mon) % 12]
        let clock = [parts.tm_hour, parts.tm_min, parts.tm_sec].map(twoDigits).joined(separator: ":")
        let year = String(1900 + Int(parts.tm_year))
        let padded = String(repeating: "0", count: max(0, 4 - year.count)) + year
        return "\(day), \(twoDigits(parts.tm_mday)) \(month) \(padded) \(clock) +0000"
    }

    /// The text with a space for each control character, line separator and override of the writing direction.
    private static func printable(_ text: some StringProtocol) -> String {
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            case .control, .lineSeparator, .paragraphSeparator: result.append(" ")
            default: result.append(isOverride(scalar) ? " " : scalar)
            }
        }
        return String(result)
    }

    private static func isOverride(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    private static func encodedWord(_ bytes: Data) -> String { "=?UTF-8?B?\(bytes.base64EncodedString())?=" }

    private static func twoDigits(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
