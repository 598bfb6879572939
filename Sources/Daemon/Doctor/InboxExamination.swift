import Ingestion
import Intake
import Ledger

/// The steps in the inbox itself: what can be listed, and whether we may move files.
struct InboxExamination<Place: Inbox> {
    private let configuration: Configuration
    private let inbox: Place
    private let probesWrite: Bool
    private let now: Timestamp
    private let settings: RunSettings

    init(_ configuration: Configuration, _ inbox: Place, probesWrite: Bool, now: Timestamp) {
        self.configuration = configuration
        self.inbox = inbox
        self.probesWrite = probesWrite
        self.now = now
        settings = RunSettings(configuration)
    }

    func steps() async -> [DoctorStep] {
        let layout = InboxLayout(settings.layout, marker: settings.marker)
        var listed: [RemotePath: [InboxEntry]] = [:]
        var refused: [String] = []
        for directory in layout.directories {
            do {
                listed.merge(try await inbox.list([directory])) { $1 }
            } catch InboxFailure.unreachable(let words) {
                return [
                    .failed(
                        "directories",
                        words,
                        remedy: "check the path in inbox.url, and that it exists for our user",
                        .unavailable
                    )
                ]
            } catch {
                refused.append("\(directory): \(InboxWords(error))")
            }
        }
        guard refused.isEmpty else {
            return [
                .failed(
                    "directories",
                    refused.joined(separator: "; "),
                    remedy: "let our user list these folders",
                    .unavailable
                )
            ]
        }
        let drops = listed.keys.filter(layout.isDropPlace).sorted()
        return [directories(listed, drops: drops), precision(listed), await writing(drops), clock(listed)]
    }

    private func directories(_ listed: [RemotePath: [InboxEntry]], drops: [RemotePath]) -> DoctorStep {
        let count = listed.values.reduce(0) { $0 + $1.count }
        guard !drops.isEmpty else {
            return .warning(
                "directories",
                "the inbox is there, with \(count) entries and no folder that files are taken from",
                remedy: "make the folders of the types that are sent, such as open_invoices/pending"
            )
        }
        let names = drops.prefix(12).map { "\($0)" }.joined(separator: ", ")
        return .ok("directories", "\(count) entries; files are taken from \(names)")
    }

    private func precision(_ listed: [RemotePath: [InboxEntry]]) -> DoctorStep {
        let entries = listed.values.flatMap(\.self).filter { $0.kind == .file }
        let vague = entries.count { $0.size == nil || $0.modified == nil }
        guard vague == 0 else {
            return .warning(
                "stat_precision",
                "\(vague) of \(entries.count) files have no size or time in the listing",
                remedy: "set inbox.marker, so that half a file is never taken for a whole one"
            )
        }
        return .ok("stat_precision", "sizes in bytes, times in whole seconds")
    }

    // What may be changed, tried with a file of our own.

    private func writing(_ drops: [RemotePath]) async -> DoctorStep {
        guard probesWrite else {
            return .skipped("write_probe", because: "only with --probe-write")
        }
        guard !drops.isEmpty else {
            return .skipped("write_probe", because: "there is no folder to try it in")
        }
        for drop in drops {
            do {
                try await probe(drop)
            } catch {
                let failed = DoctorStep.failed(
                    "write_probe",
                    "\(drop): \(InboxWords(error))",
                    remedy: "let our user rename and delete there, or set inbox.after: leave",
                    .unavailable
                )
                guard configuration.inbox.after == .leave else { return failed }
                return .ok("write_probe", "\(failed.found); not needed with inbox.after: leave")
            }
        }
        return .ok("write_probe", "a file of ours was written, renamed and deleted in \(drops.count) folders")
    }

    /// Writes, renames and deletes a file under names that no listing takes for a customer's.
    private func probe(_ drop: RemotePath) async throws(InboxFailure) {
        let id = String(UInt64.random(in: .min ... .max), radix: 16)
        guard let first = drop.appending(RemoteName(".ledgerdrop-probe-\(id).part")),
            let second = drop.appending(RemoteName(".ledgerdrop-probe-\(id).moved.part"))
        else { return }
        do throws(InboxFailure) {
            try await inbox.upload(.bytes(Array("ledgerdrop doctor\n".utf8)), to: first)
            guard let written = try await inbox.look(at: first) else { throw .gone }
            try await inbox.move(written, to: second)
        } catch {
            await sweep([first, second])
            throw error
        }
        guard let moved = try await inbox.look(at: second) else { throw .gone }
        try await inbox.remove(moved)
    }

    private func sweep(_ paths: [RemotePath]) async {
        for path in paths {
            guard let entry = try? await inbox.look(at: path) else { continue }
            // What cannot be removed is what is about to be told.
            try? await inbox.remove(entry)
        }
    }

    /// Information only: times are compared for equality alone.
    private func clock(_ listed: [RemotePath: [InboxEntry]]) -> DoctorStep {
        let times = listed.values.flatMap(\.self).compactMap(\.modified)
        guard let newest = times.max() else { return .ok("clock", "no file to compare with; not needed") }
        let offset = now.seconds.subtractingReportingOverflow(newest).partialValue
        let span = Shown.span(milliseconds: Int64(min(offset.magnitude, 1 << 40)) * 1000)
        let words = offset < 0 ? "\(span) ahead of our clock" : "\(span) old by our clock"
        return .ok("clock", "the newest entry is \(words); times are only compared with each other")
    }
}

/// What an inbox said, for people.
private struct InboxWords: CustomStringConvertible {
    let description: String

    init(_ failure: InboxFailure) {
        description =
            switch failure {
            case .unreachable(let words), .hostKeyMismatch(let words), .authRefused(let words),
                .protocolError(let words), .permission(let words), .timedOut(let words),
                .uncertain(let words), .sinkFailed(let words), .other(let words):
                words.isEmpty ? "refused" : words
            case .tooManyEntries: "more entries than are ever listed"
            case .gone: "it is not there"
            case .changed: "somebody else changed it"
            case .targetTaken: "the name is taken"
            case .cancelled: "it was given up"
            }
    }
}
