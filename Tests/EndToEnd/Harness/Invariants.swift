import Foundation
import TestSupport
import Testing

/// What must hold after every run, however it went (the invariants I1 to I5 of the failure cases).
///
/// `ledgerdrop verify` is the checker; here stands what only somebody knows who dropped the files.
extension EndToEndDrop {
    /// What `ledgerdrop verify` prints as JSON.
    struct Verdict: Decodable {
        struct Check: Decodable {
            var name: String
            var ok: Bool
            var findings: [String]
        }
        var good: Bool
        var checks: [Check]
        var notes: [String]
        var counts: [String: Int]

        /// What was found, for a message.
        var complaint: String {
            (checks.flatMap { check in check.findings.map { "\(check.name): \($0)" } } + notes).joined(
                separator: "; "
            )
        }
    }

    /// Expects every invariant, and that the next start has nothing to mend.
    func expectInvariants(sourceLocation: SourceLocation = #_sourceLocation) throws {
        let verdict = try verify(sourceLocation: sourceLocation)
        #expect(verdict.good && verdict.notes.isEmpty, "\(verdict.complaint)", sourceLocation: sourceLocation)
        try expectBytesKept(sourceLocation)
        try expectRowsCounted(sourceLocation)
        try expectFailuresToldOnce(sourceLocation)
    }

    /// Asks `ledgerdrop verify`.
    func verify(sourceLocation: SourceLocation = #_sourceLocation) throws -> Verdict {
        let result = try runBlocking("verify", "--format", "json")
        let text = "\(result.status): \(result.errors)\(result.output)"
        guard let verdict = try? JSONDecoder().decode(Verdict.self, from: Data(result.output.utf8)) else {
            throw SystemError(message: "verify says \(text)")
        }
        #expect((result.status == 0) == verdict.good, "\(text)", sourceLocation: sourceLocation)
        return verdict
    }

    /// Every byte that was ever dropped lies on the server or in the spool, and the spool holds nothing else.
    private func expectBytesKept(_ sourceLocation: SourceLocation) throws {
        let spool = folder.contains("state/spool") ? try folder.names(in: "state/spool") : []
        let copies = Set(
            try spool.filter { $0.utf8.count == 64 }.map { try folder.read("state/spool/\($0)") }
        )
        let everDropped = Set(everDropped)
        #expect(copies.isSubset(of: everDropped), "the spool holds a mixture", sourceLocation: sourceLocation)
        let lost = everDropped.subtracting(copies).subtracting(try servedBytes())
        #expect(lost.isEmpty, "bytes were lost", sourceLocation: sourceLocation)
    }

    /// The rows of each loaded file are the lines behind its header, where no quotes make counting hard.
    private func expectRowsCounted(_ sourceLocation: SourceLocation) throws {
        let loaded = try query(
            """
            SELECT sha256 || ' ' || rows_total FROM files
             WHERE state IN ('loaded', 'loaded_with_errors', 'duplicate') AND type <> 'invoice_pdfs'
            """
        )
        for pair in loaded.map({ $0.split(separator: " ") }) {
            let text = try folder.text("state/spool/\(pair[0])")
            guard !text.contains("\"") else { continue }
            let rows = text.split(whereSeparator: \.isNewline).count - 1
            #expect("\(rows)" == pair[1], sourceLocation: sourceLocation)
        }
    }

    /// The bytes of every file below the inbox.
    private func servedBytes(in folder: String = "inbox") throws -> Set<[UInt8]> {
        var found: Set<[UInt8]> = []
        for name in try server.folder.names(in: folder) {
            let path = "\(folder)/\(name)"
            // What cannot be listed is a file, and what cannot be read is none of ours.
            if (try? server.folder.names(in: path)) != nil {
                found.formUnion(try servedBytes(in: path))
            } else if let bytes = try? server.folder.read(path) {
                found.insert(bytes)
            }
        }
        return found
    }

    /// Every failure stands in exactly one digest, and no digest was queued without reason.
    private func expectFailuresToldOnce(_ sourceLocation: SourceLocation) throws {
        let failures = try query(
            """
            SELECT file_id FROM events WHERE event IN ('file.failed', 'file.held', 'file.loaded_with_errors')
             ORDER BY file_id
            """
        )
        let digests = try query("SELECT body FROM mail WHERE kind = 'digest'")
        for file in Set(failures) {
            let mentions = digests.reduce(0) { sum, digest in
                sum + digest.split(separator: "\n").count { $0.hasSuffix(", file \(file)") }
            }
            let due = failures.count { $0 == file }
            #expect(
                mentions == due,
                "file \(file) stands in \(mentions) digests",
                sourceLocation: sourceLocation
            )
        }
    }
}
