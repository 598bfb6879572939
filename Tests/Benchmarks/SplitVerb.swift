import CSV
import Glibc
import TestSupport

/// Splits a file with the shipped splitter and counts what it finds: records, fields, bytes of the fields.
enum SplitVerb {
    static func run(_ words: [String]) throws {
        guard let path = words.first else { throw SystemError(message: "split wants a file") }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemError("open \(path)") }
        defer { close(descriptor) }
        var reader = RecordReader(FileSource(descriptor: descriptor))
        var records = 0
        var fields = 0
        var bytes = 0
        while try reader.next() {
            let record = reader.record
            records += 1
            fields += record.count
            for field in 0..<record.count { bytes += record.rawField(field).count }
        }
        print("\(records)|\(fields)|\(bytes)")
    }
}
