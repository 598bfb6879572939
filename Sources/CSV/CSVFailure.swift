/// Why a file cannot be read as CSV at all, or not to its end.
///
/// Records that were delivered before stay true. Record and line numbers count from 1, byte offsets from 0 in the
/// file as it lies on the disk.
package enum CSVFailure: Error, Sendable, Equatable {
    /// Reading failed with this `errno`; the bytes are not at fault.
    case io(Int32)
    /// No record: zero bytes, or only a byte-order mark and blank lines.
    case empty
    /// The first bytes are those of another format, which is named for a person to read.
    case notCSV(format: String)
    /// The whole file is in an encoding that we do not read; `encoding` names what it looks like.
    case badEncoding(byteOffset: Int64, line: Int64, encoding: String)
    /// A quote that never closes was opened on `line`, in the field with this index (from 0).
    case unterminatedQuote(record: Int64, line: Int64, field: Int)
    /// A limit is exceeded in this record, which starts on `line`.
    case tooLarge(what: TooLarge, limit: Int, record: Int64, line: Int64)

    /// The limit that was exceeded.
    package enum TooLarge: Sendable {
        /// ``Limits/fileBytes``.
        case file
        /// ``Limits/recordBytes``.
        case record
        /// ``Limits/fieldBytes``.
        case field
        /// ``Limits/columns``.
        case columns
    }
}
