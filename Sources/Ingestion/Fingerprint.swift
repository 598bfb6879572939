import CSV
import Glibc
import Intake
import Ledger
import Receivables

/// All that the meaning of a record's bytes depends on, beside the rows that are stored: it keys the hashes of records.
///
/// Another secret, program, setting, catalogue, table or header gives another fingerprint, and with it nothing that was
/// remembered is found.
struct Fingerprint: Equatable {
    let bytes: [UInt8]

    /// - Parameter settings: All of them count, without a list that somebody might forget to extend.
    init(_ layout: FileLayout, settings: LoadSettings, transaction: LoadTransaction) throws {
        let (secret, table) = try transaction.fingerprintSeed(of: layout.type)
        var digest = try Digest()
        let parts: [[UInt8]] = [
            secret, Array("\(RecordHash.version) \(Self.program)".utf8), Array(table.utf8),
            Array(Rendition.text(settings).utf8), Array(Rendition.text(layout.type).utf8), [layout.delimiter],
            layout.header,
        ]
        for part in parts {
            withUnsafeBytes(of: UInt64(part.count).littleEndian) { digest.update($0) }
            part.withUnsafeBytes { digest.update($0) }
        }
        bytes = digest.bytes()
    }

    var hasher: RecordHasher { RecordHasher(fingerprint: bytes) }

    /// The program itself, by the size and the time of its file: another build may judge rows otherwise.
    private static let program: String = {
        var status = stat()
        guard stat("/proc/self/exe", &status) == 0 else { return "\(UInt64.random(in: .min ... .max))" }
        return "\(status.st_size) \(status.st_mtim.tv_sec) \(status.st_mtim.tv_nsec)"
    }()
}
