import CLibSSH
import Glibc
import Threads

/// Makes a TCP connection within a deadline; it blocks its thread meanwhile.
struct TCPConnection {
    let host: String
    let port: Int
    let deadline: ContinuousClock.Instant
    let cutoff: ConnectionCutoff

    /// Connects to the first address that answers.
    ///
    /// - Returns: A descriptor that is a copy of the one that `cutoff` now owns.
    func connect() throws(SFTPFailure) -> CInt {
        var complaint = "the name has no address"
        for address in try addresses() {
            let connected = socket(address.family, CInt(SOCK_STREAM.rawValue) | Self.socketFlags, 0)
            guard connected >= 0 else {
                complaint = Self.reason(errno)
                continue
            }
            if let failure = connect(connected, to: address) {
                close(connected)
                try check()
                complaint = failure
                continue
            }
            Self.tune(connected)
            cutoff.own(connected)
            let copy = fcntl(connected, F_DUPFD_CLOEXEC, 0)
            // libssh keeps the low 16 bits of a descriptor only.
            guard copy >= 0, copy < 65_536 else {
                if copy >= 0 { close(copy) }
                throw .unreachable("no descriptor is left")
            }
            return copy
        }
        throw .unreachable("\(host) port \(port): \(complaint)")
    }

    private struct Address {
        var family: CInt
        var bytes: [UInt8]
    }

    /// Tries one address; the answer is why it did not work.
    private func connect(_ descriptor: CInt, to address: Address) -> String? {
        let began = address.bytes.withUnsafeBytes { raw in
            guard let plain = raw.baseAddress?.assumingMemoryBound(to: sockaddr.self) else { return CInt(-1) }
            return Glibc.connect(descriptor, plain, socklen_t(raw.count))
        }
        if began == 0 { return nil }
        guard errno == EINPROGRESS else { return Self.reason(errno) }
        guard wait(for: descriptor, CInt(POLLOUT)) else { return "no answer in time" }
        var failure: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &length)
        return failure == 0 ? nil : Self.reason(failure)
    }

    /// Waits until something can be done with a descriptor; `false` when the time is over or the connection cut.
    func wait(for descriptor: CInt, _ events: CInt) -> Bool {
        var watched = [
            pollfd(fd: descriptor, events: Int16(events), revents: 0),
            pollfd(fd: cutoff.event, events: Int16(POLLIN), revents: 0),
        ]
        while true {
            let left = deadline - ContinuousClock.now
            guard left > .zero else { return false }
            let count = poll(&watched, 2, left.milliseconds)
            if count < 0, errno == EINTR { continue }
            return count > 0 && watched[1].revents == 0 && watched[0].revents != 0
        }
    }

    /// The addresses of the name, as people read them.
    func numericAddresses() throws(SFTPFailure) -> [String] {
        try addresses().compactMap { address in
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let isShown = address.bytes.withUnsafeBytes { raw in
                raw.baseAddress.map {
                    getnameinfo(
                        $0.assumingMemoryBound(to: sockaddr.self),
                        socklen_t(raw.count),
                        &text,
                        socklen_t(text.count),
                        nil,
                        0,
                        NI_NUMERICHOST
                    ) == 0
                } ?? false
            }
            return isShown ? String(decoding: text.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self) : nil
        }
    }

    private func check() throws(SFTPFailure) {
        if let failure = cutoff.failure { throw failure }
        guard ContinuousClock.now < deadline else { throw .unreachable("\(host): no connection in time") }
    }

    private func addresses() throws(SFTPFailure) -> [Address] {
        let question = NameQuestion(host: host, port: port)
        // An address needs no look-up, and no thread for one.
        if let numeric = question.resolve(AI_NUMERICHOST | AI_NUMERICSERV), !numeric.isEmpty {
            return numeric
        }
        guard let answered = question.ask() else { throw .unreachable("no thread can be started") }
        guard wait(for: answered, CInt(POLLIN)) else {
            try check()
            throw .unreachable("\(host): the name could not be looked up in time")
        }
        guard let found = question.take() else { throw .unreachable("\(host): the name is not known") }
        return found
    }

    /// A look-up that may outlive whoever asked: `getaddrinfo` cannot be cancelled.
    ///
    /// `@unchecked Sendable`: the thread writes `answer` before it writes the event, and the asker reads it after it has
    /// read the event.
    private final class NameQuestion: @unchecked Sendable {
        let host: String
        let port: Int
        private var answer: [Address]?
        private let event = clibssh_eventfd()

        init(host: String, port: Int) {
            self.host = host
            self.port = port
        }

        deinit { if event >= 0 { close(event) } }

        /// Starts the look-up; the descriptor becomes readable when it is done.
        func ask() -> CInt? {
            let started = startThread("resolver") { [self] in
                answer = resolve(AI_NUMERICSERV)
                var one: UInt64 = 1
                _ = write(event, &one, 8)
            }
            return started ? event : nil
        }

        /// The answer, once the event is readable; `nil` when there is none.
        func take() -> [Address]? {
            var count: UInt64 = 0
            return read(event, &count, 8) == 8 ? answer : nil
        }

        func resolve(_ flags: CInt) -> [Address]? {
            var hints = addrinfo()
            hints.ai_flags = flags
            hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
            var first: UnsafeMutablePointer<addrinfo>?
            guard getaddrinfo(host, "\(port)", &hints, &first) == 0 else { return nil }
            defer { freeaddrinfo(first) }
            var found: [Address] = []
            var next = first
            while let info = next?.pointee {
                if let bytes = info.ai_addr {
                    let raw = UnsafeRawBufferPointer(start: bytes, count: Int(info.ai_addrlen))
                    found.append(Address(family: info.ai_family, bytes: Array(raw)))
                }
                next = info.ai_next
            }
            return found
        }
    }

    private static let socketFlags = CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)

    private static func tune(_ descriptor: CInt) {
        var yes: CInt = 1
        let length = socklen_t(MemoryLayout<CInt>.size)
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_NODELAY, &yes, length)
        setsockopt(descriptor, SOL_SOCKET, SO_KEEPALIVE, &yes, length)
        // The kernel gives up on unacknowledged bytes after this; our own deadlines are shorter.
        var patience: CInt = 120_000
        setsockopt(descriptor, CInt(IPPROTO_TCP), TCP_USER_TIMEOUT, &patience, length)
    }

    private static func reason(_ number: CInt) -> String { String(cString: strerror(number)) }
}

extension Duration {
    /// Whole milliseconds, rounded up, for `poll`.
    var milliseconds: CInt {
        let (seconds, attoseconds) = components
        let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1000)
        guard !overflow, whole < Int64(CInt.max) - 1000 else { return CInt.max }
        return CInt(whole + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
    }
}
