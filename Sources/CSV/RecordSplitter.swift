/// Splits records that were set aside as bytes: one at a time, and with the same memory again and again.
package struct RecordSplitter: ~Copyable {
    private var splitter: Splitter

    /// - Parameters:
    ///   - delimiter: The delimiter of the file that the records are from.
    ///   - limits: What is too much.
    package init(delimiter: UInt8, limits: Limits) {
        splitter = Splitter(delimiter: delimiter, limits: limits, capacity: 1024)
    }

    /// Splits a record as it was split in its file.
    ///
    /// - Parameter bytes: The ``Record/bytes`` of a record without a flaw that means damage.
    /// - Returns: The record, valid until the next call; its number, line and offset mean nothing. `nil` for no bytes.
    /// - Throws: What refuses the record under lower limits than those it was first split under.
    package mutating func split(_ bytes: UnsafeRawBufferPointer) throws(CSVFailure) -> Record? {
        splitter.restart(with: bytes)
        guard !bytes.isEmpty, case .record = try splitter.step() else {
            return nil
        }
        return splitter.record
    }
}
