import Ledger

/// Queues the digest of a window and, behind it, the mail about what is well again.
struct DigestStep {
    let drop: String
    let zone: String
    let run: Int64?

    /// The kind of the incident that stands for a record type in trouble; its mails are the digests.
    private static let typeTrouble = "type"

    func tell(_ window: inout DigestWindow, _ alerts: AlertTransaction) throws {
        let troubles = try alerts.openIncidents([Self.typeTrouble])
        var recovery = RecoveryNotice(drop: drop, zone: zone, time: alerts.time, run: run)
        for (file, type) in window.healed.sorted(by: { $0.key < $1.key }) {
            let openRows = try alerts.openRows(of: file)
            let name = try alerts.file(file, issueLimit: 0)?.name ?? ""
            recovery.healed.append((name, file, openRows))
            if openRows == 0 {
                window.mend(type, file: file, lastTrouble: troubles.first { $0.subject == type }?.file)
            }
        }

        let mail = try queueDigest(&window, alerts)
        for (type, standing) in window.standings.sorted(by: { $0.key < $1.key }) {
            let trouble = troubles.first { $0.subject == type }
            switch standing {
            case .troubled(let file):
                try remember(type, file: file, trouble, mail: mail, alerts)
            case .clean:
                guard trouble != nil || window.troubledTypes.contains(type) else { continue }
                if let trouble { try alerts.recoverIncident(trouble.id) }
                recovery.types.append(type)
            }
        }
        guard !recovery.isEmpty else { return }
        let reference = troubles.first { recovery.types.contains($0.subject) }?.mail ?? mail
        for audience in try alerts.audiences() {
            var part = recovery
            part.types = recovery.types.filter { audience.wants($0) }
            part.healed = recovery.healed.filter { audience.wants(window.healed[$0.file]) }
            guard !part.isEmpty else { continue }
            try alerts.queue(
                .recovery,
                subject: part.subject,
                body: part.body,
                reference: reference,
                run: run,
                to: audience
            )
        }
    }

    /// Queues the digest, unless there is nothing to tell; those who want to hear about some types get one of their own.
    private func queueDigest(_ window: inout DigestWindow, _ alerts: AlertTransaction) throws -> Int64? {
        let nearMisses = try newNearMisses(&window, alerts)
        var ignored: [(path: String, type: String?)] = []
        for id in window.ignored {
            guard let file = try alerts.file(id, issueLimit: 0), try alerts.tellOnce("ignored", file.path)
            else {
                continue
            }
            ignored.append((file.path, file.type))
        }
        let run = try run.flatMap { try alerts.run($0) }
        var first: Int64?
        for audience in try alerts.audiences() {
            var digest = Digest(drop: drop, zone: zone, run: run)
            let part = window.narrowed(to: audience)
            for reason in DigestWindow.Reason.allCases { digest.counts[reason] = part.count(reason) }
            for (id, reason) in part.first(Digest.fileLimit) {
                guard let file = try alerts.file(id, issueLimit: DigestFile.issueLimit) else { continue }
                digest.files.append(
                    DigestFile(drop: drop, reason: reason, file: file, nearMisses: nearMisses[id] ?? [])
                )
            }
            let names = ignored.filter { audience.wants($0.type) }
            digest.ignoredCount = names.count
            digest.ignored = names.prefix(Digest.fileLimit).map(\.path)
            guard !digest.isEmpty else { continue }
            let mail = try alerts.queue(
                .digest,
                subject: digest.subject,
                body: digest.body,
                run: self.run,
                to: audience
            )
            first = first ?? mail
        }
        return first
    }

    /// The near-miss sentences that were not told before; their files join the digest.
    private func newNearMisses(
        _ window: inout DigestWindow,
        _ alerts: AlertTransaction
    ) throws -> [Int64: [String]] {
        var news: [Int64: [String]] = [:]
        for (file, type) in window.nearMisses {
            let sentences = try alerts.nearMisses(of: file, limit: 10)
            let fresh = try sentences.filter { try alerts.tellOnce("near_miss", "\(type): \($0)") }
            guard !fresh.isEmpty else { continue }
            news[file] = fresh
            window.add(file, .nearMiss)
        }
        return news
    }

    private func remember(
        _ type: String,
        file: Int64,
        _ trouble: Incident?,
        mail: Int64?,
        _ alerts: AlertTransaction
    ) throws {
        if let trouble {
            try alerts.setIncident(trouble.id, file: file)
        } else if let opened = try alerts.openIncident(Self.typeTrouble, type, file: file) {
            try alerts.incidentTold(opened, mail: mail)
        }
    }
}
