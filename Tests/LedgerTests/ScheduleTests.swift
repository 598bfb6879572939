import Ledger
import Testing

struct ScheduleTests {
    private let schedule = Schedule(minute: 0)

    private func at(second: Int64) -> Timestamp { Timestamp(milliseconds: second * 1000) }

    private func hour(_ hour: Int64, and seconds: Int64 = 0) -> Timestamp {
        at(second: hour * 3600 + seconds)
    }

    @Test(
        arguments: [
            (0, 0, 0), (0, 3599, 0), (0, 3600, 3600), (0, -1, -3600), (0, -3600, -3600),
            (5, 0, -3300), (5, 299, -3300), (5, 300, 300), (5, 3899, 300), (59, 3539, -60), (59, 3540, 3540),
        ] as [(Int, Int64, Int64)]
    )
    func `the newest slot is at or before now`(minute: Int, now: Int64, slot: Int64) {
        let schedule = Schedule(minute: minute)
        #expect(schedule.slot(atOrBefore: at(second: now)) == at(second: slot))
        #expect(schedule.slot(after: at(second: now)) == at(second: slot + 3600))
    }

    @Test(arguments: [("2026-01-01T00:00:00Z", 8760), ("2028-01-01T00:00:00Z", 8784)])
    func `a year has as many slots as hours, each once, whatever clocks do in summer`(
        from: String,
        hours: Int
    ) throws {
        let start = try #require(Timestamp(from))
        let end = start.adding(seconds: Int64(hours) * 3600)
        var served: Set<Timestamp> = []
        var last = start.adding(seconds: -3600)
        var now = start
        while now < end {
            let due = schedule.due(at: now, after: last)
            #expect(due.skipped == nil)
            if let slot = due.slot {
                #expect(served.insert(slot).inserted)
                last = slot
            }
            now = schedule.slot(after: now)
        }
        #expect(served.count == hours)
        #expect(end.textInSeconds.hasSuffix("-01-01T00:00:00Z"))
    }

    @Test func `a run of two and a half hours is followed by one run and one skip`() {
        let due = schedule.due(at: hour(12, and: 1800), after: hour(10))
        #expect(due.slot == hour(12))
        #expect(due.skipped == Schedule.Skip(from: hour(11), to: hour(11), count: 1))
    }

    @Test func `after downtime only the newest missed slot is caught up`() {
        let due = schedule.due(at: hour(20, and: 60), after: hour(10))
        #expect(due.slot == hour(20))
        #expect(due.skipped == Schedule.Skip(from: hour(11), to: hour(19), count: 9))
    }

    @Test func `without catching up every missed slot is skipped`() {
        let due = schedule.due(at: hour(20, and: 60), after: hour(10), servingNewest: false)
        #expect(due.slot == nil)
        #expect(due.skipped == Schedule.Skip(from: hour(11), to: hour(20), count: 10))
    }

    @Test func `a slot that is closed is not due again`() {
        #expect(schedule.due(at: hour(1), after: hour(1)) == Schedule.Due(slot: nil, skipped: nil))
        #expect(schedule.due(at: hour(2, and: -1), after: hour(1)) == Schedule.Due(slot: nil, skipped: nil))
    }

    @Test(
        arguments: [
            (1, nil, nil), (3600, 4, nil), (10 * 365 * 86400, 87603, 87599),
            (253_402_300_799, 70_389_531, 70_389_527),
        ] as [(Int64, Int64?, Int64?)]
    )
    func `a clock set forward makes one run, not many`(step: Int64, slot: Int64?, skipped: Int64?) {
        let due = schedule.due(at: hour(3, and: 10 + step), after: hour(3))
        #expect(due.slot == slot.map { hour($0) })
        #expect(due.skipped?.count == skipped)
    }

    @Test(arguments: [1, 3600, 86400 * 3650] as [Int64])
    func `a clock set back makes no slot due that is closed`(step: Int64) {
        #expect(schedule.due(at: hour(500_000, and: -step), after: hour(500_000)).slot == nil)
    }

    @Test func `a changed minute makes no slot of the past due`() {
        let moved = Schedule(minute: 5)
        #expect(moved.due(at: hour(1, and: 60), after: hour(1)).slot == nil)
        #expect(
            moved.due(at: hour(1, and: 300), after: hour(1))
                == Schedule.Due(slot: hour(1, and: 300), skipped: nil)
        )
    }
}
