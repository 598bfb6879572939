/// A place where one customer leaves files for us.
///
/// Every conforming type MUST pass the suite `InboxConformance`. Every call MUST return within a bound of its own even
/// when the server is silent, MUST be safe to repeat after any failure, and MUST end soon with
/// ``InboxFailure/cancelled`` when its task is cancelled.
package protocol Inbox: Sendable {
    /// Lists folders, in no particular order.
    ///
    /// MUST NOT change anything and MUST NOT follow links. MUST leave a folder that is not there out of the answer.
    /// MUST report an entry whose name is hostile rather than drop it or fail; `.` and `..`, as folders list
    /// themselves, are no entries. MUST report a name that is listed twice once, as a second look at it shows it.
    /// MUST throw when a folder that is there cannot be listed, or when the inbox itself is not there: an empty answer
    /// means that nothing is there. MUST ask again for what a listing does not say. MUST stop with ``InboxFailure/tooManyEntries`` beyond 200,000
    /// names or 64 MB in all.
    func list(_ directories: [RemotePath]) async throws(InboxFailure) -> [RemotePath: [InboxEntry]]

    /// Copies files to sinks, many at a time.
    ///
    /// MUST call `finished` exactly once for every entry, one call at a time, in the order in which they end: with the
    /// sink that holds the whole file, or with why there is none. One file's failure MUST NOT stop the others; after a
    /// lost connection the rest MUST go on over a new one. A success MUST mean that every byte of the listed size was
    /// written once, and that the file had the listed size and time after the last byte was read; else it is
    /// ``InboxFailure/changed``. MUST NOT read more than the listed size and one byte. A repeated attempt MUST ask
    /// `sink` for a new, empty one.
    ///
    /// - Throws: What made the inbox as a whole unusable; by then `finished` has been called for every entry.
    func fetch<Sink: ByteSink>(
        _ entries: [InboxEntry],
        into sink: @escaping @Sendable (InboxEntry) throws -> Sink,
        finished: (InboxEntry, Result<Sink, InboxFailure>) async -> Void
    ) async throws(InboxFailure)

    /// Moves a file to another place in the inbox.
    ///
    /// MUST make the destination's folder when it is missing. MUST look before it acts and after: a file that already
    /// lies at the destination, with the size and time of `entry`, and no longer at its old place is a success. MUST
    /// NOT overwrite: a destination that is taken is ``InboxFailure/targetTaken``. A file that was replaced since
    /// `entry` was listed is left, or put back under a free name, and is ``InboxFailure/changed``. A file that is in
    /// neither place is ``InboxFailure/gone``.
    func move(_ entry: InboxEntry, to destination: RemotePath) async throws(InboxFailure)

    /// Deletes a file.
    ///
    /// MUST be a success when the file is not there. A file that was replaced since `entry` was listed MUST be left,
    /// or put back under a free name, and is ``InboxFailure/changed``.
    func remove(_ entry: InboxEntry) async throws(InboxFailure)

    /// Writes a new file under a temporary name that no listing mistakes for a customer's file, then renames it.
    ///
    /// MUST make the folder when it is missing. MUST be a success when a file of the same bytes is there already.
    /// MUST NOT overwrite another: that is ``InboxFailure/targetTaken``.
    func upload(_ contents: UploadContents, to destination: RemotePath) async throws(InboxFailure)

    /// Makes a folder and those above it; one that is there already is a success.
    func makeDirectory(_ path: RemotePath) async throws(InboxFailure)

    /// Looks at one entry, without following a link as far as the server allows; `nil` when it is not there.
    func look(at path: RemotePath) async throws(InboxFailure) -> InboxEntry?

    /// Looks at several entries as ``look(at:)-(RemotePath)`` does, in one go where the place allows that.
    func look(at paths: [RemotePath]) async throws(InboxFailure) -> [InboxEntry?]

    /// Gives up the connection, if there is one; the next call makes a new one.
    func close() async
}

extension Inbox {
    package func look(at paths: [RemotePath]) async throws(InboxFailure) -> [InboxEntry?] {
        var seen: [InboxEntry?] = []
        for path in paths { seen.append(try await look(at: path)) }
        return seen
    }
}

/// Takes the bytes of one file.
package protocol ByteSink: Sendable {
    /// Takes some bytes; they are valid during the call only.
    ///
    /// Calls come one at a time, though from any thread, and in any order of offsets; no byte is given twice. A sink
    /// MUST NOT wait in it for anything but its own disk.
    func write(_ bytes: RawSpan, at offset: Int64) throws
}

/// What is uploaded.
package enum UploadContents: Sendable {
    case bytes([UInt8])
    /// A local file, which must not change meanwhile.
    case file(path: String)
}
