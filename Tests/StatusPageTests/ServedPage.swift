import Ledger
import Logging
import Synchronization
import TestSupport

@testable import StatusPage

/// A page on a port of its own, with people on it and a desk that writes down what is ordered.
final class ServedPage: Sendable {
    static let password = "correct horse battery"

    let folder: TemporaryFolder
    let ledger: Ledger
    let desk = NotingDesk()
    let clock: Mutex<Timestamp>

    init() throws {
        folder = try TemporaryFolder("page")
        try folder.makeFolder("tmp")
        let time = Timestamp("2026-11-22T10:28:00.000Z") ?? Timestamp(milliseconds: 0)
        clock = Mutex(time)
        ledger = try Ledger.open(
            path: folder.path("ledger.sqlite"),
            drop: Drop(name: "acme", inboxURL: "file:///srv/drop"),
            owner: "test",
            time: time
        )
        // What is ordered of users is done: a page cannot be told from its forms alone.
        desk.carriesOut { [ledger] order, person in
            switch order {
            case .putUser(let email, let role, let hash):
                _ = try? PersonLedger(ledger).put(
                    email,
                    role: role,
                    passwordHash: hash,
                    by: person,
                    at: time
                )
            case .removeUser(let email): _ = try? PersonLedger(ledger).remove(email, by: person, at: time)
            default: break
            }
        }
        for role in Role.allCases {
            _ = try PersonLedger(ledger).put(
                "\(role.rawValue)@acme.example",
                role: role,
                passwordHash: "\(try PasswordHash.of(Self.password, cost: .trifling))",
                by: "test",
                at: time
            )
        }
    }

    /// Serves the page for as long as `body` runs.
    func serve<Value: Sendable>(
        at address: ListenAddress = .loopback(host: "127.0.0.1", port: 0),
        host: String? = nil,
        limits: PageSettings.Limits = PageSettings.Limits(),
        areas more: [any Area] = [],
        _ body: @escaping @Sendable (Browser) async throws -> Value
    ) async throws -> Value {
        let (ports, ready) = AsyncStream.makeStream(of: Int?.self)
        var settings = PageSettings(address: address, host: host, temporaryFolder: folder.path("tmp"))
        settings.limits = limits
        settings.passwordCost = .trifling
        let areas: [any Area] =
            [
                HomeArea(), RecipientArea(ledger: ledger, desk: desk),
                MailArea(ledger: ledger, desk: desk), ActionArea(ledger: ledger, desk: desk),
            ] + more
        let server = try PageServer(
            settings,
            ledger: ledger,
            desk: desk,
            areas: areas,
            version: "1",
            now: { [self] in clock.withLock(\.self) },
            logger: Logger(label: "page") { _ in SwiftLogNoOpLogHandler() },
            listening: { ready.yield($0) }
        )
        return try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            defer { group.cancelAll() }
            var found: Int??
            for await port in ports {
                found = port
                break
            }
            guard let port = found else { throw CancellationError() }
            let place: HTTPConversation.Place =
                if case .unix(let path) = address { .socket(path) } else { .port(port ?? 0) }
            return try await body(Browser(place))
        }
    }

    /// A browser in which somebody of a role is signed in.
    static func signedIn(_ browser: Browser, as role: Role) async throws -> Browser {
        var browser = browser
        _ = try await browser.signIn("\(role.rawValue)@acme.example", password)
        return browser
    }

    var now: Timestamp { clock.withLock(\.self) }

    func pass(seconds: Int64) { clock.withLock { $0 = $0.adding(seconds: seconds) } }

    /// The events of a name, their details.
    func events(_ name: String) throws -> [String] {
        try EventQueries(ledger).after(0, limit: 1000).filter { $0.event == name }.map(\.detail)
    }
}

/// Writes down what is ordered, and does little.
final class NotingDesk: Desk {
    private let noted = Mutex<[(order: Order, person: String)]>([])
    private let work = Mutex<@Sendable (Order, String) -> Void>({ _, _ in })

    func carriesOut(_ work: @escaping @Sendable (Order, String) -> Void) { self.work.withLock { $0 = work } }

    var orders: [Order] { noted.withLock { $0.map(\.order) } }
    var people: [String] { noted.withLock { $0.map(\.person) } }

    func perform(_ order: Order, by person: String) async -> Outcome {
        noted.withLock { $0.append((order, person)) }
        work.withLock(\.self)(order, person)
        return Outcome(.done, "noted <b>it</b>\n")
    }

    func preview(_ order: Order) async -> Preview {
        var counts = RowCounts()
        counts.cleared = 812
        return .difference(
            Difference(name: "a.csv", type: "open_invoices", state: .loaded, reason: nil, counts: counts)
        )
    }

    func vitals() async -> Vitals {
        Vitals(
            alive: .init(true),
            able: .init(false, "the disk is full"),
            fresh: .init(true),
            nextRun: "2026-11-22T11:00:00Z",
            version: "1"
        )
    }

    func metrics() async throws -> String { "ledgerdrop_up 1\n" }
}

/// Something to see at `/`.
private struct HomeArea: Area {
    let templates = ["home": "<p>All is well.</p>"]

    func addRoutes(to routes: inout Routes) {
        routes.get("/") { visit in visit.page("home", title: "Home", true) }
    }
}
