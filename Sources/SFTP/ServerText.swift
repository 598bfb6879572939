/// Words of a server, fit to be shown.
enum ServerText {
    /// At most 300 characters on one line; control characters and what is not ASCII or UTF-8 become `\x1B`.
    static func shown(_ bytes: some Collection<UInt8>) -> String {
        var text = ""
        for scalar in String(decoding: bytes.prefix(1024), as: UTF8.self).unicodeScalars.prefix(300) {
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate, .unassigned, .privateUse:
                text += "\\x" + String(scalar.value, radix: 16, uppercase: true)
            default:
                text.unicodeScalars.append(scalar)
            }
        }
        return text
    }
}
