import Glibc
import TestSupport

/// The program under test, as the build left it beside the test bundle; a test never builds it.
enum Program {
    /// The absolute path of the binary.
    static func path() throws -> String {
        // The long harnesses measure the program as it is released.
        if let chosen = getenv("LEDGERDROP_BINARY") { return String(cString: chosen) }
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        guard count > 0 else { throw SystemError("readlink /proc/self/exe") }
        let bundle = String(decoding: buffer[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let path = bundle.split(separator: "/").dropLast().reduce(into: "") { $0 += "/\($1)" } + "/ledgerdrop"
        guard access(path, X_OK) == 0 else { throw SystemError("\(path)") }
        return path
    }
}

/// What a program said and how it ended.
struct CommandResult: Sendable {
    /// The exit status, or 128 and the number of the signal.
    var status: Int
    var output: String
    var errors: String
}
