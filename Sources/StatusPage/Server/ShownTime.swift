package import Ledger

/// A time as the page shows it: `2026-11-21 10:00:36Z`, with its age beside it.
package struct ShownTime: Sendable {
    /// Empty for what is no time.
    package let text: String
    /// As `datetime` wants it.
    package let machine: String
    /// `4 min ago`, `in 12 min`.
    package let age: String

    /// `text`: RFC 3339 as the ledger keeps it.
    package init(_ text: String, now: Timestamp) {
        guard let time = Timestamp(text) else {
            (self.text, machine, age) = (text, "", "")
            return
        }
        let plain = time.textInSeconds
        machine = plain
        self.text = plain.replacing("T", with: " ")
        let apart = now.milliseconds - time.milliseconds
        let span = Self.span(seconds: abs(apart) / 1000)
        age = apart >= 0 ? "\(span) ago" : "in \(span)"
    }

    package init?(_ text: String?, now: Timestamp) {
        guard let text else { return nil }
        self.init(text, now: now)
    }

    private static func span(seconds: Int64) -> String {
        switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7200: "\(seconds / 60) min"
        case ..<172_800: "\(seconds / 3600) h"
        default: "\(seconds / 86400) d"
        }
    }

    /// The part that shows one: `{{#at}}{{>time-part}}{{/at}}`.
    static let part = """
        <time datetime="{{machine}}">{{text}}</time> <span class="fine">{{age}}</span>
        """
}
