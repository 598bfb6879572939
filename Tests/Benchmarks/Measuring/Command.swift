import Foundation
import Glibc
import TestSupport

/// A program to be run to its end, with its arguments.
struct Command {
    /// The absolute path of the program, then its arguments.
    var words: [String]
    /// A file for its standard input.
    var input = "/dev/null"
    /// A file for what it writes; overwritten.
    var output = "/dev/null"
    /// Variables added to those of the benchmark.
    var environment: [String: String] = [:]
    /// After so many seconds it is killed.
    var limit: Double = 1800

    init(_ words: String...) { self.words = words }
    init(_ words: [String]) { self.words = words }

    /// Runs it and measures it.
    ///
    /// - Throws: ``SystemError`` when it cannot be started. What it said with its status is for the caller to judge.
    func measure() throws -> Usage {
        // The kernel hands the peak of whoever starts a program on to it, and this program is no small one: GNU time
        // is, so it stands between and tells the peak. What it costs itself, two milliseconds, is counted to all.
        let peak = try TemporaryFolder("bench-peak")
        let timed =
            ["/usr/bin/time", "-q", "-o", peak.path("kilobytes"), "-f", "%M"]
            // Whatever ends the one that waits ends the program too.
            + ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--"] + words
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)

        var arguments = timed.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        let inherited = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        var variables = inherited.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for variable in variables { free(variable) } }

        var child: pid_t = 0
        let start = Self.now
        let failure = posix_spawn(&child, timed[0], &actions, nil, &arguments, &variables)
        guard failure == 0 else {
            throw SystemError(message: "\(words): \(String(cString: strerror(failure)))")
        }
        let overdue = DispatchWorkItem { [child] in kill(child, SIGKILL) }
        DispatchQueue.global().asyncAfter(deadline: .now() + limit, execute: overdue)
        var status: CInt = 0
        var usage = rusage()
        while wait4(child, &status, 0, &usage) < 0 {
            guard errno == EINTR else { throw SystemError("wait4") }
        }
        let wall = Self.now - start
        overdue.cancel()
        let told = try peak.text("kilobytes").split(separator: "\n").last.map(String.init) ?? ""
        guard let kilobytes = Int(told) else {
            throw SystemError(message: "\(words) could not be measured: \(told)")
        }
        let signal = Int(status & 0x7F)
        return Usage(
            wall: wall,
            cpu: Self.seconds(usage.ru_utime) + Self.seconds(usage.ru_stime),
            system: Self.seconds(usage.ru_stime),
            memory: kilobytes * 1024,
            status: signal == 0 ? Int(status >> 8 & 0xFF) : 128 + signal
        )
    }

    /// Runs it where it is not measured.
    ///
    /// - Returns: What it wrote.
    /// - Throws: ``SystemError`` with what it wrote when its status is none of those expected.
    @discardableResult
    func run(expecting statuses: Set<Int> = [0]) throws -> String {
        let folder = try TemporaryFolder("bench-tool")
        var command = self
        command.output = folder.path("out")
        let usage = try command.measure()
        let said = try folder.text("out")
        guard statuses.contains(usage.status) else {
            throw SystemError(message: "\(words.joined(separator: " ")) ended with \(usage.status): \(said)")
        }
        return said
    }

    private static var now: Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func seconds(_ time: timeval) -> Double {
        Double(time.tv_sec) + Double(time.tv_usec) / 1e6
    }
}
