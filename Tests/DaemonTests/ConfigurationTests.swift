import Daemon
import Foundation
import Testing

struct ConfigurationTests {
    static let known = RecordNames([
        "subsidiaries": ["subsidiary_id", "name"],
        "open_invoices": ["invoice_id", "invoice_date", "due_date"],
        "payment_receipts": ["payment_id"],
    ])

    static let smallest = """
        name: acme
        state_directory: /var/lib/ledgerdrop/acme
        inbox:
          url: file:///srv/drop

        """

    private func parse(_ yaml: String) throws(ConfigurationRefused) -> Configuration {
        try Configuration.parse(yaml, file: "acme.yaml", known: Self.known)
    }

    /// The lines that refuse the smallest configuration with `more` below it.
    private func problems(adding more: String) -> [String] {
        problems(of: Self.smallest + more)
    }

    private func problems(of yaml: String) -> [String] {
        do {
            _ = try parse(yaml)
            return []
        } catch {
            return error.problems.map(\.description)
        }
    }

    @Test func `the smallest configuration has every default`() throws {
        let configuration = try parse(Self.smallest)
        #expect(configuration.inbox.address == .folder(path: "/srv/drop"))
        #expect(configuration.schedule.minute == 0)
        #expect(configuration.schedule.quietPeriod == .seconds(30))
        #expect(configuration.schedule.catchUp)
        #expect(
            configuration.loading.truncationGuard == LoadingSettings.Guard(share: 0.4, rows: 20, shrink: 0.5)
        )
        #expect(configuration.limits.fileBytes == 8 << 30)
        #expect(configuration.spoolKeep == .seconds(90 * 86400))
        #expect(configuration.mail == nil)
        #expect(configuration.zone == "UTC")
    }

    @Test func `a file with ten mistakes prints ten problems, each with its place`() {
        let yaml = """
            name: ac me
            state_directory: var/lib
            inbox:
              url: ftp://feed@host/outgoing
              after: shred
              host_keys: [ "ssh-ed25519 MD5:aa" ]
            schedule: { minute: 60, quiet_period: 30, catch_up: yes }
            loading:
              date_format: { open_invoice: dd.MM.yyyy }
            limits: { file_bytes: 8GB }
            quite: true
            """
        #expect(
            problems(of: yaml) == [
                "acme.yaml:1:7: name: expected letters, digits, dots, dashes and underscores, found \"ac me\"",
                "acme.yaml:2:18: state_directory: expected an absolute path, found \"var/lib\"",
                "acme.yaml:4:8: inbox.url: expected sftp:// or file://, found \"ftp://\"",
                "acme.yaml:5:10: inbox.after: expected move, leave or delete, found \"shred\"",
                "acme.yaml:6:16: inbox.host_keys: expected a pin such as \"ssh-ed25519 SHA256:…\", "
                    + "as hostkey scan prints it, found \"ssh-ed25519 MD5:aa\"",
                "acme.yaml:7:21: schedule.minute: expected 0 to 59, found 60",
                "acme.yaml:7:39: schedule.quiet_period: expected a whole number with s, m, h or d, such as 30s, "
                    + "found \"30\"",
                "acme.yaml:7:53: schedule.catch_up: expected true or false",
                "acme.yaml:9:18: loading.date_format.open_invoice: is no record type; did you mean open_invoices?",
                "acme.yaml:10:23: limits.file_bytes: expected a number of bytes, such as 8GiB, 1MiB or 4096, "
                    + "found \"8GB\"",
                "acme.yaml:11:1: quite: unknown key",
            ]
        )
    }

    @Test func `what is required and not there is named`() {
        #expect(
            problems(of: "zone: Europe/Berlin") == [
                "acme.yaml:1:1: name: is required",
                "acme.yaml:1:1: state_directory: is required",
                "acme.yaml:1:1: inbox.url: is required",
            ]
        )
    }

    @Test(arguments: [
        ("", "acme.yaml: is empty"),
        ("# nothing\n", "acme.yaml: is empty"),
        ("- a\n", "acme.yaml:1:1: expected keys and values, found a list"),
        ("name: a\nname: b\n", "acme.yaml:1:1: name: stands here twice"),
        ("a:\n\tb: 1\n", "acme.yaml:2:1: found character that cannot start any token"),
    ])
    func `what is no configuration at all is one problem`(yaml: String, problem: String) {
        #expect(problems(of: yaml) == [problem])
    }

    @Test(arguments: [
        ("schedule: { minute: 010 }", "5:21: schedule.minute: expected a whole number from 0 to 59"),
        ("schedule: { minute: 0x10 }", "5:21: schedule.minute: expected a whole number from 0 to 59"),
        ("schedule: { minute: \"22\" }", "5:21: schedule.minute: expected a whole number from 0 to 59"),
        (
            "schedule: { minute: 99999999999999999999 }",
            "5:21: schedule.minute: expected a whole number from 0 to 59"
        ),
        ("schedule: { quiet_period: 11m }", "5:27: schedule.quiet_period: expected 0s to 10m"),
        ("schedule:", "5:10: schedule: expected a value; leave the key out for the default"),
        ("schedule: ~", "5:11: schedule: expected a value; leave the key out for the default"),
        ("schedule: 5", "5:11: schedule: expected keys and values, found text"),
        (
            "schedule: { quite_period: 1s }",
            "5:13: schedule.quite_period: unknown key; did you mean quiet_period?"
        ),
        ("<<: { zone: UTC }", "5:1: <<: unknown key"),
        (
            "zone: Mars/Olympus",
            "5:7: zone: expected an IANA time zone such as Europe/Berlin, found \"Mars/Olympus\""
        ),
        (
            "loading: { guard: { share: 1.5 } }",
            "5:28: loading.guard.share: expected a share from 0 to 1, such as 0.40"
        ),
        ("mail: { user: relay, password: p }", "5:7: mail.smtp: is required"),
        ("mail: { smtp: \"smtp://r\", user: relay }", "5:7: mail.password: is required"),
        (
            "alerts: { recipients: [ a@b.example, A@b.example ] }",
            "5:38: alerts.recipients: stands here twice"
        ),
        (
            "alerts: { from: \"a@b.example\\r\\nBcc: x@y.example\" }",
            "5:17: alerts.from: expected an e-mail address, found \"a@b.example\\u000d\\u000aBcc: x@y.example\""
        ),
        (
            "expect: { open_invoices: { by: 06:30, days: mon-fry } }",
            "5:45: expect.open_invoices.days: expected days such as mon-fri, or a list of mon, tue, wed, thu, fri, sat, "
                + "sun, found \"mon-fry\""
        ),
        (
            "loading: { header_aliases: { open_invoices: { Due: due } } }",
            "5:52: loading.header_aliases.open_invoices.Due: expected a column of open_invoices, found \"due\""
        ),
        (
            "page: { listen: 8080 }",
            "5:17: page.listen: expected 127.0.0.1:PORT, [::1]:PORT or unix:/PATH; a proxy that speaks TLS shows it to "
                + "others, found \"8080\""
        ),
        (
            "page: { listen: 0.0.0.0:8080 }",
            "5:17: page.listen: expected 127.0.0.1:PORT, [::1]:PORT or unix:/PATH; a proxy that speaks TLS shows it to "
                + "others, found \"0.0.0.0:8080\""
        ),
    ])
    func `a bad value is refused where it stands`(line: String, problem: String) {
        #expect(problems(adding: line) == ["acme.yaml:\(problem)"])
    }

    @Test func `every key of every section is taken and kept`() throws {
        let configuration = try parse(everyKey)
        #expect(
            configuration.inbox.address
                == .sftp(user: "feed", host: "sftp.acme.example", port: 2022, path: "/out")
        )
        #expect(configuration.inbox.hostKeys.map(\.notAfter) == [nil, "2027-01-31"])
        #expect(configuration.inbox.hostKeys.map(\.type) == ["ssh-ed25519", nil])
        #expect(configuration.inbox.patterns == ["open_invoices": ["invoices", "rechnungen"]])
        #expect(configuration.inbox.stepTimeout == .seconds(5))
        #expect(configuration.loading.dateFormats["open_invoices"] == ["dd.MM.yyyy", "yyyyMMdd"])
        #expect(configuration.loading.headerAliases == ["open_invoices": ["Fällig am": "due_date"]])
        #expect(configuration.loading.modes == ["open_invoices": .delta])
        #expect(configuration.loading.delimiter == .semicolon)
        #expect(configuration.loading.truncationGuard.shrink == 0.25)
        #expect(configuration.mail?.smtp == "smtps://relay.example")
        #expect(configuration.limits.freeBytes == 5 << 40)
        #expect(configuration.expect["open_invoices"]?.rhythm == .by(minute: 390))
        #expect(configuration.expect["open_invoices"]?.days.count == 5)
        #expect(configuration.expect["payment_receipts"]?.rhythm == .every(.seconds(26 * 3600)))
        #expect(configuration.heartbeatURL == "https://ping.example/x")
        #expect(configuration.page != nil)
        #expect(configuration.metricsTextfile == "/var/lib/node_exporter/acme.prom")
    }

    @Test func `the example is a configuration`() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let example = folder.appending(path: "../../deploy/acme.yaml").standardizedFileURL
        let yaml = try String(contentsOf: example, encoding: .utf8)
        let configuration = try Configuration.parse(yaml, file: "acme.yaml", known: .catalogue)
        #expect(configuration.mail?.smtp == "smtp://relay.example:587")
    }

    @Test func `a running daemon follows all changes but four`() throws {
        let old = try parse(Self.smallest)
        var new = old
        new.schedule.minute = 5
        new.alerts.recipients = ["a@b.example"]
        #expect(old.refusals(of: new, file: "acme.yaml").isEmpty)
        new.name = "other"
        new.stateDirectory = "/elsewhere"
        new.inbox.address = .folder(path: "/srv/other")
        new.page = try parse(Self.smallest + "\npage: { listen: \"unix:/run/page\" }\n").page
        let refused = old.refusals(of: new, file: "acme.yaml").map(\.description)
        #expect(
            refused == [
                "acme.yaml: name: needs restart", "acme.yaml: state_directory: needs restart",
                "acme.yaml: inbox.url: needs restart", "acme.yaml: page.listen: needs restart",
            ]
        )
    }
}

