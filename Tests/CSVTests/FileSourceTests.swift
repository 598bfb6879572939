import CSV
import Glibc
import TestSupport
import Testing

struct FileSourceTests {
    @Test func `a file is read to its end`() throws {
        var name = Array("/tmp/ledgerdrop-csv-XXXXXX".utf8CString)
        let descriptor = mkstemp(&name)
        defer {
            close(descriptor)
            unlink(name)
        }
        let text = String(repeating: "1,\"a\"\"b\"\n", count: 1000)
        #expect(write(descriptor, text, text.utf8.count) == text.utf8.count)
        #expect(lseek(descriptor, 0, SEEK_SET) == 0)
        var reader = RecordReader(FileSource(descriptor: descriptor), bufferSize: 512)
        var count = 0
        while try reader.next() {
            count += Array(reader.record.field(1)) == Array("a\"b".utf8) ? 1 : 0
        }
        #expect(count == 1000)
        #expect(reader.bytesRead == Int64(text.utf8.count))
    }

    @Test func `a failed read is no end of file`() {
        var reader = RecordReader(FileSource(descriptor: -1))
        var failure: CSVFailure?
        do throws(CSVFailure) {
            _ = try reader.next()
        } catch {
            failure = error
        }
        #expect(failure == .io(EBADF))
    }
}
