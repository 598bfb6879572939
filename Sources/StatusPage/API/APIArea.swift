import Ledger

/// `/api/v1/`: what the pages show, as JSON.
package struct APIArea: Area {
    let source: PageSource

    package init(_ source: PageSource) { self.source = source }

    package func addRoutes(to routes: inout Routes) {
        for endpoint in API.endpoints {
            routes.get(API.root + endpoint.route) { [source] visit in
                .json(try await endpoint.answer(visit, source).json)
            }
        }
        let description = OpenAPI(endpoints: API.endpoints)
        let (json, yaml) = (description.value.json, description.yaml)
        routes.get("\(API.root)/openapi.json") { _ in .json(json) }
        routes.get("\(API.root)/openapi.yaml") { _ in
            Reply(type: "application/yaml", .bytes(Array(yaml.utf8)))
        }
    }
}

/// The API's first version.
enum API {
    static let root = "/api/v1"
    /// The name of the session's cookie.
    static let cookie = "__Host-ledgerdrop"

    static let endpoints: [Endpoint] = overviewEndpoints + fileEndpoints + listEndpoints + figureEndpoints

    /// How many entries a list has, as it was asked for.
    static func limit(_ visit: Visit) throws(Refusal) -> Int {
        guard visit.query["limit"] != nil else { return 50 }
        guard let limit = visit.query.id("limit"), (1...500).contains(limit) else {
            throw .badRequest("A limit is a number from 1 to 500.")
        }
        return Int(limit)
    }

    /// The id below which, or above which, a list begins.
    static func id(_ name: String, _ visit: Visit) throws(Refusal) -> Int64? {
        guard visit.query[name] != nil else { return nil }
        guard let id = visit.query.id(name) else { throw .badRequest("\(name) is the number of an entry.") }
        return id
    }

    static let limitParameter = Endpoint.Parameter(
        name: "limit",
        shape: .integer,
        meaning: "How many entries at most, 1 to 500; 50 if it is not said."
    )

    static let beforeParameter = Endpoint.Parameter(
        name: "before",
        shape: .integer,
        meaning: "Only entries with a lower id; next_before of the answer before."
    )

    static let fileParameter = Endpoint.Parameter(name: "file", shape: .integer, meaning: "The file's id.")

    /// The figures in memory.
    ///
    /// - Throws: ``Refusal`` while they are worked out for the first time.
    static func figures(_ source: PageSource) throws(Refusal) -> PageFigures.Snapshot {
        guard let snapshot = source.figures.snapshot else { throw .busy }
        return snapshot
    }
}

extension JSONValue {
    /// An object of what is there; `nil` leaves a member out.
    static func present(_ members: KeyValuePairs<String, JSONValue?>) -> JSONValue {
        .object(members.compactMap { name, value in value.map { (name, $0) } })
    }
}
