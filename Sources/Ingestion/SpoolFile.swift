import CSV
import Glibc
import Receivables

/// A file of the spool, open for reading as often as needed.
struct SpoolFile: ~Copyable {
    private let descriptor: Int32
    /// How many bytes are read at once: of a small file no more than it has.
    private let piece: Int
    private static let pieces = 4 << 10...256 << 10

    /// - Throws: ``LoadFailure/spool(_:)``.
    init(path: String) throws(LoadFailure) {
        descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        guard descriptor >= 0 else { throw .spool(errno) }
        var about = stat()
        let size = fstat(descriptor, &about) == 0 ? Int(about.st_size) : Self.pieces.upperBound
        piece = min(max(size, Self.pieces.lowerBound), Self.pieces.upperBound)
    }

    deinit {
        close(descriptor)
    }

    /// A reader from the first byte on.
    ///
    /// Only one is in use at a time: they share the descriptor.
    func reader(delimiter: UInt8, settings: LoadSettings) throws(LoadFailure) -> RecordReader<FileSource> {
        guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw .spool(errno) }
        return RecordReader(
            FileSource(descriptor: descriptor),
            delimiter: delimiter,
            encoding: settings.encoding,
            limits: settings.limits,
            bufferSize: piece
        )
    }

    /// Lets the system's cache go of what was read and is not read again.
    ///
    /// Its pages then take what is written meanwhile. Should something be read again after all, it comes from the disk.
    func forget(before place: Int64) {
        _ = posix_fadvise(descriptor, 0, off_t(place), POSIX_FADV_DONTNEED)
    }

    /// The delimiter that a first line `sep=;` names.
    func separatorLine(settings: LoadSettings) throws(LoadFailure) -> UInt8? {
        var reader = try reader(delimiter: UInt8(ascii: ","), settings: settings)
        do throws(CSVFailure) {
            guard try reader.next(), reader.record.number == 1 else { return nil }
        } catch {
            // Whatever is wrong with the file is found again when its header is looked for.
            return nil
        }
        return sniffSeparatorLine(head: reader.record.bytes)
    }

    /// Some bytes of the file.
    ///
    /// - Returns: Fewer than `count` at its end.
    func bytes(at offset: Int64, count: Int) throws(LoadFailure) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        let read = pread(descriptor, &buffer, count, off_t(offset))
        guard read >= 0 else { throw .spool(errno) }
        return Array(buffer.prefix(read))
    }

    /// Turns a failure of the reader into what it means: the file's fault or ours.
    func refuse(_ failure: CSVFailure, names: [String]) throws -> Never {
        if let refusal = FileRefusal(failure, columnNames: names) { throw refusal }
        if case .io(let code) = failure { throw LoadFailure.spool(code) }
        throw LoadFailure.spool(EIO)
    }
}
