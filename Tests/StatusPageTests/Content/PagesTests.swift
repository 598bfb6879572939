import GRDB
import Ledger
import Testing

@testable import StatusPage

struct PagesTests {
    private static let hostile = "<script>alert(1)</script>\"'&.csv"
    private static let pages = [
        "/", "/files", "/files?needs=person", "/runs", "/pictures", "/types", "/pictures/days.svg",
        "/pictures/rejects.svg", "/pictures/freshness.svg",
    ]

    @Test(arguments: pages)
    func `each page of an empty ledger says that there is nothing yet`(page: String) async throws {
        let seeded = try SeededLedger()
        let probe = try PageProbe(seeded)
        #expect(try await probe.get(page).status == 200)
        _ = try probe.source.figures.refresh()
        let answer = try await probe.get(page)
        #expect(answer.status == 200)
        #expect(!answer.body.isEmpty)
    }

    @Test func `nothing that came from outside becomes markup on any page`() async throws {
        let seeded = try SeededLedger()
        let probe = try PageProbe(seeded)
        let failed = try seeded.file(Self.hostile, state: .failed, reason: Self.hostile, rejected: 1)
        let strange = try seeded.file(Self.hostile, type: Self.hostile, state: .held, cleared: 1)
        try seeded.event(
            "file.failed",
            file: failed,
            detail: JSONValue.json(of: [("message", .text(Self.hostile))])
        )
        try seeded.event(
            "file.deferred",
            file: failed,
            detail: JSONValue.json(of: [("message", .text(Self.hostile))])
        )
        try seeded.issue(failed, record: 2, column: Self.hostile, message: Self.hostile)
        try seeded.issue(failed, record: nil, code: Self.hostile, column: nil, message: Self.hostile)
        let loaded = try seeded.file("good.csv", cleared: 1)
        try seeded.invoice(Self.hostile, clearedBy: loaded, number: Self.hostile)
        try seeded.invoice("x", currency: "<b>")
        try seeded.run(state: "failed")
        try seeded.write("UPDATE run SET reason = ?", [Self.hostile])
        try seeded.write(
            "INSERT INTO incident (kind, subject, opened_at, told_at) VALUES ('disk', ?, ?, ?)",
            [Self.hostile, SeededLedger.now.text, SeededLedger.now.text]
        )
        _ = try probe.source.figures.refresh()
        let pages =
            Self.pages + [
                "/files/\(failed)", "/files/\(strange)", "/files/\(loaded)/cleared", "/files?name=%3Cscript",
                "/pictures/aging/%3Cb%3E.svg",
            ]
        for page in pages {
            let answer = try await probe.get(page)
            #expect(answer.status == 200, "\(page)")
            #expect(!answer.body.contains("<script>"), "\(page)")
            #expect(!answer.body.contains("<b>"), "\(page)")
            #expect(!answer.body.contains("\"'&.csv"), "\(page)")
        }
        let story = try await probe.get("/files/\(failed)").body
        #expect(story.contains("&lt;script&gt;alert(1)"))
    }

    @Test(arguments: [
        "/files?type=%27%20OR%201%3D1", "/files?state=loaded%27--", "/files?since=yesterday",
        "/files?before=-1",
        "/files?before=1%3BDROP", "/files?needs=money", "/files/1?issues=1%27", "/files/1/cleared?after=x",
        "/runs?before=x", "/api/v1/files?limit=0", "/api/v1/files?limit=1e9", "/api/v1/files?type=x",
        "/api/v1/files/1/issues?after=1", "/api/v1/runs?before=%00",
    ])
    func `a filter that is none of ours is refused in words`(address: String) async throws {
        let seeded = try SeededLedger()
        try seeded.file("a.csv")
        let answer = try await PageProbe(seeded).get(address)
        #expect(answer.status == 400)
        #expect(answer.body.contains("Nothing was changed"))
    }

    @Test(arguments: ["' OR 1=1 --", "%", "_", "a.csv'", "\"", "\\", "*"])
    func `a part of a name is taken as it is`(part: String) async throws {
        let seeded = try SeededLedger()
        try seeded.file("a.csv")
        let odd = try seeded.file("x\(part)y.csv")
        let body = try await PageProbe(seeded).get("/api/v1/files?name=\(encodedForQuery(part))").body
        #expect(body.contains("\"file_id\":\(odd),"))
        #expect(!body.contains("\"name\":\"a.csv\""))
    }

