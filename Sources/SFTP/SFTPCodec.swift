import Glibc

/// The protocol without its connection: requests become bytes, and bytes become replies that were waited for.
///
/// It does no I/O and knows no time. Everything that a server sends is refused unless it fits: after the first
/// violation nothing more may be taken from it.
struct SFTPCodec {
    /// The longest packet that is taken, in bytes.
    static let longestPacket = 1 << 20

    /// The names of the extensions that the server announced, among those we know.
    private(set) var extensions: Set<String> = []
    /// Whether the server has said which version it speaks.
    private(set) var isBegun = false
    /// Bytes for the server.
    private(set) var outgoing: [UInt8] = SFTPRequest.begin

    private var expected: [UInt32: SFTPAnswer] = [:]
    private var nextID: UInt32
    private var buffer = [UInt8](repeating: 0, count: 512 << 10)
    /// The part of the buffer that has come and is not yet taken.
    private var filled = 0..<0

    /// - Parameter firstID: The id of the first request.
    init(firstID: UInt32 = 0) { nextID = firstID }

    /// Puts a request in the queue.
    ///
    /// - Returns: Its id, which its reply will carry.
    mutating func send(_ request: SFTPRequest) -> UInt32 {
        while expected[nextID] != nil { nextID &+= 1 }
        let id = nextID
        nextID &+= 1
        expected[id] = request.answer
        request.encode(id: id, to: &outgoing)
        return id
    }

    /// Forgets bytes that are on their way.
    mutating func sent(_ count: Int) {
        outgoing.removeFirst(min(count, outgoing.count))
    }

    /// Lets `read` put bytes that came behind those that are there.
    ///
    /// - Parameter read: Says how many it put.
    /// - Returns: What `read` said.
    mutating func fill(_ read: (UnsafeMutableRawBufferPointer) -> Int) -> Int {
        makeRoom()
        let free = filled.upperBound..<buffer.count
        let count = buffer.withUnsafeMutableBytes { all in
            read(UnsafeMutableRawBufferPointer(rebasing: all[free]))
        }
        if count > 0 { filled = filled.lowerBound..<min(filled.upperBound + count, buffer.count) }
        return count
    }

    /// The next reply that has come whole; `nil` when there is none.
    mutating func next() throws(ProtocolViolation) -> (id: UInt32, reply: SFTPReply)? {
        while let packet = try nextPacket() {
            var cursor = ByteCursor(buffer[packet])
            let type = try cursor.u8()
            guard isBegun else {
                try begin(type, &cursor)
                continue
            }
            let id = try cursor.u32()
            guard let answer = expected.removeValue(forKey: id) else {
                // Extended replies to nobody are harmless, and some servers are chatty.
                if type == 201 { continue }
                throw ProtocolViolation("a reply to a request that was not made")
            }
            return (id, try reply(type, &cursor, fitting: answer, end: packet.upperBound))
        }
        return nil
    }

    /// Hands bytes of a ``SFTPReply/data(_:)`` to a sink.
    func give(_ data: Range<Int>, to sink: any DownloadSink, at offset: UInt64) throws {
        try sink.write(buffer.span.bytes.extracting(data), at: offset)
    }

    private mutating func begin(_ type: UInt8, _ cursor: inout ByteCursor) throws(ProtocolViolation) {
        guard type == 2 else { throw ProtocolViolation("packet \(type) instead of a version") }
        let version = try cursor.u32()
        guard version == 3 else { throw ProtocolViolation("version \(version) instead of 3") }
        while cursor.count > 0 {
            let name = String(decoding: try cursor.string(upTo: Self.longestPacket), as: UTF8.self)
            try cursor.skipString()
            if ["limits@openssh.com", "fsync@openssh.com"].contains(name) { extensions.insert(name) }
        }
        isBegun = true
    }

    private func reply(
        _ type: UInt8,
        _ cursor: inout ByteCursor,
        fitting answer: SFTPAnswer,
        end: Int
    ) throws(ProtocolViolation) -> SFTPReply {
        switch (type, answer) {
        case (101, _):
            let code = try cursor.u32()
            guard code != SFTPStatus.ok || answer == .status else {
                throw ProtocolViolation("an empty success")
            }
            // Old servers leave out the words.
            let words = cursor.count > 0 ? try cursor.string(upTo: Self.longestPacket) : []
            return .status(SFTPStatus(code: code, words: Array(words.prefix(1024))))
        case (102, .handle):
            let handle = try cursor.string(upTo: 256)
            guard !handle.isEmpty else { throw ProtocolViolation("an empty handle") }
            return .handle(Array(handle))
        case (103, .data(let limit)):
            let data = try cursor.string(upTo: limit)
            guard !data.isEmpty else { throw ProtocolViolation("data of no bytes") }
            return .data(data.startIndex..<data.endIndex)
        case (104, .names):
            return .names(try names(&cursor))
        case (105, .attributes):
            return .attributes(try FileAttributes(from: &cursor))
        case (201, .extended):
            return .extended(Array(buffer[(end - cursor.count)..<end].prefix(1024)))
        default:
            throw ProtocolViolation("packet \(type) does not answer what was asked")
        }
    }

    private func names(_ cursor: inout ByteCursor) throws(ProtocolViolation) -> [ListedName] {
        let count = try cursor.u32()
        // An entry is at least two lengths and the attributes' flags.
        guard count <= cursor.count / 12 else { throw ProtocolViolation("\(count) names in a short packet") }
        var names: [ListedName] = []
        names.reserveCapacity(Int(count))
        for _ in 0..<count {
            let name = Array(try cursor.string(upTo: 64 << 10))
            try cursor.skipString()
            names.append(ListedName(name: name, attributes: try FileAttributes(from: &cursor)))
        }
        return names
    }

    /// Where the next whole packet lies in the buffer, without its length.
    private mutating func nextPacket() throws(ProtocolViolation) -> Range<Int>? {
        guard filled.count >= 4 else { return nil }
        var cursor = ByteCursor(buffer[filled])
        let length = Int(try cursor.u32())
        guard (5...Self.longestPacket).contains(length) else {
            throw ProtocolViolation("a packet of \(length) bytes")
        }
        guard filled.count >= 4 + length else { return nil }
        let packet = filled.lowerBound + 4..<filled.lowerBound + 4 + length
        // Consumed before anybody looks at it: whatever comes of it, it is not read twice.
        filled = packet.upperBound..<filled.upperBound
        return packet
    }

    /// Sees to it that there is room behind what has come; only a packet that needs it makes the buffer grow.
    private mutating func makeRoom() {
        if filled.isEmpty { filled = 0..<0 }
        guard buffer.count - filled.upperBound < 64 << 10 else { return }
        if filled.lowerBound > 0 {
            let kept = filled.count
            buffer.withUnsafeMutableBytes { all in
                guard let base = all.baseAddress else { return }
                _ = memmove(base, base + filled.lowerBound, kept)
            }
            filled = 0..<kept
        }
        if buffer.count - filled.upperBound < 64 << 10 {
            buffer += [UInt8](repeating: 0, count: Self.longestPacket + (64 << 10) - buffer.count)
        }
    }
}
