import Glibc
import TestSupport

/// A folder with very many entries, listed by everybody.
struct ListingScene {
    let place: Place
    let wire: Wire
    let entries: Int

    init(_ place: Place, _ wire: Wire, entries: Int) throws {
        self.place = place
        self.wire = wire
        self.entries = entries
        try Files.makeFolder("\(wire.pool)/invoice_pdfs")
        for number in 0..<entries {
            try Files.write(
                "%PDF-1.4\n\(number)\n%%EOF\n",
                to: "\(wire.pool)/invoice_pdfs/R-2026-\(1_000_000 + number).pdf"
            )
        }
        try wire.restore()
    }

    private var folder: String { "\(wire.server.root)/invoice_pdfs" }

    func scene(rounds: Int) -> Scene {
        let title = "listing \(Table.count(entries)) entries, \(wire.title)"
        let id = "listing\(wire.suffix)"
        func pair(_ suffix: String, _ theirs: String, _ quantity: Quantity) -> Comparison {
            Comparison(
                id: id + suffix,
                title: title,
                ours: "shipped inbox",
                theirs: theirs,
                quantity: quantity
            )
        }
        return Scene(
            id: id,
            title: "A \(title)",
            rounds: rounds,
            contenders: [
                contender(
                    "shipped inbox",
                    """
                    the shipped SFTP inbox driven by the benchmark, since no verb only lists: connect, list, names looked at, \
                    sizes and times kept; prints the count
                    """
                ) { list },
                contender("sftp", "OpenSSH's client, `ls -1`; prints the names sorted") {
                    try wire.sftp(["ls -1 \(folder)"])
                },
                contender("lftp", "lftp over ssh, `cls -1`; prints the names") {
                    wire.lftp(["cls -1 \(folder)"])
                },
                contender("rclone", "rclone lsf with its own SSH; prints the names") {
                    wire.rclone("lsf", folder, [])
                },
            ].filter { $0.name.hasPrefix("shipped") || Place.has($0.name) },
            comparisons: [
                pair("", "sftp", .wall), pair("-cpu", "sftp", .cpu), pair("-lftp", "lftp", .wall),
                pair("-rclone", "rclone", .wall),
            ]
        )
    }

    private var list: Command {
        let server = wire.server
        return Command(
            place.benchmarks,
            "list",
            "\(wire.port)",
            server.user,
            server.clientKey,
            server.hostKeyPin,
            server.root,
            "invoice_pdfs"
        )
    }

    private func contender(_ name: String, _ does: String, _ command: @escaping () throws -> Command)
        -> Contender
    {
        Contender(
            name: name,
            does: does,
            prepare: { try command() },
            judge: { performance in
                let lines = performance.said.split(separator: "\n")
                let names = lines.count { $0.hasSuffix(".pdf") }
                guard names == entries || lines == ["\(entries)"] else {
                    throw SystemError(message: "listed \(names): \(performance.said.prefix(500))")
                }
                return [:]
            }
        )
    }

    /// The whole program before so many entries: a tenth of them is fetched and loaded, the others are unfinished.
    func wholeScene(rounds: Int) throws -> Scene {
        let drop = Drop(place, on: wire.server, port: wire.port)
        let count = entries / 10
        let root = wire.server.root
        return Scene(
            id: "entries",
            title: "A run before \(Table.count(entries)) entries, \(wire.title)",
            rounds: rounds,
            contenders: [
                Contender(
                    name: "ledgerdrop, \(Table.count(entries)) entries",
                    does: """
                        `ledgerdrop poll`: \(Table.count(count)) PDFs are fetched, loaded and moved, each in a transaction of its \
                        own; the others are uploads that are not finished, each told as ignored
                        """,
                    prepare: {
                        try wire.restore()
                        for number in 0..<entries where number % 10 != 0 {
                            let name = "\(root)/invoice_pdfs/R-2026-\(1_000_000 + number).pdf"
                            guard rename(name, "\(name).filepart") == 0 else { throw SystemError("rename") }
                        }
                        try drop.layOut()
                        return drop.poll
                    },
                    judge: { performance in
                        try place.expect(
                            drop.ledger,
                            "SELECT state, count(*) FROM files GROUP BY state ORDER BY state",
                            gives: ["ignored|\(entries - count)", "loaded|\(count)"]
                        )
                        return ["received": try drop.seconds(from: performance.began, to: ["file.received"])]
                    }
                )
            ],
            comparisons: []
        )
    }
}
