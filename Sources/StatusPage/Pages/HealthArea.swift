/// What programs ask: whether the daemon lives, whether it can work, and its numbers.
struct HealthArea: Area {
    let desk: any Desk

    func addRoutes(to routes: inout Routes) {
        routes.machine("/livez") { [desk] _ in Self.reply(await desk.vitals().alive) }
        routes.machine("/readyz") { [desk] _ in Self.reply(await desk.vitals().able) }
        routes.machine("/metrics") { [desk] _ in
            var reply = Reply.text(try await desk.metrics())
            reply.headers[0].value = "text/plain; version=0.0.4; charset=utf-8"
            return reply
        }
    }

    private static func reply(_ health: Vitals.Health) -> Reply {
        .text(health.isWell ? "ok\n" : "no: \(health.reason)\n", status: health.isWell ? 200 : 503)
    }
}
