import Glibc
import Hummingbird
import HummingbirdCore
package import Ledger
package import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Threads

/// The page, served for as long as the daemon runs.
///
/// It never ends or delays the daemon: an address that is taken is told and tried again.
package struct PageServer: Service {
    /// Between two tries to listen.
    private static let pause = Duration.seconds(5)
    /// What visitors have left when the daemon ends.
    private static let farewell = Duration.seconds(3)

    private let settings: PageSettings
    private let ledger: Ledger
    private let gate: Gate
    private let now: @Sendable () -> Timestamp
    private let logger: Logger
    private let listening: @Sendable (Int?) -> Void

    /// - Parameters:
    ///   - settings: Where and how.
    ///   - ledger: Of the drop; the page writes its sessions to it and nothing else.
    ///   - desk: What has orders carried out.
    ///   - areas: What the page consists of, beside signing in.
    ///   - version: Of the program.
    ///   - now: The clock.
    ///   - logger: Told what goes wrong.
    ///   - listening: Called each time that the page can be reached, with the port if there is one.
    /// - Throws: ``TemplateRefused``; `DatabaseError` when the sessions cannot be read.
    package init(
        _ settings: PageSettings,
        ledger: Ledger,
        desk: any Desk,
        areas: [any Area],
        version: String,
        now: @escaping @Sendable () -> Timestamp,
        logger: Logger,
        listening: @escaping @Sendable (Int?) -> Void = { _ in }
    ) throws {
        self.settings = settings
        self.ledger = ledger
        self.now = now
        self.logger = logger
        self.listening = listening
        let people = PersonLedger(ledger)
        let since = now().adding(seconds: -Sessions.idleLimit)
        let sessions = Sessions(known: try SessionLedger(ledger).list(seenSince: since))
        let passwords = PasswordDesk(cost: settings.passwordCost)
        let attempts = Attempts()
        let recent = try SessionLedger(ledger).attempts(since: now().adding(seconds: -Attempts.memory))
        for attempt in recent { attempts.recall(attempt) }
        let all: [any Area] =
            areas + [
                UserArea(people: people, passwords: passwords, desk: desk),
                PasswordArea(
                    people: people,
                    sessions: sessions,
                    attempts: attempts,
                    passwords: passwords,
                    desk: desk
                ),
                SignInArea(people: people, sessions: sessions, attempts: attempts, passwords: passwords),
                HealthArea(desk: desk),
            ]
        let frame = try Frame(drop: ledger.dropName, version: version, areas: all)
        var routes = Routes()
        for area in all { area.addRoutes(to: &routes) }
        routes.open(frame.stylePath) { _ in .unchanging(StyleSheet.text, type: "text/css; charset=utf-8") }
        gate = Gate(
            routes: routes,
            frame: frame,
            people: people,
            sessions: sessions,
            settings: settings,
            now: now,
            logger: logger
        )
    }

    package func run() async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { await gate.sessions.keep(ledger, now: now, logger: logger) }
            group.addTask { await listen() }
            for try await _ in group {}
        }
    }

    /// Serves; begins again when it could not.
    private func listen() async {
        var told = ""
        while !Task.isShuttingDownGracefully, !Task.isCancelled {
            do {
                try await serve()
                return
            } catch is CancellationError {
                return
            } catch {
                let problem = "\(error)"
                if problem != told {
                    logger.error(
                        "page cannot listen; it is tried again",
                        metadata: ["address": "\(settings.address)", "error": "\(problem)"]
                    )
                }
                told = problem
            }
            try? await untilShutdown { try await Task.pause(for: Self.pause) }
        }
    }

    /// Serves until the shutdown; visitors that are still there then are cut off after a moment.
    private func serve() async throws {
        let server = try makeServer()
        try await untilShutdown(farewell: Self.farewell) { try await server.run() }
    }

    /// Does something, and cancels it a while after the daemon was told to end.
    private func untilShutdown(
        farewell: Duration = .zero,
        _ work: @escaping @Sendable () async throws -> Void
    ) async throws {
        try await withThrowingTaskGroup { group in
            group.addTask { try await work() }
            group.addTask {
                try await gracefulShutdown()
                try await Task.pause(for: farewell)
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    /// Hummingbird's server without its `Application`, which wakes up every second to write the time down.
    private func makeServer() throws -> any Service {
        let limits = settings.limits
        var quiet = logger
        // What a visitor does wrong is no event of ours.
        quiet.logLevel = .error
        let builder = HTTPServerBuilder.http1(
            configuration: .init(
                additionalChannelHandlers: [
                    IdleStateHandler(allTimeout: TimeAmount(limits.stalled)), StalledConnection(),
                ],
                idleTimeout: TimeAmount(limits.idle),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: limits.headerBytes,
                    maxHeaderListSize: limits.headersBytes,
                    maxHeaderFieldCount: limits.headers
                )
            )
        )
        return try builder.buildServer(
            configuration: ServerConfiguration(
                address: settings.address.bound,
                availableConnectionsDelegate: MaximumAvailableConnections(limits.connections, logger: quiet)
            ),
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: quiet,
            responder: { [gate] request, writer, channel in
                let response = await gate.respond(
                    to: request,
                    from: channel.remoteAddress?.ipAddress ?? "local"
                )
                try await writer.write(response: response.head, body: response.body)
            },
            onServerRunning: { [settings, listening, logger] channel in
                if case .unix(let path) = settings.address, !Self.close(path) {
                    logger.error("page's socket cannot be closed to others", metadata: ["path": "\(path)"])
                }
                listening(channel.localAddress?.port)
            }
        )
    }
}

/// Ends a connection on which nothing has moved for long: a visitor that does not read what it asked for.
private final class StalledConnection: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard event is IdleStateHandler.IdleStateEvent else {
            return context.fireUserInboundEventTriggered(event)
        }
        context.close(promise: nil)
    }
}

extension PageServer {
    /// Lets our own user alone use a socket.
    private static func close(_ path: String) -> Bool { chmod(path, 0o600) == 0 }
}

extension ListenAddress {
    fileprivate var bound: BindAddress {
        switch self {
        case .loopback(let host, let port): .hostname(host, port: port)
        case .unix(let path): .unixDomainSocket(path: path)
        }
    }
}
