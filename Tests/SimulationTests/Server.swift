import TestSupport

/// The customer's server, and what the customer does on it.
struct Server {
    /// What a customer means to hand over, whole.
    struct Drop {
        enum Kind { case good, partlyBad, unreadable }

        var path: String
        var bytes: [UInt8]
        var kind: Kind
        /// Rows that end in the ledger, and their sum in cents.
        var rows = 0
        var cents = 0
        /// The customer put something else in its place, or took it back: it may be loaded, and need not.
        var isWithdrawn = false
        /// All of it lay on the server at some time.
        var isComplete = false
    }

    struct File {
        var bytes: [UInt8]
        /// A token; every write gives another.
        var modified: Int64
        /// What is still to be uploaded, piece by piece.
        var rest: [[UInt8]] = []
        /// Which of the drops it is; `nil` for what we wrote.
        var drop: Int?
    }

    var files: [String: File] = [:]
    var folders: Set<String> = [
        "", "customers_with_open_balances", "customers_with_open_balances/pending", "payment_receipts",
        "payment_receipts/pending",
    ]
    var drops: [Drop] = []
    var writes: Int64 = 1_700_000_000
    /// Nobody answers until then.
    var isAwayUntil = Duration.zero

    /// What lies where customers drop, or is claimed by the daemon, by its path.
    var pending: [String] {
        files.keys.filter {
            $0.contains("/pending/") || $0.contains("/processing/") && !$0.hasPrefix(Self.foreign)
        }.sorted()
    }

    /// Where another daemon keeps what it has claimed.
    private static let foreign = "payment_receipts/processing/other/"

    /// Another daemon has taken a file, and is never seen again.
    mutating func leaveClaim() {
        folders.formUnion(["payment_receipts/processing", "payment_receipts/processing/other"])
        write(File(bytes: [0x78], modified: 0), to: Self.foreign + "theirs.csv")
    }

    mutating func write(_ file: File, to path: String) {
        writes += 1
        var file = file
        file.modified = writes
        files[path] = file
        if file.rest.isEmpty, let drop = file.drop { drops[drop].isComplete = true }
    }

    /// The next piece of an upload.
    mutating func grow(_ path: String) {
        guard var file = files[path], !file.rest.isEmpty else { return }
        file.bytes += file.rest.removeFirst()
        write(file, to: path)
    }
}

extension World.State {
    /// The most that one history sees.
    private static var most: Int { 12 }

    /// Time passes, and the customer does something, or nothing.
    mutating func arrive() {
        goOnUploading(all: true)
        guard !isCalm else { return }
        if server.drops.isEmpty { put(customers(), at: "customers_with_open_balances/pending/all.csv") }
        for _ in 0..<Int.random(in: 0...2, using: &chance) where server.drops.count < Self.most { drop() }
    }

    /// Uploads go on; but for `all`, some wait until they are read.
    mutating func goOnUploading(all: Bool) {
        for path in server.pending where server.files[path]?.rest.isEmpty == false {
            if isCalm {
                while server.files[path]?.rest.isEmpty == false { server.grow(path) }
            } else if all || happens(50) {
                server.grow(path)
            }
        }
    }

    private mutating func drop() {
        // Without the customers nothing else can be applied.
        let whole = server.pending.filter { path in
            path.hasPrefix("payment_receipts/pending/")
                && (server.files[path].map { $0.rest.isEmpty && $0.drop != nil } ?? false)
        }
        if let path = whole.randomElement(using: &chance), happens(20) {
            withdraw(path)
            if happens(30) {
                server.files[path] = nil
                history.append("the customer takes \(path) back")
                return
            }
            return put(payments(), at: path)
        }
        let again = server.drops.filter { $0.kind == .good && $0.isComplete && !$0.isWithdrawn }
        if let drop = again.randomElement(using: &chance), happens(15) {
            let folder = drop.path.split(separator: "/").dropLast().joined(separator: "/")
            return put(drop, at: "\(folder)/again-\(server.drops.count).csv")
        }
        let gone = server.drops.map(\.path).filter { server.files[$0] == nil && $0.hasPrefix("payment") }
        if let path = gone.randomElement(using: &chance), happens(20) { return put(payments(), at: path) }
        put(payments(), at: "payment_receipts/pending/p-\(server.drops.count).csv")
    }

    private mutating func withdraw(_ path: String) {
        if let drop = server.files[path]?.drop { server.drops[drop].isWithdrawn = true }
    }

    private mutating func put(_ drop: Server.Drop, at path: String) {
        var drop = drop
        drop.path = path
        drop.isWithdrawn = false
        drop.isComplete = false
        server.drops.append(drop)
        history.append("the customer drops \(path), \(drop.bytes.count) bytes")
        var pieces: [[UInt8]] = []
        if happens(40), drop.bytes.count > 40 {
            let size = drop.bytes.count / Int.random(in: 2...4, using: &chance)
            for start in stride(from: 0, to: drop.bytes.count, by: size) {
                pieces.append(Array(drop.bytes[start...].prefix(size)))
            }
        } else {
            pieces = [drop.bytes]
        }
        let first = pieces.removeFirst()
        let file = Server.File(bytes: first, modified: 0, rest: pieces, drop: server.drops.count - 1)
        server.write(file, to: path)
    }

    private func customers() -> Server.Drop {
        let text = "customer_id,name,balance,currency\nC1,Acme,1.00,USD\n"
        return Server.Drop(path: "", bytes: Array(text.utf8), kind: .good)
    }

    private mutating func payments() -> Server.Drop {
        let number = server.drops.count
        if happens(8) {
            return Server.Drop(path: "", bytes: Array("no sheet \(number)\nat all\n".utf8), kind: .unreadable)
        }
        let count = happens(15) ? 120 : Int.random(in: 1...3, using: &chance)
        var text = "payment_id,customer_id,payment_date,amount,currency\n"
        for row in 0..<count { text += "P\(number)-\(row),C1,2029-02-01,\(number).25,USD\n" }
        let isPartlyBad = happens(15)
        if isPartlyBad { text += "P\(number)-x,C1,2029-02-31,1.00,USD\n" }
        return Server.Drop(
            path: "",
            bytes: Array(text.utf8),
            kind: isPartlyBad ? .partlyBad : .good,
            rows: count,
            cents: count * (number * 100 + 25)
        )
    }
}
