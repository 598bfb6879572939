import HTTPTypes
import Hummingbird
import Ledger
import Logging
import NIOCore
import Threads

/// The one door: every request passes it, is checked, handed to whoever answers it, and gets its headers.
struct Gate: Sendable {
    let routes: Routes
    let frame: Frame
    let people: PersonLedger
    let sessions: Sessions
    let settings: PageSettings
    let now: @Sendable () -> Timestamp
    let logger: Logger

    /// Answers whatever comes; `address` is the visitor's.
    func respond(to request: Request, from address: String) async -> Response {
        let body = BodyReader(
            request.body,
            declared: request.headers[.contentLength].flatMap { Int($0) },
            limits: settings.limits
        )
        var visit = Visit(at: now(), from: address, in: frame)
        var isRead = false
        var reply: Reply
        do {
            reply = try await answer(request, body, &visit, &isRead)
        } catch {
            let refusal = refusal(for: error)
            let isProgram = visit.path.hasPrefix("/api/")
            let isLooking = request.method == .get || request.method == .head
            reply =
                refusal == .signInFirst && isLooking && !isProgram
                ? .redirect("/sign-in") : frame.refusal(refusal, for: visit, isProgram: isProgram)
        }
        let hasBody =
            request.headers[.transferEncoding] != nil
            || request.headers[.contentLength].map { $0 != "0" } == true
        if hasBody, !isRead {
            await body.swallow()
            reply.ends = true
        }
        return response(reply, isHead: request.method == .head)
    }

    private func answer(
        _ request: Request,
        _ body: BodyReader,
        _ visit: inout Visit,
        _ isRead: inout Bool
    ) async throws -> Reply {
        let target = try Target(request.head.path ?? "")
        visit = visit.at(target)
        guard let host = Host(request.head.authority ?? "", configured: settings.host) else {
            throw Refusal.wrongHost
        }
        let method: Routes.Method
        switch request.method {
        case .get, .head: method = .get
        case .post: method = .post
        default: throw Refusal.method(["GET", "HEAD", "POST"])
        }
        try await recognise(request, &visit)
        let found = routes.match(method, target.parts)
        guard case .route(let route, let parameters) = found else {
            // Whoever is not signed in learns nothing of what there is.
            guard case .otherMethods(let others) = found else { throw Refusal.notFound }
            throw Refusal.method(others.map(\.rawValue))
        }
        try admit(visit, to: route, isLocal: host.isLocal)
        visit = visit.with(parameters: parameters)
        guard method == .post else {
            guard case .reply(let handler) = route.work else { throw Refusal.notFound }
            return try await handler(visit)
        }
        guard host.sent(origin: request.headers[.origin], site: request.headers[.fetchSite]) else {
            throw Refusal.forged
        }
        return try await order(route, visit, request, body, &isRead)
    }

    /// Whose session it is, if any.
    private func recognise(_ request: Request, _ visit: inout Visit) async throws {
        guard let id = cookie(in: request.headers), let session = sessions.find(id, now: visit.now) else {
            return
        }
        let person = try await onOwnThread { [people] in try people.person(session.email) }
        guard let person, person.generation == session.generation else {
            sessions.close(session.hash, because: "changed", now: visit.now)
            return
        }
        visit = visit.of(Visit.Person(name: person.email, role: person.role), session)
    }

    private func admit(_ visit: Visit, to route: Routes.Route, isLocal: Bool) throws(Refusal) {
        switch route.access {
        case .anyone: return
        case .machine where isLocal: return
        case .machine: guard visit.session != nil else { throw .signInFirst }
        case .atLeast(let role):
            guard visit.session != nil else { throw .signInFirst }
            guard visit.may(role) else { throw .notAllowed }
        }
    }

    private func order(
        _ route: Routes.Route,
        _ visit: Visit,
        _ request: Request,
        _ body: BodyReader,
        _ isRead: inout Bool
    ) async throws -> Reply {
        let type = request.headers[.contentType] ?? ""
        switch route.work {
        case .reply(let handler):
            guard type.lowercased().hasPrefix("application/x-www-form-urlencoded") else {
                throw Refusal.badRequest("A form was expected.")
            }
            isRead = true
            let bytes = try await body.whole(upTo: settings.limits.formBytes)
            let form = try Fields(urlEncoded: String(decoding: bytes, as: UTF8.self))
            try check(form, visit, route)
            return try await handler(visit.with(form: form))
        case .upload(let handler, let limit):
            guard let boundary = MultipartForm.boundary(of: type) else {
                throw Refusal.badRequest("A form with a file was expected.")
            }
            isRead = true
            let form = try MultipartForm(boundary: boundary, folder: settings.temporaryFolder)
            defer { form.remove() }
            try await body.pieces(upTo: limit + settings.limits.formBytes) {
                try form.take($0.readableBytesView)
            }
            let (fields, upload) = try form.finish(upTo: limit)
            try check(fields, visit, route)
            return try await handler(visit.with(form: fields), upload)
        }
    }

    /// A form of somebody who is signed in carries the session's token.
    private func check(_ form: Fields, _ visit: Visit, _ route: Routes.Route) throws(Refusal) {
        if case .anyone = route.access { return }
        guard let session = visit.session, let token = form["token"],
            Digests.areSame(Array(token.utf8), Array(session.token.utf8))
        else { throw .forged }
    }

    private func cookie(in headers: HTTPFields) -> String? {
        for field in headers[values: .cookie] {
            for pair in field.split(separator: ";") {
                let parts = pair.split(separator: "=", maxSplits: 1)
                if parts.count == 2, parts[0].drop(while: { $0 == " " }) == SignInArea.cookie {
                    return String(parts[1])
                }
            }
        }
        return nil
    }

    private func refusal(for error: any Error) -> Refusal {
        if let refusal = error as? Refusal { return refusal }
        if LedgerTrouble(error) != nil || error is PasswordHash.Refused { return .busy }
        logger.error("page failed", metadata: ["error": "\(error)"])
        return .broken
    }

    private func response(_ reply: Reply, isHead: Bool) -> Response {
        var headers = HTTPFields()
        headers[.date] = HTTPDate.text(of: now())
        for (name, value) in SecurityHeaders.all + reply.headers {
            if let name = HTTPField.Name(name) { headers.append(HTTPField(name: name, value: value)) }
        }
        if reply.ends { headers[.connection] = "close" }
        let ends = reply.ends
        let body: ResponseBody
        switch reply.body {
        case .bytes(let bytes) where !isHead && !ends:
            // In one piece with its headers.
            headers[.contentLength] = "\(bytes.count)"
            body = ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        case .bytes(let bytes):
            headers[.contentLength] = "\(bytes.count)"
            body = ResponseBody { writer in
                if !isHead, !bytes.isEmpty { try await writer.write(ByteBuffer(bytes: bytes)) }
                try await writer.finish(nil)
                if ends { throw ConnectionEnds() }
            }
        case .stream(let source):
            body = ResponseBody { writer in
                while !isHead, let piece = try await source.next() {
                    try await writer.write(ByteBuffer(bytes: piece))
                }
                try await writer.finish(nil)
                if ends { throw ConnectionEnds() }
            }
        }
        return Response(status: .init(code: reply.status), headers: headers, body: body)
    }
}

/// Thrown behind a whole reply, so that the server closes the connection.
private struct ConnectionEnds: Error {}

extension HTTPField.Name {
    fileprivate static let fetchSite = HTTPField.Name("Sec-Fetch-Site") ?? .origin
}
