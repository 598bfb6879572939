import Foundation
import GRDB
import Ledger
import Receivables

@testable import StatusPage

/// The pages of a ledger, asked without a connection in between.
struct PageProbe {
    /// What came back.
    struct Answer {
        let status: Int
        let body: String
        let headers: [String: String]
    }

    let source: PageSource
    private let routes: Routes
    private let frame: Frame
    private let role: Role
    /// Who asks.
    private let name: String

    init(_ seeded: SeededLedger, as role: Role = .operator) throws {
        let now = SeededLedger.now
        source = PageSource(
            ledger: seeded.ledger,
            directory: FileDirectory(seeded.ledger),
            figures: PageFigures(seeded.ledger, now: { now }) { Day("2026-11-22") },
            copies: FixedCopies(),
            schedule: { Schedule(minute: 0) }
        )
        let areas: [any Area] = [
            OverviewArea(source), FilesArea(source), StoryArea(source), RunsArea(source),
            PicturesArea(source),
            TypesArea(), APIArea(source), RefusalPage(),
        ]
        var routes = Routes()
        for area in areas { area.addRoutes(to: &routes) }
        self.routes = routes
        self.role = role
        name = "\(role.rawValue)@acme.example"
        try seeded.write(
            "INSERT OR IGNORE INTO user (email, added_at, role) VALUES (?, '', ?)",
            [name, role.rawValue]
        )
        frame = try Frame(drop: "acme", version: "1", areas: areas)
    }

    func get(_ address: String) async throws -> Answer {
        var visit = Visit(at: SeededLedger.now, from: "local", in: frame)
        do {
            let target = try Target(address)
            guard case .route(let route, let parameters) = routes.match(.get, target.parts),
                case .reply(let handler) = route.work
            else { throw Refusal.notFound }
            let sessions = Sessions(known: [])
            guard let person = try PersonLedger(source.ledger).person(name) else { throw Refusal.signInFirst }
            let id = sessions.open(person, from: "local", now: visit.now)
            guard let session = sessions.find(id, now: visit.now) else { throw Refusal.signInFirst }
            visit = visit.of(Visit.Person(name: person.email, role: role), session).at(target)
            return Self.answer(try await handler(visit.with(parameters: parameters)))
        } catch let refusal as Refusal {
            return Self.answer(frame.refusal(refusal, for: visit, isProgram: address.hasPrefix("/api/")))
        }
    }

    private static func answer(_ reply: Reply) -> Answer {
        var body = ""
        if case .bytes(let bytes) = reply.body { body = String(decoding: bytes, as: UTF8.self) }
        return Answer(
            status: reply.status,
            body: body,
            headers: Dictionary(reply.headers.map { ($0.name, $0.value) }) { _, last in last }
        )
    }
}

private struct FixedCopies: Copies {
    func original(of file: FileRow) async throws -> Reply.Body { .bytes(Array("original".utf8)) }
    func rejects(of file: FileRow) async throws -> Reply.Body { .bytes(Array("rejects".utf8)) }
    func cleared(by file: FileRow) async throws -> Reply.Body { .bytes(Array("cleared".utf8)) }
}

/// How a refusal looks comes with the area that signs people in.
private struct RefusalPage: Area {
    var templates: [String: String] { ["refusal": Layout.refusal] }

    func addRoutes(to routes: inout Routes) {}
}
