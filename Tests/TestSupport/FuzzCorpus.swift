import Foundation

/// The inputs that a fuzzer kept, in `Tests/Fuzzing/corpus`: together they reach everything that it reached.
package enum FuzzCorpus {
    /// The inputs for one fuzzer.
    ///
    /// - Throws: ``SystemError`` when they are not there or cannot be read.
    package static func inputs(_ name: String) throws -> [[UInt8]] {
        let folder = #filePath.split(separator: "/").dropLast(2).reduce(into: "") { $0 += "/\($1)" }
        let lines = try TemporaryFolder.read("\(folder)/Fuzzing/corpus/\(name).base64").split(separator: 0x0A)
        return try lines.map { line in
            guard let input = Data(base64Encoded: Data(line)) else {
                throw SystemError(message: "a line of \(name).base64 is no base64")
            }
            return Array(input)
        }
    }
}
