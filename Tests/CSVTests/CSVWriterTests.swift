import CSV
import TestSupport
import Testing

struct CSVWriterTests {
    static func written(
        _ rows: [[String]],
        as kind: CSVWriter.Kind = .text,
        delimiter: Character = ",",
        marksEncoding: Bool = false
    ) -> String {
        var writer = CSVWriter(delimiter: delimiter.asciiValue ?? 0, marksEncoding: marksEncoding)
        for row in rows {
            for cell in row {
                writer.append(cell, as: kind)
            }
            writer.endRecord()
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test(
        arguments: [
            (["a", "b c", "é"], "a,b c,é"), (["a,b", "c\"d", "e;f"], "\"a,b\",\"c\"\"d\",e;f"),
            (["a\nb", "c\rd", "e\r\n"], "\"a\nb\",\"c\rd\",\"e\r\n\""), (["", "", ""], ",,"), ([""], "\"\""),
            ([], "\"\""),
            (["", "a"], ",a"), ([" a", "a "], "\" a\",\"a \""),
            (["<a>", "{a}", "%PDF"], "\"<a>\",\"{a}\",\"%PDF\""),
            (["\u{FEFF}a"], "\"\u{FEFF}a\""), (["\""], "\"\"\"\""),
        ] as [([String], String)]
    )
    func `a cell is quoted when it must be`(row: [String], line: String) {
        #expect(Self.written([row]) == line + "\r\n")
    }

    @Test(arguments: [
        ("=1+1", "'=1+1"), ("+1", "'+1"), ("-5.00", "'-5.00"), ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "\"'\t=1\""),
        ("\r=1", "\"'\r=1\""), ("\0=1", "\"'\0=1\""), ("＝1", "\"'＝1\""), ("＋1", "\"'＋1\""), ("－1", "\"'－1\""),
        ("＠a", "\"'＠a\""), ("=\"a,b\"", "\"'=\"\"a,b\"\"\""), ("a=1", "a=1"), ("'=1", "'=1"), ("", "\"\""),
    ])
    func `a text that looks like a formula is disarmed, a number of ours is not`(cell: String, line: String) {
        #expect(Self.written([[cell]]) == line + "\r\n")
        #expect(Reading(Self.written([[cell, "x"]], as: .plain)).rows == [[cell, "x"]])
    }

    @Test func `a number keeps its sign`() {
        #expect(Self.written([["-5.00", "+1"]], as: .plain) == "-5.00,+1\r\n")
    }

    @Test func `cells of a record go into a report byte for byte`() throws {
        let input = "=a;\"b\"\"c\nd\"; \"e\r\nnext;\"x\"y;1\r\n"
        var reader = RecordReader(ArraySource(Array(input.utf8)), delimiter: UInt8(ascii: ";"))
        var writer = CSVWriter(delimiter: UInt8(ascii: ";"))
        var originals: [Reading.Seen] = []
        while try reader.next() {
            originals.append(Reading.Seen(reader.record))
            writer.append("\(reader.record.number)", as: .plain)
            writer.append("-wrong; see \"x\"")
            writer.append(raw: reader.record.bytes)
            writer.endRecord()
        }
        let report = Reading(writer.bytes, delimiter: ";")
        #expect(report.records.map { Array($0.rawFields.dropFirst(2)) } == originals.map(\.rawFields))
        #expect(report.records.map { Array($0.fields.dropFirst(2)) } == originals.map(\.fields))
        #expect(report.rows.map { $0[1] } == ["'-wrong; see \"x\"", "'-wrong; see \"x\""])
    }

    @Test func `a byte-order mark makes the encoding known`() {
        let text = Self.written([["é"]], marksEncoding: true)
        #expect(Reading(Array(text.utf8), encoding: .windows1252).rows == [["é"]])
    }

    @Test func `bytes are handed over once`() {
        var writer = CSVWriter()
        var taken: [UInt8] = []
        for cell in ["a", "b", ""] {
            writer.append(cell)
            writer.drain { taken += Array($0) }
        }
        writer.endRecord()
        writer.drain { taken += Array($0) }
        #expect(taken == Array("a,b,\r\n".utf8))
        #expect(writer.bytes.isEmpty)
    }

    @Test(arguments: [",", ";", "\t", "|"] as [Character])
    func `what was written is read back as it was`(delimiter: Character) {
        var random = SplitMix64(seed: 42)
        let scalars = Array(",;\t|\"\n\r a=é<{\u{1A}\u{FEFF}\u{1F600}'".unicodeScalars)
        for _ in 0..<500 {
            let rows = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                (0..<Int.random(in: 1...5, using: &random)).map { _ in
                    var cell = String.UnicodeScalarView()
                    for _ in 0..<Int.random(in: 0...6, using: &random) {
                        cell.append(scalars[Int.random(in: 0..<scalars.count, using: &random)])
                    }
                    return String(cell)
                }
            }
            let text = Self.written(rows, as: .plain, delimiter: delimiter)
            let reading = Reading(text, delimiter: delimiter)
            // Strings would call different bytes equal; see the rule for keys.
            #expect(reading.records.map(\.fields) == rows.map { $0.map { Array($0.utf8) } })
            #expect(reading.failure == nil)
        }
    }
}
