import Foundation
import TestSupport

/// One call of the program under test that goes wrong, by a library that is preloaded into it (`Tests/Faults`).
///
/// Calls are counted over all threads, and only those that touch the state directory.
struct Faults: Sendable {
    /// The kinds of calls, in the order of the library's counters.
    enum Kind: String, CaseIterable, Sendable {
        case create, open, read, write, sync, rename, unlink, truncate, mkdir, link
    }

    enum Deed: Sendable {
        /// The program is killed before the call.
        case kill
        /// Half of a write is done, then the program is killed; other calls as for `kill`.
        case tear
        /// The call fails with an error number and does nothing; `forever`: so does every later one.
        case fail(CInt, forever: Bool)
    }

    var kinds: [Kind] = Kind.allCases
    /// The number of the call, from 1.
    var at = 0
    var deed: Deed?

    /// The environment of the program; `counters` is a file for what ``Count`` reads.
    func environment(for drop: EndToEndDrop, counters: String) throws -> [String: String] {
        var variables = [
            "LD_PRELOAD": try Self.preload(), "FAULTS_ROOT": drop.folder.path("state"),
            "FAULTS_CALLS": kinds.map(\.rawValue).joined(separator: ","), "FAULTS_AT": "\(at)",
            "FAULTS_COUNTS": counters,
        ]
        switch deed {
        case .kill: variables["FAULTS_DO"] = "kill"
        case .tear: variables["FAULTS_DO"] = "tear"
        case .fail(let code, let forever):
            variables["FAULTS_DO"] = "\(code)"
            if forever { variables["FAULTS_FOREVER"] = "1" }
        case nil: break
        }
        return variables
    }

    /// What the library counted.
    struct Count: Sendable {
        var calls: [Kind: Int] = [:]
        /// How many of the wanted kinds there were.
        var wanted = 0
        /// How many went wrong.
        var strikes = 0

        init(_ path: String) throws {
            let bytes = try TemporaryFolder.read(path)
            let numbers = bytes.withUnsafeBytes { raw in
                (0..<raw.count / 8).map { Int(raw.loadUnaligned(fromByteOffset: $0 * 8, as: UInt64.self)) }
            }
            guard numbers.count == Kind.allCases.count + 2 else { throw SystemError(message: "no counters") }
            for (kind, number) in zip(Kind.allCases, numbers) { calls[kind] = number }
            wanted = numbers[Kind.allCases.count]
            strikes = numbers[Kind.allCases.count + 1]
        }
    }

    /// The library, and what is preloaded into these tests: a sanitizer's daemon needs it as they do.
    static func preload() throws -> String {
        [try library(), ProcessInfo.processInfo.environment["LD_PRELOAD"]].compactMap(\.self)
            .joined(separator: ":")
    }

    /// The library, compiled once for all tests of the process.
    static func library() throws -> String { try built.get().path("faults.so") }

    private static let built = Result {
        let folder = try TemporaryFolder("faults")
        let source = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appending(path: "../../Faults/faults.c").standardizedFileURL.path
        let compiler = try ChildProcess(
            ["/usr/bin/env", "clang", "-O1", "-shared", "-fPIC", "-o", folder.path("faults.so"), source],
            output: folder.path("log"),
            errors: folder.path("log")
        )
        while compiler.isRunning { usleep(5000) }
        guard compiler.exitStatus == 0 else {
            throw SystemError(message: "clang: \(try folder.text("log"))")
        }
        return folder
    }
}
