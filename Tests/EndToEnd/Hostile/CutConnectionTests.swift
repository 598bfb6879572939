import TestSupport
import Testing

/// A connection that is cut after any of its bytes: nothing is lost, nothing comes twice, and the next run is whole.
///
/// The long form cuts after each of the first 4,096 bytes that the server sends, then at 2,000 places of either side
/// that are drawn; the short one at a handful of both.
@Suite(.timeLimit(Torture.limit))
struct CutConnectionTests {
    /// How many workers there are, each with a drop of its own: most of a run that is cut off is waiting.
    private static let workers = Torture.number("TORTURE_WORKERS", long: 6, short: 2)
    /// How many cuts come before an undisturbed run, and a look at everything.
    private static let between = 12

    @Test func `a connection cut after any byte loses nothing and doubles nothing`() async throws {
        var random = SplitMix64(seed: Torture.seed)
        // About as many as a run sends: some places come after its end.
        let length = try await wholeLength()
        let step = Torture.number("TORTURE_CUT_STEP", long: 1, short: 512)
        var cuts = stride(from: 0, to: 4096, by: step).map { TCPProxy.Fault.cut(after: $0, from: .server) }
        for number in 0..<Torture.number("TORTURE_CUTS", long: 2000, short: 10) {
            let isServer = number.isMultiple(of: 2)
            let most = isServer ? length.server : length.client
            cuts.append(
                .cut(after: Int.random(in: 0...most, using: &random), from: isServer ? .server : .client)
            )
        }
        cuts.shuffle(using: &random)
        let shares = (0..<Self.workers).map { worker in
            cuts.enumerated().filter { $0.offset % Self.workers == worker }.map(\.element)
        }
        let tally = Torture.Tally()
        try await withThrowingTaskGroup { group in
            for share in shares { group.addTask { try await self.survive(share, tally) } }
            try await group.waitForAll()
        }
        // A test that cuts nothing is none; only a place behind the end of a run may be left out.
        #expect(
            tally["struck"] * 5 >= cuts.count * (Torture.isLong ? 4 : 2),
            "at \(tally["struck"]) of \(cuts.count) places there was a cut; seed \(Torture.seed)"
        )
        tell(tally)
    }

    private func tell(_ tally: Torture.Tally) {
        Torture.tell(
            """
            \(tally["places"]) places, a cut at \(tally["struck"]) of them, \(tally["connections"]) connections cut; \
            seed \(Torture.seed)
            """
        )
    }

    /// How many bytes the two sides send in a run with nothing in its way.
    private func wholeLength() async throws -> (server: Int, client: Int) {
        let (drop, proxy) = try await proxied()
        // The first run makes folders, which the others find.
        for number in 0..<2 {
            try drop.place(Self.file(number))
            try await drop.poll()
        }
        return try await poll("the traffic") { try? proxy.traffic() }
    }

    private func proxied() async throws -> (EndToEndDrop, TCPProxy) {
        let server = try await OpenSSHServer.start()
        let proxy = try await TCPProxy.start(to: server.port)
        let drop = try await EndToEndDrop.start(DropSettings(port: proxy.port), on: server)
        return (drop, proxy)
    }

    /// One file, every fourth with a row that is refused and so with a report, every ninth a larger one.
    private static func file(_ number: Int) -> DroppedFile {
        let count = number % 9 == 8 ? 600 : 3
        let bad = number % 4 == 3 ? ["B\(number),"] : []
        return .sheet(
            "subsidiaries",
            "subsidiary_id,name",
            (0..<count).map { "S\(number)-\($0),Subsidiary \($0)" } + bad,
            name: "s\(number).csv"
        )
    }

    /// Makes a run for each of the cuts, and undisturbed ones in between.
    private func survive(_ cuts: [TCPProxy.Fault], _ tally: Torture.Tally) async throws {
        let (drop, proxy) = try await proxied()
        var connections = 0
        for (number, cut) in cuts.enumerated() {
            try drop.place(Self.file(number))
            // Before there is a session the run ends with the first cut; behind that it connects again, which the next
            // cut may end too.
            try proxy.expect(cut, connections: 1 + number % 2)
            let result = try await drop.run("poll")
            #expect(
                [0, 65, 69, 75].contains(result.status),
                "\(cut), seed \(Torture.seed): \(result.errors)"
            )
            tally.add("places")
            tally.add("struck", proxy.faults > connections ? 1 : 0)
            tally.add("connections", proxy.faults - connections)
            connections = proxy.faults
            if Torture.isLong, tally["places"] % 500 == 0 { tell(tally) }
            guard number % Self.between == Self.between - 1 || number == cuts.count - 1 else { continue }
            try proxy.expect(.none)
            let calm = try await drop.run("poll")
            #expect([0, 65].contains(calm.status), "after \(cut), seed \(Torture.seed): \(calm.errors)")
            try expectWhole(drop, files: number + 1)
            let reasons = try drop.query(
                "SELECT count(*) FROM runs WHERE state = 'failed' AND reason IS NULL"
            )
            #expect(reasons == ["0"])
        }
    }

    private func expectWhole(_ drop: EndToEndDrop, files count: Int) throws {
        let rows = (0..<count).reduce(0) { $0 + ($1 % 9 == 8 ? 600 : 3) }
        let reports = (0..<count).count { $0 % 4 == 3 }
        try drop.expect("SELECT count(*) FROM subsidiaries", gives: ["\(rows)"])
        try drop.expect(
            "SELECT state, count(*) FROM files GROUP BY 1 ORDER BY 1",
            gives: (count > reports ? ["loaded|\(count - reports)"] : [])
                + (reports > 0 ? ["loaded_with_errors|\(reports)"] : [])
        )
        #expect(try drop.listing("subsidiaries/pending") == [])
        #expect(try drop.listing("subsidiaries/processed").count == count)
        #expect(try drop.listing("subsidiaries/failed").count == reports)
        try drop.expectInvariants()
    }
}
