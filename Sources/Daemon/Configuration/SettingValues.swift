import Foundation
import Mail

/// The kinds of value that belong to our trade rather than to YAML.
extension StrictMapping {
    /// Takes the name of a credential, or the absolute path of a file that only its owner can read.
    mutating func credential(_ key: String) -> String? {
        value(key, expected: "the name of a credential, or an absolute path") { text in
            if text.hasPrefix("/") { return isCleanPath(text) ? text : nil }
            return isPlainName(text, upTo: 200) ? text : nil
        }
    }

    /// Takes an absolute path.
    mutating func path(_ key: String) -> String? {
        value(key, expected: "an absolute path") { isCleanPath($0) ? $0 : nil }
    }

    /// Takes one e-mail address.
    mutating func address(_ key: String) -> String? {
        value(key, expected: "an e-mail address") { isMailAddress($0) ? $0 : nil }
    }

    /// Takes a list of e-mail addresses; one that stands there twice is a problem.
    mutating func addresses(_ key: String) -> [String] {
        var seen: Set<String> = []
        return list(key) { section, node in
            let address = section.value(of: node, key, expected: "an e-mail address") {
                isMailAddress($0) ? $0 : nil
            }
            guard let address else { return nil }
            guard seen.insert(address.lowercased()).inserted else {
                section.refuse(key, at: node, "stands here twice")
                return nil
            }
            return address
        }
    }

    /// Takes the IANA name of a time zone.
    mutating func zone(_ key: String) -> String? {
        value(key, expected: "an IANA time zone such as Europe/Berlin") { name in
            name.contains("/") || name == "UTC" ? TimeZone(identifier: name).map { _ in name } : nil
        }
    }

    /// Takes an `http` or `https` URL.
    mutating func webAddress(_ key: String) -> String? {
        value(key, expected: "an http or https URL") { text in
            guard let url = URLComponents(string: text), let host = url.host, !host.isEmpty else {
                return nil
            }
            return ["http", "https"].contains(url.scheme?.lowercased()) ? text : nil
        }
    }
}

/// Whether this can name a file anywhere: letters, digits, `.`, `_` and `-`, no dot in front, at most `limit` of them.
func isPlainName(_ text: String, upTo limit: Int) -> Bool {
    let isPlain = text.utf8.allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
        default: false
        }
    }
    return isPlain && (1...limit).contains(text.utf8.count) && !text.hasPrefix(".")
}

private func isCleanPath(_ text: String) -> Bool {
    text.hasPrefix("/") && text.utf8.count < 4096
        && text.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control }
}

/// Whether mail can be sent to this address.
package func isMailAddress(_ text: String) -> Bool { EmailAddress(text) != nil }

/// Reads `YYYY-MM-DD` where that day exists; else `nil`.
func civilDay(_ text: String) -> String? {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.map(\.utf8.count) == [4, 2, 2],
        parts.joined().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
        let year = Int(parts[0]), let month = Int(parts[1]), let day = Int(parts[2])
    else { return nil }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    let date = DateComponents(calendar: calendar, year: year, month: month, day: day)
    return year >= 1 && date.isValidDate ? text : nil
}
