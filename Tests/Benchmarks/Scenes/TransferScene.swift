import TestSupport

/// Files fetched from a server by everybody: one that is big, or many that are small.
struct TransferScene {
    enum Load {
        /// One file of so many bytes.
        case big(Int)
        /// So many files of 20 KB.
        case many(Int)
    }

    let place: Place
    let wire: Wire
    let load: Load
    private let drop: Drop
    private var target: String { "\(place.work)/peer" }

    init(_ place: Place, _ wire: Wire, _ load: Load) throws {
        self.place = place
        self.wire = wire
        self.load = load
        drop = Drop(place, on: wire.server, port: wire.port)
        switch load {
        case .big(let size):
            try Files.makeFolder("\(wire.pool)/\(folder)")
            try Noise.write(
                size,
                to: "\(wire.pool)/\(folder)/\(Self.bigName)",
                first: "alpha,beta\n",
                last: "\n"
            )
        case .many(let count):
            try Files.makeFolder("\(wire.pool)/\(folder)")
            for number in 0..<count {
                let name = "R-2026-\(1_000_000 + number).pdf"
                try Noise.write(
                    Self.smallSize,
                    to: "\(wire.pool)/\(folder)/\(name)",
                    seed: UInt64(number),
                    first: "%PDF-1.4\n",
                    last: "\n%%EOF\n"
                )
            }
        }
        // The ledger lives already, as a customer's does after its first hour.
        try wire.restore()
        try Command("/bin/rm", "-rf", "\(wire.server.root)/\(folder)").run()
        try drop.layOut()
        try drop.poll.run()
        try drop.keep(as: "live")
    }

    private static let bigName = "open_invoices-2026-11-20.csv"
    private static let smallSize = 20_000

    private var folder: String {
        if case .big = load { "open_invoices/pending" } else { "invoice_pdfs" }
    }

    private var id: String {
        switch load {
        case .big: "transfer-big\(wire.suffix)"
        case .many: "transfer-many\(wire.suffix)"
        }
    }

    private var title: String {
        switch load {
        case .big(let size): "one file of \(size >> 20) MiB, \(wire.title)"
        case .many(let count): "\(Table.count(count)) files of 20 KB, \(wire.title)"
        }
    }

    private var count: Int {
        if case .many(let count) = load { count } else { 1 }
    }

    /// What all of them have together.
    private var bytes: Int {
        switch load {
        case .big(let size): size
        case .many(let count): count * Self.smallSize
        }
    }

    func scene(rounds: Int) -> Scene {
        let ours = "ledgerdrop"
        func pair(_ suffix: String, _ theirs: String, _ quantity: Quantity) -> Comparison {
            Comparison(id: id + suffix, title: title, ours: ours, theirs: theirs, quantity: quantity)
        }
        return Scene(
            id: id,
            title: "Fetching \(title)",
            rounds: rounds,
            contenders: [ledgerdrop, sftp] + [lftp, rclone].filter { Place.has($0.name) },
            comparisons: [
                pair("", "sftp", .mark("received")), pair("-poll", "sftp", .wall), pair("-cpu", "sftp", .cpu),
                pair("-lftp", "lftp", .mark("received")), pair("-rclone", "rclone", .mark("received")),
            ]
        )
    }

    private var ledgerdrop: Contender {
        var statuses: Set<Int> = [0]
        // A file without our columns is refused as soon as it is looked at, so that little follows the fetch.
        if case .big = load { statuses = [65] }
        return Contender(
            name: "ledgerdrop",
            does: """
                `ledgerdrop poll` on a live ledger; "received" is when the commit of what was fetched begins: start, connect, two listings of \
                every folder, SHA-256, a look at each file after its last byte, fsync of every copy and the folder. The rest of \
                the wall time is loading, moving on the server, mail
                """,
            statuses: statuses,
            fileBytes: bytes,
            prepare: {
                try wire.restore()
                try drop.layOut(from: "live")
                return drop.poll
            },
            judge: { performance in
                try check(isFirst: performance.isFirst)
                return ["received": try drop.seconds(from: performance.began, to: ["file.received"])]
            }
        )
    }

    private func check(isFirst: Bool) throws {
        switch load {
        case .big(let size):
            let found = try place.query(drop.ledger, "SELECT state, size, sha256 FROM files")
            guard let sha = found.first?.split(separator: "|").last, found == ["failed|\(size)|\(sha)"] else {
                throw SystemError(message: "the file became \(found)")
            }
            if isFirst {
                try Command("/usr/bin/cmp", "\(place.work)/drop/state/spool/\(sha)", served(Self.bigName))
                    .run()
            }
        case .many(let count):
            try place.expect(
                drop.ledger,
                "SELECT state, count(*), sum(size) FROM files",
                gives: ["loaded|\(count)|\(bytes)"]
            )
        }
    }

    /// The prepared file itself, which nobody moves.
    private func served(_ name: String) -> String { "\(wire.pool)/\(folder)/\(name)" }

    private var remote: String { "\(wire.server.root)/\(folder)" }

    private var sftp: Contender {
        peer("sftp", "OpenSSH's client; no look before or after, nothing durable") {
            switch load {
            case .big: try wire.sftp(["get \(remote)/\(Self.bigName) \(target)/"])
            case .many: try wire.sftp(["get \(remote)/* \(target)/"])
            }
        }
    }

    private var lftp: Contender {
        peer(
            "lftp",
            "lftp over ssh, whose CPU is not counted; many files with mirror, four at a time; nothing durable"
        ) {
            switch load {
            case .big: wire.lftp(["get \(remote)/\(Self.bigName) -o \(target)/\(Self.bigName)"])
            case .many: wire.lftp(["mirror --parallel=4 --no-perms \(remote) \(target)"])
            }
        }
    }

    private var rclone: Contender {
        peer(
            "rclone",
            "rclone copy with its own SSH, 16 files at a time, no check of hashes; nothing durable"
        ) {
            wire.rclone("copy", remote, [target, "--transfers", "16"])
        }
    }

    private func peer(_ name: String, _ does: String, _ command: @escaping () throws -> Command) -> Contender
    {
        Contender(
            name: name,
            does: does,
            fileBytes: bytes,
            prepare: {
                try wire.restore()
                _ = try place.fresh("peer")
                return try command()
            },
            judge: { performance in
                if performance.isFirst {
                    try Command("/usr/bin/diff", "-r", "\(wire.pool)/\(folder)", target).run()
                }
                let sizes = try Command("/usr/bin/find", target, "-type", "f", "-printf", "%s\n").run()
                    .split(separator: "\n").compactMap { Int($0) }
                guard sizes.count == count, sizes.reduce(0, +) == bytes else {
                    throw SystemError(message: "\(sizes.count) files came")
                }
                return [:]
            }
        )
    }
}
