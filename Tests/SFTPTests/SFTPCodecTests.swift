import TestSupport
import Testing

@testable import SFTP

struct SFTPCodecTests {
    @Test func `a session begins with version 3 and the extensions that we know`() throws {
        var codec = SFTPCodec()
        #expect(codec.outgoing == [0, 0, 0, 5, 1, 0, 0, 0, 3])
        try codec.take(
            .packet(2, .u32(3), .string("limits@openssh.com"), .string("1"), .string("x@y"), .string("\u{7}"))
        )
        #expect(codec.isBegun)
        #expect(codec.extensions == ["limits@openssh.com"])
    }

    @Test func `replies are matched by their ids in any order`() throws {
        var codec = try SFTPCodec.begun()
        let first = codec.send(.read(handle: [1], offset: 0, count: 10))
        let second = codec.send(.lookAt(path: [0x2F]))
        let size: UInt64 = 5
        codec.feed(
            .packet(105, .u32(second), .u32(0x1), .u64(size)) + .packet(103, .u32(first), .string("abc"))
        )
        let one = try codec.next()
        #expect(one?.id == second)
        #expect(one?.reply == .attributes(FileAttributes(size: size)))
        let two = try codec.next()
        #expect(two?.id == first)
        guard case .data(let place) = two?.reply else { throw ProtocolViolation("no data") }
        let sink = MemorySink()
        try codec.give(place, to: sink, at: 0)
        #expect(sink.bytes == Array("abc".utf8))
        let rest = try codec.next()
        #expect(rest == nil)
    }

    @Test func `a reply may come one byte at a time`() throws {
        var codec = try SFTPCodec.begun()
        let id = codec.send(.openFolder(path: [0x2F]))
        let packet = [UInt8].packet(102, .u32(id), .string("handle"))
        for byte in packet.dropLast() {
            codec.feed([byte])
            let rest = try codec.next()
            #expect(rest == nil)
        }
        codec.feed([packet[packet.count - 1]])
        let answer = try codec.next()
        #expect(answer?.reply == .handle(Array("handle".utf8)))
    }

    @Test func `a packet of the longest length is taken and one byte more is not`() throws {
        var codec = try SFTPCodec.begun()
        let id = codec.send(.read(handle: [1], offset: 0, count: 1 << 20))
        let data = [UInt8](repeating: 7, count: SFTPCodec.longestPacket - 9)
        codec.feed(.packet(103, .u32(id), .u32(UInt32(data.count)), data))
        guard case .data(let place) = try codec.next()?.reply else { throw ProtocolViolation("no data") }
        #expect(place.count == data.count)
        codec.feed(.u32(UInt32(SFTPCodec.longestPacket) + 1))
        #expect(throws: ProtocolViolation.self) { try codec.next() }
    }

    @Test func `names are bytes and come with what the server says of them`() throws {
        var codec = try SFTPCodec.begun()
        let id = codec.send(.readFolder(handle: [1]))
        codec.feed(
            .packet(
                104,
                .u32(id),
                .u32(2),
                .string([0xFF, 0x0A]),
                .string("long"),
                .u32(0),
                .string("b"),
                .string(""),
                .u32(0x8000_000F),
                .u64(9),
                .u64(0),
                .u32(0o120777),
                .u32(1),
                .u32(2),
                .u32(1),
                .string("k"),
                .string("v")
            )
        )
        let names = [
            ListedName(name: [0xFF, 0x0A], attributes: FileAttributes()),
            ListedName(name: [0x62], attributes: FileAttributes(size: 9, mode: 0o120777, modified: 2)),
        ]
        let answer = try codec.next()
        #expect(answer?.reply == .names(names))
        #expect(names[1].attributes.kind == .link)
        #expect(names[0].attributes.kind == nil)
    }

