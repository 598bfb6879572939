import CSV

/// Everything that a reader says about a file, in a form that can be compared and kept.
struct Reading: Equatable, CustomStringConvertible {
    var records: [Seen] = []
    var failure: CSVFailure?
    var blankRecords: Int64 = 0
    var endedWithLineEnd = false

    /// A record as the reader showed it.
    struct Seen: Equatable {
        var fields: [[UInt8]] = []
        var rawFields: [[UInt8]] = []
        var quoted: [Bool] = []
        var bytes: [UInt8] = []
        var number: Int64 = 0
        var line: Int64 = 0
        var byteOffset: Int64 = 0
        var flaws: Flaws = []
        var firstFlaw: [Int64]?
        var invalid: [Int64]?
        var hasLineEnd = false
    }

    /// The values of all fields as text.
    var rows: [[String]] {
        records.map { $0.fields.map { String(decoding: $0, as: UTF8.self) } }
    }

    var description: String {
        let shown = records.map {
            "\($0.number)/\($0.line)/\($0.byteOffset) \($0.fields.map { String(decoding: $0, as: UTF8.self) })"
                + " quoted \($0.quoted) flaws \($0.flaws.rawValue) at \($0.firstFlaw ?? [])"
                + " invalid \($0.invalid ?? []) \($0.hasLineEnd)"
        }
        return "\(shown) failure \(String(describing: failure)) blank \(blankRecords) \(endedWithLineEnd)"
    }

    /// Reads `bytes` to the end or to the failure.
    init(
        _ bytes: [UInt8],
        delimiter: Character = ",",
        encoding: Encoding = .utf8,
        limits: Limits = Limits(),
        bufferSize: Int = 4096,
        chunk: Int = .max
    ) {
        var reader = RecordReader(
            ArraySource(bytes, chunk: chunk),
            delimiter: delimiter.asciiValue ?? 0,
            encoding: encoding,
            limits: limits,
            bufferSize: bufferSize
        )
        do throws(CSVFailure) {
            while try reader.next() {
                records.append(Seen(reader.record))
            }
        } catch {
            failure = error
        }
        blankRecords = reader.blankRecords
        endedWithLineEnd = reader.endedWithLineEnd
    }

    init(_ text: String, delimiter: Character = ",") {
        self.init(Array(text.utf8), delimiter: delimiter)
    }

    init() {}
}

extension Reading.Seen {
    init(_ record: Record) {
        // All fields are asked for before the first is used: none may spoil another.
        let values = (0..<record.count).map(record.field)
        fields = values.map(Array.init)
        rawFields = (0..<record.count).map { Array(record.rawField($0)) }
        quoted = (0..<record.count).map(record.isQuoted)
        bytes = Array(record.bytes)
        number = record.number
        line = record.line
        byteOffset = record.byteOffset
        flaws = record.flaws
        firstFlaw = record.firstFlaw.map { [Int64($0.field), $0.byteOffset] }
        invalid = record.invalidUTF8().map { [Int64($0.field), $0.byteOffset] }
        hasLineEnd = record.hasLineEnd
    }
}