private let everyKey = """
    name: acme
    state_directory: /var/lib/ledgerdrop/acme
    zone: Europe/Berlin
    reporting_currency: EUR
    inbox:
      url: sftp://feed@sftp.acme.example:2022/out/
      identity: acme-key
      passphrase: acme-key-passphrase
      host_keys:
        - "ssh-ed25519 SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"
        - { pin: "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU", not_after: 2027-01-31 }
      known_hosts: /etc/ledgerdrop/known_hosts
      layout: flat
      after: delete
      patterns: { open_invoices: [ invoices, rechnungen ] }
      marker: sha256
      claim: true
      read_twice: true
      timeouts: { connect: 10s, step: 5s }
      retry_for: 1m
      extra_algorithms: [ diffie-hellman-group14-sha256 ]
    schedule: { minute: 5, quiet_period: 0s, catch_up: false, run_deadline: 30m }
    loading:
      delimiter: ;
      date_format: { open_invoices: [ dd.MM.yyyy, yyyyMMdd ], payment_receipts: MM/dd/yyyy }
      encoding: windows-1252
      money: lenient
      duplicates: last
      header_aliases: { open_invoices: { "Fällig am": due_date } }
      blank_means: keep
      orphans: fail
      park_for: 3d
      snapshot_parts: union
      contacts_mode: full_snapshot
      mode: { open_invoices: delta }
      unapplied: file
      balance_basis: gross
      variance_alert: true
      create_stub_customers: true
      guard: { share: 0.5, rows: 5, shrink: 0.25 }
    alerts: { recipients: [ ar-ops@acme.example ], from: ledgerdrop@acme.example, renotify: 12h }
    mail: { smtp: "smtps://relay.example", user: relay, password: smtp-password, ca_file: /etc/ssl/ca.pem }
    page: { listen: 127.0.0.1:8080 }
    metrics: { textfile: /var/lib/node_exporter/acme.prom }
    limits: { file_bytes: 1GiB, files_per_run: 10, columns: 50, field_bytes: 4096, free_bytes: 5TiB }
    spool: { keep: 30d }
    expect:
      open_invoices: { by: "06:30", zone: Europe/Berlin, days: mon-fri, grace: 1h, holidays: [ 2026-12-25 ] }
      payment_receipts: { every: 26h }
    heartbeat: { url: "https://ping.example/x" }

    """