    @Test func `the words of a status are kept to a kilobyte and may be missing`() throws {
        var codec = try SFTPCodec.begun()
        let first = codec.send(.remove(path: [1]))
        let second = codec.send(.remove(path: [1]))
        let words = [UInt8](repeating: 0x1B, count: 100_000)
        codec.feed(
            .packet(101, .u32(first), .u32(4), .string(words), .string("en"))
                + .packet(101, .u32(second), .u32(2))
        )
        guard case .status(let status) = try codec.next()?.reply else { throw ProtocolViolation("no status") }
        #expect(status.words.count == 1024)
        guard case .refused(4, let shown) = status.failure else { throw status.failure }
        #expect(!shown.contains("\u{1B}") && shown.utf8.count < 2000)
        let answer = try codec.next()
        #expect(answer?.reply == .status(SFTPStatus(code: 2, words: [])))
    }

    @Test func `ids wrap round and skip those still waited for`() throws {
        var codec = try SFTPCodec.begun(firstID: .max)
        let last = codec.send(.resolve(path: []))
        #expect(last == .max)
        let first = codec.send(.resolve(path: []))
        #expect(first == 0)
        codec.feed(.packet(101, .u32(0), .u32(4)))
        let reply = try codec.next()
        #expect(reply?.id == 0)
    }

    @Test func `an extended reply to nobody is passed over`() throws {
        var codec = try SFTPCodec.begun()
        let id = codec.send(.limits)
        let limits = [UInt8].u64(262_144) + .u64(261_120) + .u64(100) + .u64(20)
        codec.feed(.packet(201, .u32(999), .string("?")) + .packet(201, .u32(id), limits))
        guard case .extended(let reply) = try codec.next()?.reply else {
            throw ProtocolViolation("no limits")
        }
        #expect(SFTPLimits(reply: reply).read == 261_120)
        #expect(SFTPLimits(reply: reply).handles == 20)
        #expect(SFTPLimits(reply: [1, 2, 3]) == SFTPLimits())
    }

    @Test(arguments: [
        ("an unknown id", [UInt8].packet(101, .u32(77), .u32(0))),
        ("a handle for a READ", .packet(102, .u32(0), .string("h"))),
        ("names for a READ", .packet(104, .u32(0), .u32(0))),
        ("data of no bytes", .packet(103, .u32(0), .string(""))),
        ("data longer than asked", .packet(103, .u32(0), .string("123456789"))),
        ("a success without data", .packet(101, .u32(0), .u32(0))),
        ("an unknown packet", .packet(99, .u32(0))),
        ("a second version", .packet(2, .u32(3))),
        ("a length of 4", .u32(4)),
        ("a length of 0xfffffff0", .u32(0xFFFF_FFF0)),
        ("a string longer than its packet", .packet(103, .u32(0), .u32(8), [1, 2])),
        ("a string of 0xffffffff", .packet(103, .u32(0), .u32(.max))),
        ("a packet without an id", .packet(101, [0, 0, 0, 0].dropLast() + [])),
        ("an empty handle", .packet(102, .u32(1), .string(""))),
        ("a handle of 257 bytes", .packet(102, .u32(1), .string([UInt8](repeating: 1, count: 257)))),
        ("0xffffffff names", .packet(104, .u32(2), .u32(.max), .string("a"), .string("a"), .u32(0))),
        (
            "a name of 65,537 bytes",
            .packet(104, .u32(2), .u32(1), .string([UInt8](repeating: 1, count: 65_537)))
        ),
        (
            "0xffffffff extended attributes",
            .packet(104, .u32(2), .u32(1), .string("a"), .string("a"), .u32(0x8000_0000), .u32(.max))
        ),
        ("attributes cut short", .packet(105, .u32(3), .u32(1), .u32(0))),
    ]) func `what does not fit is refused`(what: String, packet: [UInt8]) throws {
        var codec = try SFTPCodec.begun()
        let first = codec.send(.read(handle: [1], offset: 0, count: 8))
        #expect(first == 0)
        _ = codec.send(.open(path: [1], flags: .read))
        _ = codec.send(.readFolder(handle: [1]))
        _ = codec.send(.lookAt(path: [1]))
        codec.feed(packet)
        #expect(throws: ProtocolViolation.self, "\(what)") { try codec.next() }
    }

