import Foundation
import Glibc
import TestSupport

/// A TCP proxy that lets everything arrive later, as over a long line without loss and of unlimited bandwidth.
///
/// Each direction delays by half the round trip; the connection itself costs one whole round trip. Every block is
/// stamped when it comes and sent on when it is due, up to 256 MB on their way, so that only the delay is felt.
enum DelayingProxy {
    /// Serves until it is killed; prints its port first.
    static func run(_ words: [String]) throws {
        guard words.count == 2, let target = UInt16(words[0]), let roundTrip = Int(words[1]) else {
            throw SystemError(message: "proxy wants a port and a round trip in milliseconds")
        }
        let (listener, port) = try listen()
        print(port)
        fflush(nil)
        while true {
            let client = accept(listener, nil, nil)
            guard client >= 0 else { throw SystemError("accept") }
            Thread {
                usleep(UInt32(roundTrip) * 1000)
                guard let server = connection(to: target) else {
                    close(client)
                    return
                }
                var line = DelayedLine(client, server, delay: Int64(roundTrip) * 500_000)
                line.carry()
            }.start()
        }
    }

    private static func listen() throws -> (CInt, UInt16) {
        let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
                bind(listener, plain, length) == 0 && Glibc.listen(listener, 64) == 0
                    && getsockname(listener, plain, &length) == 0
            }
        }
        guard isBound else { throw SystemError("listen") }
        return (listener, UInt16(bigEndian: address.sin_port))
    }

    private static func connection(to port: UInt16) -> CInt? {
        let server = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        var address = loopback(port: port)
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(server, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
            }
        }
        guard isConnected else {
            close(server)
            return nil
        }
        return server
    }

    private static func loopback(port: UInt16) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }
}
