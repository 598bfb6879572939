/// How much of everything is read before a file is refused.
package struct Limits: Sendable {
    /// Bytes of the file as it lies on the disk.
    package var fileBytes: Int
    /// Fields of a record.
    package var columns: Int
    /// Bytes of a field as UTF-8, its outer quotes left out and doubled quotes counted as two.
    package var fieldBytes: Int

    /// The limits of `records.md` 1.1, unless others are named.
    package init(fileBytes: Int = 8 << 30, columns: Int = 4096, fieldBytes: Int = 1 << 20) {
        precondition(fileBytes > 0 && columns > 0 && fieldBytes > 0)
        self.fileBytes = fileBytes
        self.columns = columns
        self.fieldBytes = fieldBytes
    }

    /// Bytes of a record as UTF-8: eight times ``fieldBytes``, and never more than the field table can address.
    package var recordBytes: Int {
        min(fieldBytes, FieldTable.offsetMask >> 4) * 8
    }
}
