import CSV
import Glibc
import Testing

struct LimitTests {
    static let chunks = [1, 7, 64, 65, 4096]

    static func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

    @Test(arguments: [99, 100, 101], chunks)
    func `a field may be as long as the limit`(length: Int, chunk: Int) {
        let limits = Limits(fieldBytes: 100)
        let cell = String(repeating: "x", count: length)
        for (text, line) in [
            ("a,b\n1,\(cell)\r\n2,3\n", 2), ("a,b\n1,\"\(cell)\"\n2,3\n", 2), ("a,b\n\(cell)", 2),
            (cell + ",1\n", 1),
            ("a\n\"\n\"\n\"\(cell)\"", 4),
        ] {
            let reading = Reading(Self.bytes(text), limits: limits, bufferSize: chunk, chunk: chunk)
            let number: Int64 = line == 4 ? 3 : Int64(line)
            let failure = CSVFailure.tooLarge(what: .field, limit: 100, record: number, line: Int64(line))
            #expect(reading.failure == (length > 100 ? failure : nil))
        }
    }

    @Test(arguments: [799, 800, 801], chunks)
    func `a record may be eight times as long`(length: Int, chunk: Int) {
        let limits = Limits(fieldBytes: 100)
        // Nine cells and eight delimiters.
        let cells = Array(repeating: String(repeating: "x", count: 88), count: 8)
        let record = (cells + [String(repeating: "y", count: length - 8 * 89)]).joined(separator: ",")
        for end in ["", "\n", "\r\n"] {
            let bytes = Self.bytes("a\n" + record + end)
            let reading = Reading(bytes, limits: limits, bufferSize: chunk, chunk: chunk)
            let failure = CSVFailure.tooLarge(what: .record, limit: 800, record: 2, line: 2)
            #expect(reading.failure == (length > 800 ? failure : nil))
        }
    }

    @Test(arguments: [3, 4, 5], chunks)
    func `a record may have as many columns as the limit`(count: Int, chunk: Int) {
        for cell in ["", "1", "\"a,b\""] {
            let text = "a\n" + Array(repeating: cell, count: count).joined(separator: ",") + "\n"
            let reading = Reading(
                Self.bytes(text),
                limits: Limits(columns: 4),
                bufferSize: chunk,
                chunk: chunk
            )
            let failure = CSVFailure.tooLarge(what: .columns, limit: 4, record: 2, line: 2)
            #expect(reading.failure == (count > 4 ? failure : nil))
            #expect(reading.records.count == (count > 4 ? 1 : 2))
        }
    }

    @Test func `a hundred thousand columns are refused`() {
        let reading = Reading(String(repeating: ",", count: 100_000))
        #expect(reading.failure == .tooLarge(what: .columns, limit: 4096, record: 1, line: 1))
    }

    @Test(arguments: [7, 8, 9])
    func `a file may be as long as the limit`(limit: Int) {
        let reading = Reading(Self.bytes("a,b\n1,2\n"), limits: Limits(fileBytes: limit))
        let isTooLarge = limit < 8
        #expect((reading.failure != nil) == isTooLarge)
        if isTooLarge {
            #expect(reading.failure == .tooLarge(what: .file, limit: 7, record: 1, line: 1))
        }
    }

    @Test func `a field of five megabytes passes under a higher limit`() {
        let cell = [UInt8](repeating: 0x22, count: 5 << 20)
        let reading = Reading(
            Array("a\n".utf8) + cell,
            limits: Limits(fieldBytes: 8 << 20),
            bufferSize: 256 << 10
        )
        #expect(reading.records.last?.fields.first?.count == (5 << 20) / 2 - 1)
    }

    /// Never ends, and counts what was taken from it.
    private struct EndlessSource: ByteSource {
        var head = Array("a,b\n1,\"".utf8)

        mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(CSVFailure) -> Int {
            let count = min(head.count, buffer.count)
            buffer.copyBytes(from: head.prefix(count))
            head.removeFirst(count)
            buffer[count...].copyBytes(from: repeatElement(UInt8(ascii: "x"), count: buffer.count - count))
            return buffer.count
        }
    }

    @Test(.timeLimit(.minutes(5))) func `a field without end is refused after little more than the limit`()
        throws
    {
        var reader = RecordReader(EndlessSource(), bufferSize: 64 << 10)
        #expect(try reader.next())
        var failure: CSVFailure?
        do throws(CSVFailure) {
            while try reader.next() {}
        } catch {
            failure = error
        }
        #expect(failure == .tooLarge(what: .field, limit: 1 << 20, record: 2, line: 2))
        #expect(reader.bytesRead < (1 << 20) + (256 << 10))
    }

    @Test(arguments: [
        "\"", "\"\"", "\"a\"b,", ",", ",\"", "\n", "\r", "\"\n", "a\"", "\" ,\"", "\u{0}", "\r\n\"\"",
    ]) func `ten times the bytes take about ten times the work`(pattern: String) {
        // A file of one record that never ends is as long as the limits allow; work is counted in the time of this
        // thread's processor, so that others on the machine do not matter.
        func work(_ bytes: Int) -> Double {
            let input = Self.bytes(pattern).cycled(to: bytes)
            var best = Double.infinity
            for _ in 0..<3 {
                let before = processorTime()
                var reader = RecordReader(
                    ArraySource(input),
                    limits: Limits(columns: 1 << 22, fieldBytes: 1 << 24),
                    bufferSize: 64 << 10
                )
                var count = 0
                do throws(CSVFailure) {
                    while try reader.next() { count += reader.record.count }
                } catch {
                    count += 1
                }
                best = min(best, processorTime() - before)
            }
            return best
        }
        let (small, large) = (work(100_000), work(1_000_000))
        // Work that grows with the square would be a hundred times as much.
        #expect(large < 40 * max(small, 0.000_5), "\(small) s, then \(large) s")
    }
}

/// Seconds that this thread has had of a processor.
private func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

extension [UInt8] {
    /// Its bytes again and again, so many in all.
    fileprivate func cycled(to length: Int) -> [UInt8] {
        (0..<length).map { self[$0 % count] }
    }
}
