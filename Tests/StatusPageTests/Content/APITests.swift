import Foundation
import Ledger
import Testing
import Yams

@testable import StatusPage

struct APITests {
    private let seeded: SeededLedger
    private let probe: PageProbe

    init() throws {
        seeded = try SeededLedger()
        probe = try PageProbe(seeded)
        let failed = try seeded.file("bad.csv", state: .failed, reason: "not_csv")
        let file = try seeded.file("a.csv", state: .loadedWithErrors, cleared: 1, rejected: 2)
        try seeded.event("file.failed", file: failed, detail: #"{"reason":"not_csv"}"#)
        try seeded.event("file.loaded_with_errors", file: file, detail: #"{"rows_total":2}"#)
        try seeded.issue(file, record: 1)
        try seeded.issue(file, record: nil, code: "near_miss_column", column: nil, severity: "warning")
        try seeded.invoice("open")
        try seeded.invoice("cleared", clearedBy: file)
        try seeded.run()
        try seeded.write(
            """
            INSERT INTO mail (mail_id, kind, subject, body, queued_at) VALUES (1, 'digest', 's', 'b', '2026-11-22T01:00:00.000Z');
            INSERT INTO mail_recipient (mail_id, address, state, next_attempt_at)
            VALUES (1, 'a@x.example', 'queued', '2026-11-22T01:00:00.000Z');
            INSERT INTO recipient (address, added_at, added_by) VALUES ('a@x.example', '', '');
            INSERT INTO incident (kind, subject, opened_at, told_at) VALUES ('disk', 'd', '2026-11-22T01:00:00.000Z', '');
            """
        )
        _ = try probe.source.figures.refresh()
    }

    private func object(_ address: String) async throws -> [String: Any] {
        let answer = try await probe.get(address)
        #expect(answer.status == 200, "\(address): \(answer.body)")
        return try #require(try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any])
    }

    @Test func `every documented path answers with the documented form`() async throws {
        let document = try await object("/api/v1/openapi.json")
        let paths = try #require(document["paths"] as? [String: [String: Any]])
        #expect(paths.count >= 14)
        let schemas = (document["components"] as? [String: Any])?["schemas"] as? [String: Any] ?? [:]
        for (path, operations) in paths {
            #expect(Array(operations.keys) == ["get"])
            let address = path.replacing("{file}", with: "2").replacing("{run}", with: "1")
                .replacing("{type}", with: "open_invoices")
            let content = try #require(
                (((operations["get"] as? [String: Any])?["responses"] as? [String: Any])?["200"]
                    as? [String: Any])?[
                        "content"
                    ] as? [String: [String: Any]]
            )
            guard let schema = content["application/json"]?["schema"] as? [String: Any] else {
                #expect(try await probe.get(address).status == 200)
                continue
            }
            let body = try await object(address)
            let check = ShapeCheck(schemas: schemas)
            #expect(check.problems(body, schema, at: address) == [])
        }
    }

    @Test func `there is no path that is not documented`() async throws {
        let paths = try #require(try await object("/api/v1/openapi.json")["paths"] as? [String: Any])
        var routes = Routes()
        APIArea(probe.source).addRoutes(to: &routes)
        #expect(routes.count == paths.count)
    }

    @Test func `the description is the same as YAML`() async throws {
        let json = try await object("/api/v1/openapi.json") as NSDictionary
        let text = try await probe.get("/api/v1/openapi.yaml").body
        let yaml = try #require(try Yams.load(yaml: text) as? [String: Any])
        let again = try JSONSerialization.data(withJSONObject: yaml, options: [.sortedKeys])
        #expect(try JSONSerialization.data(withJSONObject: json, options: [.sortedKeys]) == again)
    }

    @Test func `a refusal is JSON of the documented form`() async throws {
        let answer = try await probe.get("/api/v1/files/99")
        #expect(answer.status == 404)
        let body = try #require(
            try JSONSerialization.jsonObject(with: Data(answer.body.utf8)) as? [String: Any]
        )
        let document = try await object("/api/v1/openapi.json")
        let schemas = (document["components"] as? [String: Any])?["schemas"] as? [String: Any] ?? [:]
        #expect(
            ShapeCheck(schemas: schemas).problems(body, ["$ref": "#/components/schemas/Error"], at: "error")
                == []
        )
    }

    @Test func `lists go on where they ended`() async throws {
        for index in 0..<5 { try seeded.file("p\(index).csv") }
        var ids: [Int] = []
        var address = "/api/v1/files?limit=2&name=p"
        while ids.count < 20 {
            let page = try await object(address)
            ids += (page["files"] as? [[String: Any]] ?? []).compactMap { $0["file_id"] as? Int }
            guard let next = page["next_before"] as? Int else { break }
            address = "/api/v1/files?limit=2&name=p&before=\(next)"
        }
        #expect(ids == [7, 6, 5, 4, 3])
    }
}
