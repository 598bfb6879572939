import Glibc

/// A TCP port of the loopback interface that nobody listened on a moment ago.
///
/// Somebody may take it before the server does: whoever uses it tries again with another.
package func freePort() throws -> Int {
    let listener = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard listener >= 0 else { throw SystemError("socket") }
    defer { close(listener) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
            bind(listener, plain, length) == 0 && getsockname(listener, plain, &length) == 0
        }
    }
    guard bound else { throw SystemError("bind") }
    return Int(UInt16(bigEndian: address.sin_port))
}

/// Whether somebody listens on a TCP port of the loopback interface.
package func isTaken(_ port: Int) -> Bool {
    let caller = socket(AF_INET, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
    guard caller >= 0 else { return false }
    defer { close(caller) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    address.sin_port = UInt16(clamping: port).bigEndian
    return withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
            connect(caller, plain, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
        }
    }
}
