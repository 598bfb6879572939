import Foundation
import Ledger

/// A moment as mails show it: in UTC, and in the drop's zone where that differs.
enum SlotTime {
    /// `2026-11-21 10:00:00Z (2026-11-21 11:00 Europe/Berlin)`.
    static func text(_ moment: Timestamp, zone name: String) -> String {
        let universal = moment.textInSeconds.replacingOccurrences(of: "T", with: " ")
        guard name != "UTC", let zone = TimeZone(identifier: name) else { return universal }
        let date = Date(timeIntervalSince1970: TimeInterval(moment.seconds))
        let local = moment.adding(seconds: Int64(zone.secondsFromGMT(for: date)))
        let shown = local.textInSeconds.prefix(16).replacingOccurrences(of: "T", with: " ")
        return "\(universal) (\(shown) \(name))"
    }
}
