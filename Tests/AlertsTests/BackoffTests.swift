import Testing

@testable import Alerts

struct BackoffTests {
    @Test func `the wait grows from a minute to an hour`() {
        let waits = (1...9).map { Backoff.seconds(after: $0, jitter: 0.5) }
        #expect(waits == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600])
    }

    @Test(arguments: [-1, 0, 0.3, 1, 2, Double.nan, .infinity])
    func `chance never makes it shorter than a minute or longer than an hour`(jitter: Double) {
        for attempts in [Int.min, 0, 1, 3, 7, Int.max] {
            #expect((60...3600).contains(Backoff.seconds(after: attempts, jitter: jitter)))
        }
    }
}
