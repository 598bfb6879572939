@testable import SFTP

/// What a fuzzer tries on the SFTP codec, and what the tests repeat with everything that is kept of its finds.
///
/// Two bytes of the input choose what was asked and in which portions the rest of it, the server's bytes, comes.
enum FuzzTarget {
    /// Says what is wrong with how the input was taken; `nil` when all is well.
    static func finding(in input: [UInt8]) -> String? {
        guard input.count >= 2 else { return nil }
        let sent = input[1] & 1 == 0 ? Array(input[2...]) : framed(input[2...])
        let whole = Conversation(with: sent, begun: input[1] & 2 == 0, portion: .max)
        if let finding = whole.finding { return finding }
        let portion = [1, 2, 3, 5, 8, 13, 64, 1000][Int(input[0] & 7)]
        let pieces = Conversation(with: sent, begun: input[1] & 2 == 0, portion: portion)
        return whole == pieces ? nil : "portions of \(portion) bytes show"
    }

    /// Packets with the right length in front, so that what is within them is reached: each of the input is a length of
    /// one byte, a type, an id of one byte and the rest.
    private static func framed(_ input: ArraySlice<UInt8>) -> [UInt8] {
        var rest = input
        var sent: [UInt8] = []
        while let length = rest.popFirst(), let type = rest.popFirst(), let id = rest.popFirst() {
            let body = rest.prefix(Int(length))
            rest = rest.dropFirst(body.count)
            sent += u32(body.count + 5) + [type] + u32(Int(id)) + body
        }
        return sent
    }

    private static func u32(_ value: Int) -> [UInt8] {
        stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: value >> $0) }
    }
}

/// What a codec made of a server's bytes.
private struct Conversation: Equatable {
    private(set) var finding: String?
    private var taken: [Taken] = []
    private var violation: String?
    private var extensions: Set<String> = []

    private enum Taken: Equatable {
        case reply(UInt32, SFTPReply)
        case data(UInt32, [UInt8])
    }

    private static let requests: [SFTPRequest] = [
        .remove(path: [1]), .openFolder(path: [1]), .read(handle: [1], offset: 0, count: 8),
        .readFolder(handle: [1]), .lookAt(path: [1]), .limits, .resolve(path: [1]), .close(handle: [1]),
        .open(path: [1], flags: .read), .read(handle: [1], offset: .max, count: .max),
        .lookAtHandle([1]), .write(handle: [1], offset: 0, bytes: [1]),
    ]

    init(with bytes: [UInt8], begun: Bool, portion: Int) {
        var codec = SFTPCodec()
        var rest = bytes[...]
        if begun { rest = [0, 0, 0, 5, 2, 0, 0, 0, 3] + rest }
        var open = Set(Self.requests.map { codec.send($0) })
        do throws(ProtocolViolation) {
            while !rest.isEmpty {
                let count = codec.fill { room in
                    let count = min(room.count, portion, rest.count)
                    room.copyBytes(from: rest.prefix(count))
                    return count
                }
                rest = rest.dropFirst(count)
                while let (id, reply) = try codec.next() {
                    if open.remove(id) == nil { finding = "an answer to a request that is not open" }
                    take(reply, id, from: codec, of: bytes.count)
                }
            }
        } catch {
            violation = error.text
            if error.text.isEmpty { finding = "a violation without words" }
        }
        extensions = codec.extensions
        if !extensions.isSubset(of: ["limits@openssh.com", "fsync@openssh.com"]) {
            finding = "an unknown extension is kept"
        }
    }

    private mutating func take(
        _ reply: SFTPReply,
        _ id: UInt32,
        from codec: SFTPCodec,
        of sent: Int
    ) {
        switch reply {
        case .data(let place):
            guard place.count > 0, place.count <= (id == 2 ? 8 : sent) else {
                finding = "data of \(place.count) bytes"
                return
            }
            let sink = MemorySink()
            do {
                try codec.give(place, to: sink, at: 0)
            } catch {
                finding = "a sink that takes everything is said to fail"
            }
            taken.append(.data(id, sink.bytes))
            return
        case .handle(let handle) where handle.isEmpty || handle.count > 256:
            finding = "a handle of \(handle.count) bytes"
        case .status(let status) where status.words.count > 1024:
            finding = "words of \(status.words.count) bytes"
        case .names(let names) where names.reduce(0, { $0 + $1.name.count + 12 }) > sent:
            finding = "more names than were sent"
        case .extended(let bytes) where bytes.count > 1024:
            finding = "an extended reply of \(bytes.count) bytes"
        default:
            break
        }
        if case .extended(let bytes) = reply { _ = SFTPLimits(reply: bytes) }
        if case .status(let status) = reply { _ = status.failure }
        taken.append(.reply(id, reply))
    }
}
