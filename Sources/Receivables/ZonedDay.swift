import Foundation

extension Day {
    /// The civil date at a moment in a time zone; `nil` for an unknown zone, or outside ``years``.
    ///
    /// - Parameters:
    ///   - seconds: Seconds since 1970-01-01 00:00 UTC.
    ///   - zone: An IANA name.
    package init?(at seconds: Int, in zone: String) {
        guard let zone = TimeZone(identifier: zone) else { return nil }
        let offset = zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(seconds)))
        let (local, overflow) = seconds.addingReportingOverflow(offset)
        if overflow { return nil }
        let day = local / 86_400
        self.init(number: local % 86_400 < 0 ? day - 1 : day)
    }
}