    @Test func `an id that is answered twice is refused`() throws {
        var codec = try SFTPCodec.begun()
        let id = codec.send(.remove(path: [1]))
        codec.feed(.packet(101, .u32(id), .u32(0)) + .packet(101, .u32(id), .u32(0)))
        _ = try codec.next()
        #expect(throws: ProtocolViolation.self) { try codec.next() }
    }

    @Test(arguments: [
        [UInt8].packet(2, .u32(2)), .packet(2, .u32(6)), .packet(101, .u32(0), .u32(0)),
        .packet(2, [0, 0, 3, 0].dropLast() + []),
        .packet(2, .u32(3), .u32(99)), Array("SSH-2.0 hello".utf8),
    ]) func `a session that does not begin as it should is refused`(packet: [UInt8]) throws {
        var codec = SFTPCodec()
        codec.feed(packet)
        #expect(throws: ProtocolViolation.self) { try codec.next() }
    }

    @Test func `no bytes make it trap`() throws {
        // Mutations of correct replies: each must be taken or refused.
        var random = SplitMix64(seed: 42)
        let replies: [[UInt8]] = [
            .packet(101, .u32(0), .u32(4), .string("no"), .string("en")), .packet(102, .u32(1), .string("h")),
            .packet(103, .u32(2), .string("12345678")),
            .packet(
                104,
                .u32(3),
                .u32(1),
                .string("n"),
                .string("l"),
                .u32(0x8000_000F),
                .u64(1),
                .u64(1),
                .u64(1),
                .u32(1),
                .u32(1),
                .string("a"),
                .string("b")
            ),
            .packet(105, .u32(4), .u32(0xF), .u64(1), .u64(1), .u32(0o100644), .u64(1)),
            .packet(201, .u32(5), .u64(1)),
        ]
        for _ in 0..<3000 {
            var codec = try SFTPCodec.begun()
            for request in [
                SFTPRequest.remove(path: []), .openFolder(path: []), .read(handle: [], offset: 0, count: 8),
                .readFolder(handle: []), .lookAt(path: []), .limits,
            ] { _ = codec.send(request) }
            var bytes = replies.shuffled(using: &random).flatMap { $0 }
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(
                    in: 0...255,
                    using: &random
                )
            }
            codec.feed(bytes)
            do {
                while try codec.next() != nil {}
            } catch {
                #expect(!error.text.isEmpty)
            }
        }
    }
}

extension SFTPCodec {
    /// A codec whose session has begun.
    static func begun(firstID: UInt32 = 0) throws -> SFTPCodec {
        var codec = SFTPCodec(firstID: firstID)
        try codec.take(.packet(2, .u32(3)))
        return codec
    }

    mutating func feed(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = fill { space in
                let count = min(space.count, rest.count)
                space.copyBytes(from: rest.prefix(count))
                return count
            }
            rest = rest.dropFirst(count)
        }
    }

    mutating func take(_ bytes: [UInt8]) throws {
        feed(bytes)
        _ = try next()
    }
}

extension [UInt8] {
    static func u32(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * $0)) }
    }
    static func u64(_ value: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: value >> (56 - 8 * $0)) }
    }
    static func string(_ text: String) -> [UInt8] { string(Array(text.utf8)) }
    static func string(_ bytes: [UInt8]) -> [UInt8] { u32(UInt32(bytes.count)) + bytes }
    static func packet(_ type: UInt8, _ parts: [UInt8]...) -> [UInt8] {
        let body = parts.flatMap { $0 }
        return u32(UInt32(body.count) + 1) + [type] + body
    }
}
