import Glibc
import TestSupport

/// Where everything is: programs, data, and the folder in which contenders do their work.
struct Place {
    /// The program under test.
    let ledgerdrop: String
    /// This program, for the parts of it that are run as contenders.
    let benchmarks: String
    /// The Python that has DuckDB; `nil` where it could not be had.
    let duckDBPython: String?
    let python: String
    /// The scripts that drive peers.
    let peers: String
    /// Where generated files are kept.
    let data: String
    /// Where contenders work; everything in it is replaced by every run.
    var work: String

    /// The same place, but with the work done in memory where there is room, so that transfers do not measure a disk.
    var inMemory: Place {
        var status = statvfs()
        guard statvfs("/dev/shm", &status) == 0, status.f_bavail * status.f_bsize > 4 << 30 else {
            return self
        }
        var other = self
        // One name for one place, so that what a killed benchmark left is found by the next.
        other.work = "/dev/shm/ledgerdrop-bench" + data.replacing("/", with: "-")
        return other
    }

    /// Removes what was done in memory.
    func leaveMemory() throws {
        let memory = inMemory
        if memory.work != work { try memory.remove(memory.work) }
    }

    /// Whether the machine has a program of Debian's.
    static func has(_ program: String) -> Bool { Files.exists("/usr/bin/\(program)") }

    /// The path of a fresh, empty folder in the working place.
    func fresh(_ name: String) throws -> String {
        let path = "\(work)/\(name)"
        try remove(path)
        try Files.makeFolder(path)
        return path
    }

    func remove(_ path: String) throws {
        guard path.hasPrefix(work) else { throw SystemError(message: "\(path) is not ours to remove") }
        try Command("/bin/rm", "-rf", path).run()
    }

    /// Copies a file or a folder with everything in it.
    func copy(_ source: String, to target: String) throws {
        try Command("/bin/cp", "-a", "--reflink=auto", source, target).run()
    }

    /// The rows of a query, their values joined by `|`.
    func query(_ database: String, _ sql: String) throws -> [String] {
        try Command("/usr/bin/sqlite3", "-readonly", "-batch", database, sql).run()
            .split(separator: "\n").map(String.init)
    }

    /// Expects a query to have these rows.
    func expect(_ database: String, _ sql: String, gives rows: [String]) throws {
        let found = try query(database, sql)
        guard found == rows else {
            throw SystemError(
                message: "\(sql)\n  should give \(rows.prefix(20))\n  but gives \(found.prefix(20))"
            )
        }
    }
}
