import Logging

/// Logs what goes wrong again and again once for as long as it stays the same, and that it is over.
struct ProblemLog {
    private let name: String
    private let logger: Logger
    private var last = ""
    private var repetitions = 0

    init(_ name: String, _ logger: Logger) {
        self.name = name
        self.logger = logger
    }

    mutating func note(_ error: any Error) {
        repetitions += 1
        let problem = "\(error)"
        if problem != last { logger.error("\(name) failed", metadata: ["error": "\(problem)"]) }
        last = problem
    }

    mutating func noteSuccess() {
        if repetitions > 0 {
            logger.notice("\(name) works again", metadata: ["failures": "\(repetitions)"])
        }
        last = ""
        repetitions = 0
    }
}
