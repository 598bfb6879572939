/// Takes the bytes of a download.
package protocol DownloadSink: Sendable {
    /// Takes some bytes; they are valid during the call only.
    ///
    /// Called on the connection's own thread, one call at a time, in any order of offsets; no byte is given twice.
    /// While it runs nothing else happens on the connection, so it must not do more than write to its own disk.
    func write(_ bytes: RawSpan, at offset: UInt64) throws
}
