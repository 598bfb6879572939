import GRDB
import Ledger
import Synchronization

@testable import Intake

/// What became of everything that was dropped: what nobody but the customer can know.
struct Account {
    private(set) var findings: [String] = []

    init(of world: World, state: String) throws {
        let (server, relay, watcher) = world.state.withLock { ($0.server, $0.relay, $0.watcher) }
        let ledger = try Ledger.openReadOnly(path: "\(state)/ledger.sqlite")
        try ledger.pool.read { db in
            try lookAtFiles(server, db)
            try lookAtMails(relay, ledger.uuid, db)
            try lookAtClaims(db)
            try lookAtArrivals(db)
            try lookAtBeats(watcher, db)
        }
        lookAtServer(server)
    }

    private mutating func lookAtClaims(_ db: Database) throws {
        let told = try Int.fetchOne(db, sql: "SELECT count(*) FROM event WHERE event = 'claim.stale'") ?? 0
        if told > 1 { findings.append("a claim of another daemon is told \(told) times") }
    }

    /// What is told of the arrivals of a type makes one story, and it ends as it is remembered.
    private mutating func lookAtArrivals(_ db: Database) throws {
        var told: [String: String] = [:]
        let events = try Row.fetchAll(
            db,
            sql: """
                SELECT event, detail ->> 'type' AS type FROM event WHERE event LIKE 'arrival.%' ORDER BY seq
                """
        )
        for row in events {
            let (event, type): (String, String) = (row["event"], row["type"])
            switch (event, told[type]) {
            case ("arrival.late", nil): told[type] = "late"
            case ("arrival.missing", nil), ("arrival.missing", "late"): told[type] = "missing"
            case ("arrival.recovered", .some): told[type] = nil
            default: findings.append("\(event) is told of \(type), which is told as \(told[type] ?? "fresh")")
            }
        }
        let remembered = try Row.fetchAll(db, sql: "SELECT type, state FROM arrival WHERE state <> 'fresh'")
        let pairs = remembered.map { ($0["type"] as String, $0["state"] as String) }
        let isSame = told == Dictionary(pairs, uniquingKeysWith: { $1 })
        if !isSame { findings.append("arrivals are told as \(told), and remembered as \(pairs)") }
    }

    /// No run is told twice, and each as it ended; an outage that is over is not remembered.
    private mutating func lookAtBeats(_ watcher: Watcher, _ db: Database) throws {
        let states = try Row.fetchAll(db, sql: "SELECT run_id, state FROM runs")
        let runs = Dictionary(uniqueKeysWithValues: states.map { ($0[0] as Int64, $0[1] as String) })
        for (url, times) in watcher.heard {
            let words = url.split(separator: "/").last ?? ""
            let word = words.prefix { $0 != "?" }
            let run = Int64(words.suffix(12)) ?? 0
            let isRight =
                switch word {
                case "start": runs[run] != nil
                case "0", "65": runs[run] == "finished"
                default: runs[run] == "failed"
                }
            if times > 1 { findings.append("\(word) of run \(run) is told \(times) times") }
            let end = runs[run] ?? "not there"
            if !isRight { findings.append("\(word) is told of run \(run), which is \(end)") }
        }
        let isOut =
            try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM told WHERE kind = 'heartbeat')") ?? false
        if isOut, watcher.isAnsweredInPeace {
            findings.append("an outage of the heartbeat is over, and remembered")
        }
    }

    private mutating func lookAtFiles(_ server: Server, _ db: Database) throws {
        var states: [String: [String]] = [:]
        let rows = try Row.fetchAll(db, sql: "SELECT name, state, reason, sha256 FROM files ORDER BY file_id")
        for row in rows {
            let state: String = row["state"]
            if let hash = row["sha256"] as String?, state != "waiting" {
                states[hash, default: []].append(state)
            } else if state != "waiting" || row["reason"] != "gone" {
                findings.append(
                    "\(row["name"] as String) ends as \(state), \(row["reason"] as String? ?? "-")"
                )
            }
        }
        var sums = (rows: 0, cents: 0)
        for (hash, drops) in try Dictionary(grouping: server.drops, by: { try Self.hash($0.bytes) }) {
            guard let first = drops.first else { continue }
            let ends = states.removeValue(forKey: hash) ?? []
            let isReadable = first.kind != .unreadable
            let wanted = isReadable ? ["loaded", "loaded_with_errors", "duplicate"] : ["failed"]
            let due = drops.count { $0.isComplete && !$0.isWithdrawn }
            if !(due...drops.count).contains(ends.count) || !ends.allSatisfy(wanted.contains) {
                findings.append("\(first.path) was dropped \(due) times and ends as \(ends)")
            }
            if isReadable, !ends.isEmpty {
                sums.rows += first.rows
                sums.cents += first.cents
            }
        }
        for (hash, ends) in states { findings.append("\(hash) ends as \(ends), and nobody dropped it") }
        let found = try Row.fetchOne(
            db,
            sql: """
                SELECT count(*), coalesce(sum(CAST(round(amount * 100) AS INTEGER)), 0) FROM payment_receipts
                """
        )
        let stored = (rows: found?[0] as Int? ?? 0, cents: found?[1] as Int? ?? 0)
        if stored != sums { findings.append("there are \(stored) payments where there should be \(sums)") }
    }

    private mutating func lookAtMails(_ relay: Relay, _ uuid: String, _ db: Database) throws {
        let rows = try Row.fetchAll(db, sql: "SELECT mail_id, address, state FROM mail_recipient")
        for row in rows where row["state"] == "sent" {
            let key = Relay.key("\(row["mail_id"] as Int64).\(uuid)@ledgerdrop", row["address"])
            if relay.delivered[key] == nil { findings.append("\(key) is sent, and did not come") }
        }
        if rows.contains(where: { $0["state"] == "queued" }) { findings.append("mail is left") }
    }

    /// Every byte that was dropped lies where it was put away, once.
    private mutating func lookAtServer(_ server: Server) {
        if !server.pending.isEmpty { findings.append("left on the server: \(server.pending)") }
        for (bytes, drops) in Dictionary(grouping: server.drops, by: \.bytes) {
            let due = drops.count { $0.isComplete && !$0.isWithdrawn }
            let there = server.files.filter { $0.value.bytes == bytes && $0.value.drop != nil }.keys.sorted()
            if !(due...drops.count).contains(there.count) {
                findings.append("\(drops[0].path) was dropped \(due) times and lies at \(there)")
            }
        }
        let refused = server.drops.count { $0.isComplete && !$0.isWithdrawn && $0.kind != .good }
        let reports = server.files.keys.count { $0.hasSuffix(".errors.csv") }
        if reports < refused {
            findings.append("\(refused) files were refused, \(reports) reports are there")
        }
    }

    private static func hash(_ bytes: [UInt8]) throws -> String {
        var digest = try Digest()
        bytes.withUnsafeBytes { digest.update($0) }
        return digest.finish()
    }
}
