import TestSupport

/// A drop of our program in the working place: configuration, inbox and state, always at the same path.
///
/// A state that was kept under a name can be put back before every run, so that each starts from the same live ledger.
struct Drop {
    let place: Place
    /// The keys of the configuration below `inbox:`.
    var inbox: [String]
    /// More top-level lines of the configuration.
    var settings: [String] = []

    /// A drop whose inbox is a folder of this machine.
    init(_ place: Place) {
        self.place = place
        inbox = ["url: file://\(place.work)/drop/inbox"]
    }

    /// A drop whose inbox is on a server.
    ///
    /// - Parameters:
    ///   - place: The working place.
    ///   - server: The server; its client key is the drop's credential.
    ///   - port: Where the server, or the proxy before it, listens.
    init(_ place: Place, on server: OpenSSHServer, port: Int) {
        self.place = place
        inbox = [
            "url: sftp://\(server.user)@\(server.host):\(port)\(server.root)", "identity: key",
            "host_keys: [ \"\(server.hostKeyPin)\" ]",
        ]
        credential = server.clientKey
    }

    private var credential: String?
    /// The keys of the configuration below `schedule:`.
    var schedule = "quiet_period: 0s"
    private var home: String { "\(place.work)/drop" }
    var ledger: String { "\(home)/state/ledger.sqlite" }
    var configuration: String { "\(home)/acme.yaml" }

    /// The verb that makes one run.
    var poll: Command { Command(place.ledgerdrop, "poll", "--config", configuration) }

    /// Lays the drop out anew.
    ///
    /// - Parameter kept: The name of the state to begin from; an empty one if `nil`.
    /// - Throws: ``SystemError`` when something cannot be written.
    func layOut(from kept: String? = nil) throws {
        _ = try place.fresh("drop")
        try Files.makeFolder("\(home)/inbox")
        if let kept {
            try place.copy("\(place.work)/kept/\(kept)", to: "\(home)/state")
        } else {
            try Files.makeFolder("\(home)/state")
        }
        let lines =
            ["name: acme", "state_directory: \(home)/state", "inbox:"] + inbox.map { "  \($0)" } + settings
            + [
                "schedule: { quiet_period: 0s }", "alerts:", "  recipients: [ ar@acme.example ]",
                "  from: ledgerdrop@acme.example",
            ]
        try Files.write(lines.joined(separator: "\n") + "\n", to: configuration, mode: 0o600)
        if let credential {
            try Files.makeFolder("\(home)/credentials/acme")
            try place.copy(credential, to: "\(home)/credentials/acme/key")
        }
    }

    /// Forgets every state that was kept.
    func forget() throws { try place.remove("\(place.work)/kept") }

    /// Keeps the state under a name.
    func keep(as name: String) throws {
        try Files.makeFolder("\(place.work)/kept")
        try place.remove("\(place.work)/kept/\(name)")
        try place.copy("\(home)/state", to: "\(place.work)/kept/\(name)")
    }

    /// Puts a file into the folder of its type.
    ///
    /// - Parameters:
    ///   - path: The file.
    ///   - type: Its record type.
    ///   - day: The day in its name.
    func put(_ path: String, _ type: String, day: String) throws {
        let folder = "\(home)/inbox/\(type)/pending"
        try Files.makeFolder(folder)
        try place.copy(path, to: "\(folder)/\(type)-\(day).csv")
    }

    /// The number of rows by what became of them, of the newest file:
    /// `state|total|inserted|updated|unchanged|rejected|parked|cleared`.
    static let newest = """
        SELECT state, rows_total, rows_inserted, rows_updated, rows_unchanged, rows_rejected, rows_parked, rows_cleared
          FROM files ORDER BY file_id DESC LIMIT 1
        """

    /// Expects that the newest file has become what it should, and that the ledger is whole.
    ///
    /// - Parameters:
    ///   - counts: What ``newest`` must give.
    ///   - slowly: Whether SQLite checks every page and every reference too.
    func expect(newest counts: String, slowly: Bool) throws {
        try place.expect(ledger, Self.newest, gives: [counts])
        guard slowly else { return }
        try place.expect(ledger, "PRAGMA integrity_check; PRAGMA foreign_key_check", gives: ["ok"])
    }

    /// Expects the open invoices to have these sums, in minor units.
    func expectOpenInvoices(_ rows: Int, _ sums: Sums) throws {
        try place.expect(
            ledger,
            """
            SELECT count(*), sum(CAST(replace(amount, '.', '') AS INTEGER)),
                   sum(CAST(replace(balance, '.', '') AS INTEGER)) FROM open_invoices WHERE status = 'OPEN'
            """,
            gives: ["\(rows)|\(sums.amount)|\(sums.balance)"]
        )
    }

    /// The seconds from a moment to the last event of some names.
    func seconds(from began: Double, to events: [String]) throws -> Double {
        let names = events.map { "'\($0)'" }.joined(separator: ", ")
        let last = try place.query(
            ledger,
            """
            SELECT max(unixepoch(substr(at, 1, 19)) + CAST(substr(at, 20, 4) AS REAL))
              FROM events WHERE event IN (\(names))
            """
        )
        guard let moment = last.first.flatMap(Double.init) else {
            throw SystemError(message: "no event \(names)")
        }
        return moment - began
    }
}
