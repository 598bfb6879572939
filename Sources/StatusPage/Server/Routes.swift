package import Ledger

/// What the page answers: methods and paths, who may ask, and who replies.
package struct Routes: Sendable {
    package typealias Handler = @Sendable (Visit) async throws -> Reply
    package typealias UploadHandler = @Sendable (Visit, Upload) async throws -> Reply

    /// Who may ask.
    enum Access: Sendable {
        case anyone
        /// Anyone on this machine, and whoever is signed in.
        case machine
        case atLeast(Role)
    }

    enum Method: String, Sendable {
        case get = "GET"
        case post = "POST"
    }

    enum Work: Sendable {
        case reply(Handler)
        /// A form with a file in it, of at most so many bytes.
        case upload(UploadHandler, limit: Int)
    }

    struct Route: Sendable {
        let method: Method
        let pattern: [Substring]
        let access: Access
        let work: Work
    }

    enum Match {
        case route(Route, parameters: [String: String])
        /// There is something there, but not for this method.
        case otherMethods([Method])
        case nothing
    }

    private var routes: [Route] = []

    /// How many there are.
    var count: Int { routes.count }

    /// A page to be looked at.
    ///
    /// It MUST NOT change anything. `path` begins with a slash; a part that begins with a colon stands for any one part: `/files/:file`.
    package mutating func get(_ path: String, for role: Role = .viewer, _ handler: @escaping Handler) {
        add(.get, path, .atLeast(role), .reply(handler))
    }

    /// An order.
    ///
    /// The person's session, role and token, and where the form came from, are checked before `handler` is
    /// called.
    package mutating func post(_ path: String, for role: Role, _ handler: @escaping Handler) {
        add(.post, path, .atLeast(role), .reply(handler))
    }

    /// A form with one file in it (`multipart/form-data`), of at most `limit` bytes; checked like an order.
    package mutating func upload(
        _ path: String,
        for role: Role,
        upTo limit: Int,
        _ handler: @escaping UploadHandler
    ) {
        add(.post, path, .atLeast(role), .upload(handler, limit: limit))
    }

    /// What anyone may look at.
    mutating func open(_ path: String, _ handler: @escaping Handler) {
        add(.get, path, .anyone, .reply(handler))
    }

    /// What programs on this machine may look at without signing in.
    mutating func machine(_ path: String, _ handler: @escaping Handler) {
        add(.get, path, .machine, .reply(handler))
    }

    /// A form that anyone may send.
    mutating func openPost(_ path: String, _ handler: @escaping Handler) {
        add(.post, path, .anyone, .reply(handler))
    }

    private mutating func add(_ method: Method, _ path: String, _ access: Access, _ work: Work) {
        let pattern = path.split(separator: "/", omittingEmptySubsequences: true)
        routes.append(Route(method: method, pattern: pattern, access: access, work: work))
    }

    /// The route for the parts of a path, already decoded.
    func match(_ method: Method, _ parts: [String]) -> Match {
        var others: [Method] = []
        for route in routes {
            guard let parameters = Self.parameters(route.pattern, parts) else { continue }
            if route.method == method { return .route(route, parameters: parameters) }
            if !others.contains(route.method) { others.append(route.method) }
        }
        return others.isEmpty ? .nothing : .otherMethods(others)
    }

    private static func parameters(_ pattern: [Substring], _ parts: [String]) -> [String: String]? {
        guard pattern.count == parts.count else { return nil }
        var parameters: [String: String] = [:]
        for (wanted, part) in zip(pattern, parts) {
            if wanted.first == ":" {
                parameters[String(wanted.dropFirst())] = part
            } else if wanted != part {
                return nil
            }
        }
        return parameters
    }
}
