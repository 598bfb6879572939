import Glibc

/// Two connected sockets and the bytes on their way between them.
struct DelayedLine {
    private var there: Way
    private var back: Way

    /// - Parameters:
    ///   - client: A socket; closed when the line ends.
    ///   - server: The other.
    ///   - delay: Nanoseconds that a byte is on its way.
    init(_ client: CInt, _ server: CInt, delay: Int64) {
        for socket in [client, server] {
            var yes: CInt = 1
            // Small packets must not wait for each other here: they have waited enough.
            setsockopt(socket, CInt(IPPROTO_TCP), TCP_NODELAY, &yes, socklen_t(MemoryLayout<CInt>.size))
            _ = fcntl(socket, F_SETFL, O_NONBLOCK)
        }
        there = Way(from: client, to: server, delay: delay)
        back = Way(from: server, to: client, delay: delay)
    }

    /// Carries bytes until both directions have ended or one has failed.
    mutating func carry() {
        while there.isOpen || back.isOpen {
            let now = Self.now
            there.deliver(at: now)
            back.deliver(at: now)
            if there.hasFailed || back.hasFailed { break }
            // `poll` knows whole milliseconds only, which would round each delay up.
            var readable = Descriptors()
            var writable = Descriptors()
            if there.wantsToRead { readable.insert(there.from) }
            if back.wantsToRead { readable.insert(back.from) }
            if there.isStuck(at: now) { writable.insert(there.to) }
            if back.isStuck(at: now) { writable.insert(back.to) }
            let due = min(there.nextDue(after: now), back.nextDue(after: now), now + 3_600_000_000_000)
            let rest = max(0, due - now)
            var pause = timespec(tv_sec: Int(rest / 1_000_000_000), tv_nsec: Int(rest % 1_000_000_000))
            let count = pselect(
                max(there.from, back.from) + 1,
                &readable.set,
                &writable.set,
                nil,
                &pause,
                nil
            )
            guard count >= 0 || errno == EINTR else { break }
            guard count > 0 else { continue }
            let arrival = Self.now
            if readable.contains(there.from) { there.receive(at: arrival) }
            if readable.contains(back.from) { back.receive(at: arrival) }
        }
        close(there.from)
        close(back.from)
        there.release()
        back.release()
    }

    private static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }

    /// A set of descriptors below 1024, as `select` wants it.
    private struct Descriptors {
        var set = fd_set()

        mutating func insert(_ descriptor: CInt) {
            withUnsafeMutableBytes(of: &set) { $0[Int(descriptor) / 8] |= 1 << (UInt8(descriptor % 8)) }
        }

        func contains(_ descriptor: CInt) -> Bool {
            withUnsafeBytes(of: set) { $0[Int(descriptor) / 8] & 1 << (UInt8(descriptor % 8)) != 0 }
        }
    }

    /// One direction.
    private struct Way {
        let from: CInt
        let to: CInt
        let delay: Int64
        private(set) var hasFailed = false
        private var hasEnded = false
        private var endIsDue = Int64.max
        private var hasToldEnd = false
        /// Blocks on their way, those before `first` being gone.
        private var blocks: [Block] = []
        private var first = 0
        private var spare: [UnsafeMutableRawPointer] = []
        private static let blockSize = 256 << 10
        private static let mostBlocks = 1024

        private struct Block {
            let bytes: UnsafeMutableRawPointer
            var start = 0
            var end: Int
            let due: Int64
        }

        init(from: CInt, to: CInt, delay: Int64) {
            self.from = from
            self.to = to
            self.delay = delay
        }

        var isOpen: Bool { !hasToldEnd }
        var wantsToRead: Bool { !hasEnded && blocks.count - first < Self.mostBlocks }

        /// Whether something is due that the receiver has no room for.
        func isStuck(at now: Int64) -> Bool { first < blocks.count && blocks[first].due <= now }

        func nextDue(after now: Int64) -> Int64 {
            guard first < blocks.count else { return hasToldEnd ? .max : endIsDue }
            // What is due already waits for room, not for the clock.
            return blocks[first].due > now ? blocks[first].due : .max
        }

        mutating func receive(at now: Int64) {
            guard wantsToRead else { return }
            let bytes = spare.popLast() ?? .allocate(byteCount: Self.blockSize, alignment: 16)
            let count = read(from, bytes, Self.blockSize)
            if count > 0 {
                blocks.append(Block(bytes: bytes, end: count, due: now + delay))
                return
            }
            spare.append(bytes)
            if count < 0, errno == EAGAIN || errno == EINTR { return }
            hasEnded = true
            endIsDue = now + delay
        }

        mutating func deliver(at now: Int64) {
            while first < blocks.count, blocks[first].due <= now {
                let block = blocks[first]
                let count = write(to, block.bytes + block.start, block.end - block.start)
                guard count >= 0 else {
                    if errno != EAGAIN, errno != EINTR { hasFailed = true }
                    return
                }
                blocks[first].start += count
                guard blocks[first].start == block.end else { return }
                spare.append(block.bytes)
                first += 1
                if first == 256 {
                    blocks.removeFirst(first)
                    first = 0
                }
            }
            if first == blocks.count, hasEnded, endIsDue <= now, !hasToldEnd {
                hasToldEnd = true
                shutdown(to, CInt(SHUT_WR))
            }
        }

        func release() {
            for block in blocks[first...] { block.bytes.deallocate() }
            for bytes in spare { bytes.deallocate() }
        }
    }
}
