import Daemon
import Testing

struct ScheduleTests {
    private let schedule = Schedule(minute: 0, catchesUp: true)

    @Test(
        arguments: [
            (0, 0, 0), (0, 3599, 0), (0, 3600, 3600), (0, -1, -3600), (0, -3600, -3600),
            (5, 0, -3300), (5, 299, -3300), (5, 300, 300), (5, 3899, 300), (59, 3539, -60), (59, 3540, 3540),
        ] as [(Int, Int64, Int64)]
    )
    func `the newest slot is at or before now`(minute: Int, now: Int64, slot: Int64) {
        let schedule = Schedule(minute: minute, catchesUp: true)
        #expect(schedule.slot(atOrBefore: now).second == slot)
        #expect(schedule.slot(after: now).second == slot + 3600)
    }

    @Test(arguments: [(2026, 8760), (2028, 8784)])
    func `a year has as many slots as hours, each once, whatever clocks do in summer`(year: Int, hours: Int) {
        let start = Int64(year - 1970) * 31_536_000 + Int64((year - 1969) / 4) * 86400
        let end = start + Int64(hours) * 3600
        var served: Set<Int64> = []
        var last = Slot(second: start - 3600)
        var now = start
        while now < end {
            let due = schedule.due(at: now, after: last)
            #expect(due.skipped == nil)
            if let slot = due.slot {
                #expect(served.insert(slot.second).inserted)
                last = slot
            }
            now = schedule.slot(after: now).second
        }
        #expect(served.count == hours)
        #expect(Slot(second: start).description == "\(year)-01-01T00:00:00Z")
    }

    @Test func `a run of two and a half hours is followed by one run and one skip`() {
        let due = schedule.due(at: 10 * 3600 + 9000, after: Slot(second: 10 * 3600))
        #expect(due.slot == Slot(second: 12 * 3600))
        #expect(
            due.skipped == Schedule.Skip(from: Slot(second: 11 * 3600), to: Slot(second: 11 * 3600), count: 1)
        )
    }

    @Test func `after downtime only the newest missed slot is caught up`() {
        let due = schedule.dueAtStart(at: 20 * 3600 + 60, after: Slot(second: 10 * 3600))
        #expect(due.slot == Slot(second: 20 * 3600))
        #expect(
            due.skipped == Schedule.Skip(from: Slot(second: 11 * 3600), to: Slot(second: 19 * 3600), count: 9)
        )
    }

    @Test func `without catching up every missed slot is skipped`() {
        let schedule = Schedule(minute: 0, catchesUp: false)
        let due = schedule.dueAtStart(at: 20 * 3600 + 60, after: Slot(second: 10 * 3600))
        #expect(due.slot == nil)
        #expect(due.skipped?.count == 10)
    }

    @Test func `the first start catches up with nothing`() {
        #expect(schedule.dueAtStart(at: 20 * 3600 + 60, after: nil) == Schedule.Due(slot: nil, skipped: nil))
    }

    @Test func `a slot that was served is not due again`() {
        #expect(schedule.due(at: 3600, after: Slot(second: 3600)) == Schedule.Due(slot: nil, skipped: nil))
        #expect(
            schedule.dueAtStart(at: 7199, after: Slot(second: 3600)) == Schedule.Due(slot: nil, skipped: nil)
        )
    }

    @Test(
        arguments: [
            (1, nil, nil), (3600, 14400, nil), (10 * 365 * 86400, 315_370_800, 87599),
            (253_402_300_799, 253_402_311_600, nil),
        ] as [(Int64, Int64?, Int?)]
    )
    func `a clock set forward makes one run, not many`(step: Int64, slot: Int64?, skipped: Int?) {
        let due = schedule.due(at: 3 * 3600 + 10 + step, after: Slot(second: 3 * 3600))
        #expect(due.slot?.second == slot)
        if let skipped { #expect(due.skipped?.count == skipped) }
    }

    @Test(arguments: [1, 3600, 86400 * 3650] as [Int64])
    func `a clock set back makes no slot due that was served`(step: Int64) {
        let last = Slot(second: 500_000 * 3600)
        #expect(schedule.due(at: last.second - step, after: last).slot == nil)
    }

    @Test func `a changed minute makes no slot of the past due`() {
        let moved = Schedule(minute: 5, catchesUp: true)
        #expect(moved.due(at: 3600 + 60, after: Slot(second: 3600)).slot == nil)
        #expect(moved.due(at: 3600 + 300, after: Slot(second: 3600)).slot == Slot(second: 3900))
        #expect(moved.due(at: 3600 + 300, after: Slot(second: 3600)).skipped == nil)
    }
}
