import TestSupport
import Testing

/// A server that falls silent or crawls, at any step from the first byte on.
@Suite(.timeLimit(.minutes(10)))
struct SlowServerTests {
    private static let customers = DroppedFile.customers("C1,Acme,1.00,USD")
    private static let impatient = ["timeouts: { connect: 2s, step: 2s }"]

    /// Before the server's first byte, in its greeting, and in every part of the key exchange and the login.
    private static let places = [0, 20, 45, 700, 1300, 1600]

    /// Makes a run over a connection with a fault, and the next without.
    private func survive(_ fault: TCPProxy.Fault) async throws {
        let server = try await OpenSSHServer.start()
        let proxy = try await TCPProxy.start(to: server.port)
        try proxy.expect(fault)
        let drop = try await EndToEndDrop.start(
            DropSettings(inbox: Self.impatient, port: proxy.port),
            on: server
        )
        try drop.place(Self.customers)
        let result = try await drop.run("poll")
        #expect(result.status == 69, "\(fault): \(result.errors)")
        #expect(!result.errors.isEmpty)
        try drop.expect("SELECT state, reason FROM runs", gives: ["failed|unreachable"])
        try proxy.expect(.none)
        try drop.configure(DropSettings(port: proxy.port))
        try await drop.poll()
        try drop.expect("SELECT customer_id, balance FROM customers_with_open_balances", gives: ["C1|1.00"])
        #expect(proxy.faults > 0)
        try drop.expectInvariants()
    }

    @Test(arguments: places) func `silence from any byte on ends the run, and the next one is whole`(
        place: Int
    )
        async throws
    {
        try await survive(.silence(after: place, from: .server))
    }

    @Test(arguments: [0, 600]) func `a client that is not heard waits no longer`(place: Int) async throws {
        try await survive(.silence(after: place, from: .client))
    }

    @Test func `a connection of a byte at a time is given up in time`() async throws {
        try await survive(.trickle(after: 0, from: .server, pause: .milliseconds(200)))
    }

    @Test(arguments: [
        MeddledSFTPServer.Request.begin, .openFolder, .readFolder, .open, .read, .lookAtHandle, .close,
    ])
    func `silence at any request ends in a deadline, and the next run is whole`(
        request: MeddledSFTPServer.Request
    )
        async throws
    {
        let meddled = try await MeddledSFTPServer.start()
        let connect = request == .begin ? 5 : 60
        let inbox = ["timeouts: { connect: \(connect)s, step: 2s }"]
        let drop = try await EndToEndDrop.start(DropSettings(inbox: inbox), on: meddled.server)
        try drop.place(Self.customers)
        try meddled.tell(.silent, to: request, sessions: 1)
        // What was asked before there was a session is not asked again; later the run goes on over another, unless this
        // machine is slow enough to be taken for silent too.
        let result = try await drop.run("poll")
        #expect([0, 69, 75].contains(result.status), "\(result.errors)")
        #expect(meddled.told > 0)
        try meddled.tell(nil)
        try drop.configure(DropSettings())
        try await drop.poll()
        try drop.expect("SELECT customer_id, balance FROM customers_with_open_balances", gives: ["C1|1.00"])
        try drop.expect("SELECT state FROM files", gives: ["loaded"])
        try drop.expectInvariants()
    }

    @Test(arguments: [MeddledSFTPServer.Request.extended, .lookAt, .makeFolder, .rename, .write])
    func `silence while files are put away leaves each where it belongs in the end`(
        request: MeddledSFTPServer.Request
    ) async throws {
        let meddled = try await MeddledSFTPServer.start()
        let drop = try await EndToEndDrop.start(
            DropSettings(inbox: ["timeouts: { connect: 60s, step: 2s }"]),
            on: meddled.server
        )
        try drop.place(.customers("C1,Acme,1.00,USD", "C2,Bad,x,USD"))
        try meddled.tell(.silent, to: request, sessions: 1)
        let result = try await drop.run("poll")
        #expect([0, 65, 69, 75].contains(result.status), "\(result.errors)")
        #expect(meddled.told > 0)
        try meddled.tell(nil)
        try drop.configure(DropSettings())
        let calm = try await drop.run("poll")
        #expect([0, 65].contains(calm.status), "\(calm.errors)")
        try drop.expect("SELECT customer_id FROM customers_with_open_balances", gives: ["C1"])
        try drop.expect("SELECT state FROM files", gives: ["loaded_with_errors"])
        #expect(try drop.listing("customers_with_open_balances/pending") == [])
        #expect(try drop.listing("customers_with_open_balances/processed").count == 1)
        #expect(try drop.listing("customers_with_open_balances/failed").count == 1)
        try drop.expectInvariants()
    }
}
