import Foundation
import Glibc

/// A connection to a web server over which a test says what it likes, byte for byte.
package enum HTTPConversation {
    package enum Place: Sendable {
        /// On the loopback interface.
        case port(Int)
        case socket(String)
    }

    /// What the server said until it closed the connection.
    package struct Reply: Sendable {
        package let text: String

        /// 0 when it said nothing.
        package var status: Int { Int(text.dropFirst(9).prefix(3)) ?? 0 }

        package var head: String { text.split("\r\n\r\n").first }

        package var body: String { text.split("\r\n\r\n").rest }

        /// The value of a header of that name, of the first.
        package func header(_ name: String) -> String? {
            for line in head.split(separator: "\r\n").dropFirst() {
                let parts = line.split(separator: ":", maxSplits: 1)
                if parts.count == 2, parts[0].lowercased() == name.lowercased() {
                    return String(parts[1].drop { $0 == " " })
                }
            }
            return nil
        }
    }

    /// Says some parts, each when the one before has left, and listens until the server closes the connection.
    ///
    /// - Throws: ``SystemError`` when nobody is there, or when nothing is said for a minute.
    package static func say(_ parts: [UInt8]..., to place: Place) async throws -> Reply {
        try await withCheckedThrowingContinuation { continuation in
            // A thread of its own: who waits for an answer must not take one from those who give it.
            Thread.detachNewThread { continuation.resume(with: Result { try talk(parts, place) }) }
        }
    }

    package static func say(_ text: String, to place: Place) async throws -> Reply {
        try await say(Array(text.utf8), to: place)
    }

    /// Takes a port of the loopback interface and answers nobody; the caller closes the descriptor.
    package static func listener(on port: Int) throws -> CInt {
        let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard listener >= 0 else { throw SystemError("socket") }
        var address = Self.loopback(port)
        let isTaken = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 && listen(listener, 8) == 0
            }
        }
        guard isTaken else { throw SystemError("bind") }
        return listener
    }

    private static func loopback(_ port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        address.sin_port = UInt16(clamping: port).bigEndian
        return address
    }

    private static func talk(_ parts: [[UInt8]], _ place: Place) throws -> Reply {
        let connection = try connect(to: place)
        defer { close(connection) }
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        for part in parts {
            var rest = part[...]
            while !rest.isEmpty {
                let sent = rest.withUnsafeBytes {
                    send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
                }
                // Who is cut off may have been told why.
                guard sent > 0 else { break }
                rest = rest.dropFirst(sent)
            }
        }
        var heard: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let got = recv(connection, &buffer, buffer.count, 0)
            if got == 0 || (got < 0 && errno == ECONNRESET) { break }
            guard got > 0 else { throw SystemError("recv") }
            heard += buffer[..<got]
        }
        return Reply(text: String(decoding: heard, as: UTF8.self))
    }

    private static func connect(to place: Place) throws -> CInt {
        switch place {
        case .port(let port):
            var address = loopback(port)
            return try open(AF_INET, &address)
        case .socket(let path):
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            let bytes = Array(path.utf8) + [0]
            withUnsafeMutableBytes(of: &address.sun_path) { room in
                for (index, byte) in bytes.enumerated() where index < room.count { room[index] = byte }
            }
            return try open(AF_UNIX, &address)
        }
    }

    private static func open<Address>(_ family: CInt, _ address: inout Address) throws -> CInt {
        let connection = socket(family, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        guard connection >= 0 else { throw SystemError("socket") }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(connection, $0, socklen_t(MemoryLayout<Address>.size))
            }
        }
        guard result == 0 else {
            let error = SystemError("connect")
            close(connection)
            throw error
        }
        return connection
    }
}

extension String {
    /// What stands before and behind the first of a separator.
    fileprivate func split(_ separator: String) -> (first: String, rest: String) {
        let parts = split(separator: separator, maxSplits: 1, omittingEmptySubsequences: false)
        return (parts.first.map(String.init) ?? "", parts.count > 1 ? String(parts[1]) : "")
    }
}

/// A browser of few words: it keeps the cookie it was given, and sends forms as browsers do.
package struct Browser: Sendable {
    package let place: HTTPConversation.Place
    package var host = "localhost"
    /// `name=value`.
    package var cookie: String?

    package init(_ place: HTTPConversation.Place) { self.place = place }

    package func get(_ path: String, _ headers: String...) async throws -> HTTPConversation.Reply {
        try await ask("GET", path, headers, body: nil)
    }

    /// Sends a form, with the header that says where from.
    package func post(
        _ path: String,
        _ fields: KeyValuePairs<String, String>,
        origin: String? = "http://localhost",
        headers: [String] = []
    ) async throws -> HTTPConversation.Reply {
        let body = fields.map { "\($0.key)=\(Self.encoded($0.value))" }.joined(separator: "&")
        let origin = origin.map { ["Origin: \($0)"] } ?? []
        return try await ask(
            "POST",
            path,
            ["Content-Type: application/x-www-form-urlencoded"] + origin + headers,
            body: body
        )
    }

    package func ask(_ method: String, _ path: String, _ headers: [String] = [], body: String?) async throws
        -> HTTPConversation.Reply
    {
        var lines = ["\(method) \(path) HTTP/1.1", "Host: \(host)", "Connection: close"] + headers
        if let cookie { lines.append("Cookie: \(cookie)") }
        if let body { lines.append("Content-Length: \(body.utf8.count)") }
        return try await HTTPConversation.say(
            lines.joined(separator: "\r\n") + "\r\n\r\n" + (body ?? ""),
            to: place
        )
    }

    /// Signs in and keeps the cookie.
    package mutating func signIn(_ name: String, _ password: String) async throws -> HTTPConversation.Reply {
        let reply = try await post("/sign-in", ["name": name, "password": password])
        if let set = reply.header("Set-Cookie") { cookie = String(set.prefix { $0 != ";" }) }
        return reply
    }

    /// The token that the forms of a page carry.
    package func token() async throws -> String {
        let page = try await get("/mails").body
        guard let range = page.firstRange(of: "name=\"token\" value=\"") else { return "" }
        return String(page[range.upperBound...].prefix { $0 != "\"" })
    }

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let digits = String(byte, radix: 16)
            return (digits.count < 2 ? "%0" : "%") + digits
        }.joined()
    }
}
