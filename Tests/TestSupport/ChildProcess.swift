package import Glibc
import Synchronization

/// A program that a test started; its output goes to files, and it ends with the last reference or with the tests.
package final class ChildProcess: Sendable {
    package let processID: pid_t
    /// What `waitpid` said, once it did.
    private let ending = Mutex<CInt?>(nil)

    /// Starts a program.
    ///
    /// - Parameters:
    ///   - command: The absolute path of the program, then its arguments.
    ///   - input: A file for its standard input.
    ///   - output: A file for its standard output; appended to.
    ///   - errors: A file for its standard error; appended to. It may be the same as `output`.
    ///   - environment: Variables added to, or replacing, those of the test.
    /// - Throws: ``SystemError`` when it cannot be started.
    package init(
        _ command: [String],
        input: String = "/dev/null",
        output: String = "/dev/null",
        errors: String = "/dev/null",
        environment: [String: String] = [:]
    ) throws {
        // Asked first: whoever ties the program to this process could only say it in the child's own output.
        guard let program = command.first, access(program, X_OK) == 0 else {
            throw SystemError("\(command)")
        }
        let tied = Nursery.tied(command)
        let variables = Self.variables(adding: environment)
        processID = try Nursery.shared.run {
            Self.start(tied, input: input, output: output, errors: errors, variables: variables)
        }
    }

    deinit { stop() }

    /// Whether the program has not ended yet.
    package var isRunning: Bool { exitStatus == nil }

    /// The exit status, or 128 and the number of the signal that ended it; `nil` while it runs.
    package var exitStatus: Int? {
        ending.withLock { ending in
            if ending == nil {
                var status: CInt = 0
                if waitpid(processID, &status, WNOHANG) == processID { ending = status }
            }
            return ending.map(Self.meaning)
        }
    }

    /// Sends a signal, unless the program has ended.
    package func signal(_ number: CInt) {
        if isRunning { kill(processID, number) }
    }

    /// Kills the program and everything that it started.
    package func stop() {
        for child in descendants { kill(child, SIGKILL) }
        ending.withLock { ending in
            guard ending == nil else { return }
            kill(processID, SIGKILL)
            var status: CInt = 0
            if waitpid(processID, &status, 0) == processID { ending = status }
        }
    }

    /// Waits for the end of the program.
    package func wait() async throws -> Int {
        try await poll("the end of process \(processID)") { self.exitStatus }
    }

    /// The processes that this one started and those started by them, the oldest generation first.
    package var descendants: [pid_t] {
        guard isRunning else { return [] }
        var parents: [pid_t: [pid_t]] = [:]
        guard let folder = opendir("/proc") else { return [] }
        defer { closedir(folder) }
        while let entry = readdir(folder) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { raw in
                String(decoding: raw.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let process = pid_t(name), let parent = Self.parent(of: process) else { continue }
            parents[parent, default: []].append(process)
        }
        var found: [pid_t] = []
        var generation = [processID]
        while !generation.isEmpty {
            generation = generation.flatMap { parents[$0] ?? [] }
            found += generation
        }
        return found
    }

    private static func start(
        _ command: [String],
        input: String,
        output: String,
        errors: String,
        variables: [String]
    ) -> Result<pid_t, SystemError> {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        let appending = O_WRONLY | O_CREAT | O_APPEND
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, appending, 0o600)
        posix_spawn_file_actions_addopen(&actions, 2, errors, appending, 0o600)

        // Signals that the test runner may have blocked or ignored must reach the child.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        var all = sigset_t()
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF))

        var arguments = command.map { strdup($0) } + [nil]
        defer { for argument in arguments { free(argument) } }
        var settings = variables.map { strdup($0) } + [nil]
        defer { for setting in settings { free(setting) } }
        var child: pid_t = 0
        let failure = posix_spawn(&child, command.first ?? "", &actions, &attributes, &arguments, &settings)
        guard failure == 0 else {
            return .failure(SystemError(message: "\(command): \(String(cString: strerror(failure)))"))
        }
        return .success(child)
    }

    private static func parent(of process: pid_t) -> pid_t? {
        // The file of a process that has just ended is gone: then it is nobody's child.
        guard let bytes = try? TemporaryFolder.read("/proc/\(process)/stat") else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        guard let name = text.lastIndex(of: ")") else { return nil }
        let fields = text[name...].split(separator: " ")
        return fields.count > 2 ? pid_t(fields[2]) : nil
    }

    private static func variables(adding: [String: String]) -> [String] {
        var variables: [String] = []
        var next = environ
        while let variable = next.pointee {
            let text = String(cString: variable)
            let name = text.split(separator: "=", maxSplits: 1).first.map(String.init) ?? ""
            if adding[name] == nil { variables.append(text) }
            next += 1
        }
        return variables + adding.map { "\($0.key)=\($0.value)" }
    }

    private static func meaning(of status: CInt) -> Int {
        let signal = Int(status & 0x7F)
        return signal == 0 ? Int((status >> 8) & 0xFF) : 128 + signal
    }
}

/// Asks again and again until there is an answer.
///
/// On a machine that is busy an answer may take minutes, so it is the test's own time limit that ends this; the hour is
/// for the long harnesses, whose limit is ten.
///
/// - Throws: ``SystemError`` naming `what` when the test was ended before.
@discardableResult
package func poll<Answer>(_ what: String, _ ask: () throws -> Answer?) async throws -> Answer {
    let begin = ContinuousClock.now
    while true {
        if let answer = try ask() { return answer }
        try? await Task.sleep(for: .milliseconds(5))
        let waited = ContinuousClock.now - begin
        guard !Task.isCancelled, waited < .seconds(3600) else {
            throw SystemError(message: "waited \(waited) for \(what)")
        }
    }
}

/// Runs a program to its end.
///
/// - Returns: What it wrote to its standard output.
/// - Throws: ``SystemError`` with what it wrote to standard error, when its status is not 0.
@discardableResult
package func runTool(_ command: [String], input: String = "") async throws -> String {
    let folder = try TemporaryFolder("tool")
    let given = try folder.write(input, to: "in")
    let program = try ChildProcess(
        command,
        input: given,
        output: folder.path("out"),
        errors: folder.path("err")
    )
    let status = try await program.wait()
    guard status == 0 else {
        throw SystemError(message: "\(command) ended with \(status): \(try folder.text("err"))")
    }
    return try folder.text("out")
}
