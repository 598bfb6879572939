/// What is sent back.
package struct Reply: Sendable {
    package enum Body: Sendable {
        case bytes([UInt8])
        /// Fetched piece by piece, as the other side takes it.
        case stream(any ReplySource)
    }

    package var status: Int
    package var body: Body
    package var headers: [(name: String, value: String)]
    /// Whether the connection ends with it.
    var ends = false

    package init(status: Int = 200, type: String, _ body: Body) {
        self.status = status
        self.body = body
        headers = [("Content-Type", type), ("Cache-Control", "no-store")]
    }

    package static func html(_ text: String, status: Int = 200) -> Reply {
        Reply(status: status, type: "text/html; charset=utf-8", .bytes(Array(text.utf8)))
    }

    package static func text(_ text: String, status: Int = 200) -> Reply {
        Reply(status: status, type: "text/plain; charset=utf-8", .bytes(Array(text.utf8)))
    }

    /// JSON text.
    package static func json(_ text: String, status: Int = 200) -> Reply {
        Reply(status: status, type: "application/json", .bytes(Array(text.utf8)))
    }

    /// A picture that the server drew.
    package static func svg(_ text: String) -> Reply {
        Reply(type: "image/svg+xml", .bytes(Array(text.utf8)))
    }

    /// A file to be kept.
    ///
    /// `name` is one of ours, never one that was sent to us: letters, digits, dots, dashes, underscores.
    package static func download(_ body: Body, name: String, type: String = "text/csv; charset=utf-8")
        -> Reply
    {
        var reply = Reply(type: type, body)
        let isPlain = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
            default: false
            }
        }
        reply.headers.append(
            ("Content-Disposition", "attachment; filename=\"\(isPlain ? name : "download")\"")
        )
        return reply
    }

    /// Sends the browser to another of our pages.
    static func redirect(_ path: String) -> Reply {
        var reply = Reply(status: 303, type: "text/plain; charset=utf-8", .bytes([]))
        reply.headers.append(("Location", path))
        return reply
    }

    /// What may be kept by the browser for as long as it likes, since its address changes with it.
    static func unchanging(_ text: String, type: String) -> Reply {
        var reply = Reply(type: type, .bytes(Array(text.utf8)))
        reply.headers = [("Content-Type", type), ("Cache-Control", "public, max-age=31536000, immutable")]
        return reply
    }
}

/// A body that is not in memory as a whole.
package protocol ReplySource: Sendable {
    /// The next piece, some 64 kB; `nil` at the end. Calls come one after the other; it MAY block for a disk.
    ///
    /// Throwing cuts the reply off, which the other side notices.
    func next() async throws -> [UInt8]?
}
