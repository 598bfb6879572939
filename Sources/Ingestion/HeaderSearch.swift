import CSV
import Glibc
import Receivables

/// Finds the header of a file, and with it the delimiter.
///
/// There is no guessing: of the four delimiters the first counts under which one of the first eleven records holds
/// all required columns of the type (`records.md` 1.1).
struct HeaderSearch {
    /// The header, and what stands above it.
    struct Found {
        var layout: FileLayout
        var recordNumber: Int64
    }

    /// How many records may stand above the header.
    static let preamble = 10

    let type: RecordType
    let settings: LoadSettings

    private static let candidates: [(byte: UInt8, name: String)] = [
        (UInt8(ascii: ","), "comma"), (UInt8(ascii: ";"), "semicolon"), (UInt8(ascii: "\t"), "tab"),
        (UInt8(ascii: "|"), "pipe"),
    ]

    /// - Parameter file: An open descriptor; it is read from its start.
    func find(in file: borrowing SpoolFile) throws -> Found {
        let separator = try file.separatorLine(settings: settings)
        let delimiters =
            (separator ?? settings.delimiter).map { only in
                [(byte: only, name: Self.candidates.first { $0.byte == only }?.name ?? "another character")]
            } ?? Self.candidates
        var best: Attempt?
        for delimiter in delimiters {
            let attempt = try attempt(file, delimiter: delimiter.byte, skipsFirst: separator != nil)
            if var found = attempt.found {
                if delimiter.byte != UInt8(ascii: ","), settings.delimiter == nil {
                    found.layout.warnings.insert((.delimiterDetected(delimiter.name), nil), at: 0)
                }
                return found
            }
            if best == nil || attempt.known > best?.known ?? 0 { best = attempt }
        }
        throw refusal(best)
    }

    /// What one delimiter shows.
    private struct Attempt {
        var found: Found?
        /// The record with the most names of the type.
        var known = 0
        var names: [String] = []
        var hasBadEncoding: FileRefusal?
    }

    private func attempt(_ file: borrowing SpoolFile, delimiter: UInt8, skipsFirst: Bool) throws -> Attempt {
        let aliases = settings.headerAliases[type.name] ?? [:]
        var reader = try file.reader(delimiter: delimiter, settings: settings)
        var attempt = Attempt()
        var above = 0
        do {
            while above <= Self.preamble, try reader.next() {
                let record = reader.record
                if skipsFirst, record.number == 1 { continue }
                if let bad = badEncoding(of: record) {
                    attempt.hasBadEncoding = attempt.hasBadEncoding ?? bad
                } else {
                    let names = FileLayout.names(record, aliases: aliases)
                    if FileLayout.isHeader(names, of: type) {
                        var layout = try FileLayout(
                            record,
                            type: type,
                            delimiter: delimiter,
                            aliases: aliases
                        )
                        if above > 0 {
                            layout.warnings.insert((.preambleSkipped(records: above), nil), at: 0)
                        }
                        attempt.found = Found(layout: layout, recordNumber: record.number)
                        return attempt
                    }
                    let known = names.count { type.index(of: $0) != nil }
                    // A value may by chance be the name of a column; in the first record one name is enough.
                    if known > attempt.known, known > 1 || above == 0 {
                        attempt.known = known
                        attempt.names = names
                    }
                }
                above += 1
            }
        } catch let failure as CSVFailure {
            switch failure {
            case .tooLarge, .unterminatedQuote:
                // Under a wrong delimiter the first records may look like one; the right one will tell.
                if delimiter == UInt8(ascii: ","), attempt.known == 0 { try file.refuse(failure, names: []) }
            default:
                try file.refuse(failure, names: [])
            }
        }
        return attempt
    }

    private func badEncoding(of record: Record) -> FileRefusal? {
        let flaw = record.flaws.contains(.nul) ? record.firstFlaw : record.invalidUTF8()
        guard let flaw else { return nil }
        return FileRefusal(
            .badHeaderEncoding(byte: Int(flaw.byteOffset), line: Int(record.line), encoding: "UTF-8"),
            byteOffset: flaw.byteOffset
        )
    }

    private func refusal(_ best: Attempt?) -> FileRefusal {
        guard let best, best.known > 0 else { return best?.hasBadEncoding ?? FileRefusal(.missingHeader) }
        let present = Set(best.names)
        var missing = type.requiredColumns.map(\.name).filter { !present.contains($0) }
        let owners = type.columns.filter { $0.class == .owner }.map(\.name)
        if !owners.isEmpty, !owners.contains(where: present.contains) {
            missing.append(owners.joined(separator: " or "))
        }
        let unknown = best.names.filter { !$0.isEmpty && type.index(of: $0) == nil }
        let near = unknown.first { Header.nearMiss(of: $0, among: missing) != nil }
        return FileRefusal(.missingRequiredColumn(missing, near: near))
    }
}