    @Test(arguments: [
        "/files/99", "/files/abc", "/files/-1", "/files/999999999999999999999", "/files/99/original",
        "/files/99/rejects", "/files/99/cleared", "/files/99/cleared.csv",
        "/files/..%2F..%2Fetc%2Fpasswd/original",
        "/types/nothing/template.csv", "/types/invoice_pdfs/template.csv", "/types/../schema.json",
        "/pictures/aging/XXX.svg", "/api/v1/files/99", "/api/v1/files/99/issues", "/api/v1/runs/7",
        "/api/v1/types/nothing", "/api/v1/nothing", "/nothing",
    ])
    func `what is not there is a page that says so`(address: String) async throws {
        let seeded = try SeededLedger()
        try seeded.file("a.csv")
        #expect(try await PageProbe(seeded).get(address).status == 404)
    }

    @Test func `a download has a name of ours`() async throws {
        let seeded = try SeededLedger()
        let file = try seeded.file("x\"; filename=\"evil.exe", state: .loadedWithErrors, rejected: 1)
        let probe = try PageProbe(seeded)
        let names = [
            "/files/\(file)/original": "file-\(file).csv",
            "/files/\(file)/rejects": "file-\(file).errors.csv",
            "/files/\(file)/cleared.csv": "file-\(file).cleared.csv",
            "/types/open_invoices/template.csv": "open_invoices.csv",
            "/types/open_invoices/schema.json": "open_invoices.schema.json",
        ]
        for (address, name) in names {
            let answer = try await probe.get(address)
            #expect(answer.headers["Content-Disposition"] == "attachment; filename=\"\(name)\"")
        }
    }

    @Test func `a file's page tells its story, its findings row by row and what can be done`() async throws {
        let seeded = try SeededLedger()
        let file = try seeded.file("a.csv", state: .loadedWithErrors, cleared: 17, rejected: 3)
        try seeded.event(
            "file.loaded_with_errors",
            file: file,
            detail: #"{"rows_total":3,"rows_rejected":3,"rows_cleared":17}"#
        )
        try seeded.event(
            "file.disposed",
            file: file,
            detail: #"{"action":"processed","target":"open_invoices/processed/a.csv"}"#
        )
        try seeded.issue(file, record: 2)
        try seeded.issue(
            file,
            record: 2,
            code: "bad_currency",
            column: "currency",
            message: "Row 2 (line 2), currency: XYZ is no currency"
        )
        for record in 3...150 as ClosedRange<Int64> { try seeded.issue(file, record: record) }
        let body = try await PageProbe(seeded).get("/files/\(file)").body
        #expect(body.contains("loaded: 3 rows = 3 rejected; 17 cleared"))
        #expect(body.contains("moved to processed/"))
        #expect(body.contains("<code>currency</code>: XYZ is no currency"))
        #expect(body.contains("17 invoices cleared"))
        #expect(body.contains("/files/\(file)/rejects"))
        #expect(body.contains("More findings"))
        let next = try #require(body.split(separator: "?issues=").dropFirst().first?.prefix { $0 != "#" })
        let more = try await PageProbe(seeded).get("/files/\(file)?issues=\(next)").body
        #expect(more.contains("row 150"))
        #expect(!more.contains("row 2,"))
    }

    @Test func `the overview tells why, since when and what to do`() async throws {
        let seeded = try SeededLedger()
        let held = try seeded.file("a.csv", state: .held)
        try seeded.event(
            "file.held",
            file: held,
            detail: #"{"guard":"shrunk","rows":30,"last_rows":100}"#
        )
        try seeded.write(
            "INSERT INTO incident (kind, subject, opened_at, told_at) VALUES ('report_stuck', 'validate', ?, ?)",
            [SeededLedger.now.text, SeededLedger.now.text]
        )
        let body = try await PageProbe(seeded, as: .operator).get("/").body
        #expect(body.contains("has 30 rows, the last one had 100 (30 %)"))
        #expect(body.contains("href=\"/files/\(held)/release\""))
        #expect(body.contains("reports about checked files cannot be written to the server"))
        #expect(body.contains("Check our rights in the folders below validate/"))
        #expect(body.contains("Run now"))
        let viewed = try await PageProbe(seeded, as: .viewer).get("/").body
        #expect(!viewed.contains("/release") && !viewed.contains("Run now"))
    }

    @Test func `only who may decide is offered to decide`() async throws {
        let seeded = try SeededLedger()
        let held = try seeded.file("a.csv", state: .held)
        #expect(try await PageProbe(seeded, as: .operator).get("/files/\(held)").body.contains("/release"))
        #expect(try await !PageProbe(seeded, as: .viewer).get("/files/\(held)").body.contains("/release"))
    }
}
