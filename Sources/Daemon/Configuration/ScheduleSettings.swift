/// The section `schedule`: when a run is made.
package struct ScheduleSettings: Sendable, Equatable {
    /// - `minute` (number, default: 0): the minute of each hour, UTC.
    package var minute = 0
    /// - `quiet_period` (duration, default: 30s, 0s to 10m): between the two listings.
    package var quietPeriod = Duration.seconds(30)
    /// - `catch_up` (flag, default: true): the newest missed slot is made up for.
    package var catchUp = true
    /// - `run_deadline` (duration, default: 50m): what is not begun by then is deferred.
    package var runDeadline = Duration.seconds(3000)

    package init() {}

    init(_ section: inout StrictMapping) {
        minute = section.integer("minute", in: 0...59, default: 0)
        quietPeriod = section.duration("quiet_period", in: .zero ... .seconds(600), default: .seconds(30))
        catchUp = section.flag("catch_up", default: true)
        runDeadline = section.duration(
            "run_deadline",
            in: .seconds(60) ... .seconds(86400),
            default: runDeadline
        )
    }
}
