import Ledger

/// A state as a word with the class that the style sheet has for it; the style adds a shape to the colour.
struct Chip: Sendable {
    /// `good`, `warn`, `bad` or `idle`.
    let kind: String
    let word: String

    init(_ kind: String, _ word: String) {
        self.kind = kind
        self.word = word
    }

    static func file(_ state: String) -> Chip {
        let word = state.replacing("_", with: " ")
        return switch FileState(rawValue: state) {
        case .loaded, .duplicate: Chip("good", word)
        case .loadedWithErrors: Chip("warn", word)
        case .failed, .held: Chip("bad", word)
        case .waiting, .received, .superseded, .ignored, .discarded, nil: Chip("idle", word)
        }
    }

    static func run(_ state: String) -> Chip {
        switch state {
        case "finished": Chip("good", state)
        case "failed": Chip("bad", state)
        default: Chip("idle", state)
        }
    }
}

/// A moment as people read it, and how long ago it was.
struct When: Sendable {
    /// RFC 3339, for programs.
    let iso: String
    /// `2026-11-21 10:00:36Z`.
    let text: String
    /// `32 min ago`, `in 28 min`.
    let age: String

    init?(_ text: String?, now: Timestamp) {
        guard let text, let time = Timestamp(text) else { return nil }
        self.init(time, now: now)
    }

    init(_ time: Timestamp, now: Timestamp) {
        iso = time.textInSeconds
        text = "\(iso.prefix(10)) \(iso.dropFirst(11))"
        let distance = now.milliseconds - time.milliseconds
        age =
            distance >= 0
            ? "\(Shown.duration(milliseconds: distance)) ago"
            : "in \(Shown.duration(milliseconds: -distance))"
    }
}

extension IssueRow {
    /// What was found, without the row and the column that stand beside it; escaped.
    func finding(limit: Int) -> String {
        var text = message[...]
        if let record, let line {
            let place = "Row \(record) (line \(line))"
            for beginning in [column.map { "\(place), \($0): " }, "\(place): "].compactMap(\.self)
            where text.hasPrefix(beginning) {
                text = text.dropFirst(beginning.count)
            }
        }
        return DisplayText(String(text), limit: limit).escaped
    }
}

/// A name in the query of one of our own links.
func encodedForQuery(_ text: String) -> String {
    var encoded = ""
    for byte in text.utf8 {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
            encoded.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            encoded += byte < 16 ? "%0" : "%"
            encoded += String(byte, radix: 16, uppercase: true)
        }
    }
    return encoded
}
