import Foundation

/// Days of slots, in UTC.
enum ModelDay {
    /// `YYYY-MM-DD` of a time in seconds since 1970.
    static func text(_ seconds: Int) -> Text {
        let date = Date(timeIntervalSince1970: TimeInterval(seconds))
        return Text(String(date.formatted(.iso8601).prefix(10)))
    }

    /// `YYYYMMDD`.
    static func compact(_ seconds: Int) -> String {
        text(seconds).string.replacing("-", with: "")
    }
}
