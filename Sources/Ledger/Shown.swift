/// How numbers and times read to people.
package enum Shown {
    /// `412 B`, `640 kB`, `1200 MB`: at most four digits.
    package static func size(_ bytes: Int64?) -> String {
        guard let bytes else { return "" }
        var value = bytes
        for unit in ["B", "kB", "MB", "GB"] {
            if value < 10_000 { return "\(value) \(unit)" }
            value = (value + 500) / 1000
        }
        return "\(value) TB"
    }

    /// `10:00:07Z` today, `yesterday 10:00Z`, else `2026-11-21 10:00Z`.
    package static func time(_ text: String?, now: Timestamp) -> String {
        guard let text, text.count >= 20 else { return text ?? "" }
        let day = day(text, now: now)
        return day == "today" ? clock(text) : "\(day) \(text.dropFirst(11).prefix(5))Z"
    }

    /// `today`, `yesterday`, else `2026-11-21`; all days are those of UTC.
    package static func day(_ text: String, now: Timestamp) -> String {
        let day = String(text.prefix(10))
        if day == now.text.prefix(10) { return "today" }
        return day == now.adding(seconds: -86_400).text.prefix(10) ? "yesterday" : day
    }

    /// `10:00:07Z`, whatever the day.
    package static func clock(_ text: String) -> String {
        text.count >= 20 ? text.dropFirst(11).prefix(8) + "Z" : text
    }

    /// `32 min ago`; empty for what lies in the future or is no time.
    package static func age(_ text: String, now: Timestamp) -> String {
        guard let time = Timestamp(text), time <= now else { return "" }
        return duration(milliseconds: now.milliseconds - time.milliseconds) + " ago"
    }

    /// `41 s`, `32 min`, `4 h`, `6 d`.
    package static func duration(milliseconds: Int64) -> String {
        let seconds = milliseconds / 1000
        switch seconds {
        case ..<120: return "\(max(0, seconds)) s"
        case ..<7200: return "\(seconds / 60) min"
        case ..<172_800: return "\(seconds / 3600) h"
        default: return "\(seconds / 86400) d"
        }
    }

    /// As ``duration(milliseconds:)`` with what is left over: `41 s`, `32 min`, `5h 12m`, `6d 4h`.
    package static func span(milliseconds: Int64) -> String {
        let minutes = milliseconds / 60_000
        switch minutes {
        case ..<60: return duration(milliseconds: milliseconds)
        case ..<1440: return "\(minutes / 60)h \(minutes % 60)m"
        default: return "\(minutes / 1440)d \(minutes / 60 % 24)h"
        }
    }
}
