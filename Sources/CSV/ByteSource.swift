/// Where raw bytes come from.
package protocol ByteSource {
    /// Reads the next bytes into `buffer`, which is never empty.
    ///
    /// MUST return 0 only at the end, and then again on every later call. MAY return fewer bytes than there is
    /// room for. MUST NOT take a failure for the end.
    ///
    /// - Returns: How many bytes were written, from the start of `buffer`.
    /// - Throws: ``CSVFailure/io(_:)``.
    mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(CSVFailure) -> Int
}
