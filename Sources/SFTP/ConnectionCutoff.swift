import CLibSSH
import Glibc

/// Ends a connection from any thread, whatever its own thread is waiting for.
///
/// It owns the socket's descriptor, of which the SSH library gets a copy: only so can it be shut down, at any time,
/// without touching a descriptor that has been closed and given to somebody else.
///
/// `@unchecked Sendable`: `lock` guards every stored `var`; the mutex and the event's descriptor never change.
final class ConnectionCutoff: @unchecked Sendable {
    /// Becomes readable when the connection is cut.
    let event: CInt
    private let lock: UnsafeMutablePointer<pthread_mutex_t>
    private var socket: CInt?
    private var cause: SFTPFailure?

    init() {
        event = clibssh_eventfd()
        lock = .allocate(capacity: 1)
        lock.initialize(to: pthread_mutex_t())
        pthread_mutex_init(lock, nil)
    }

    deinit {
        release()
        if event >= 0 { close(event) }
        pthread_mutex_destroy(lock)
        lock.deallocate()
    }

    /// Why the connection was cut, if it was.
    var failure: SFTPFailure? { locked { cause } }

    /// Shuts the connection down, now or as soon as there is one; the first cause counts.
    func cut(_ failure: SFTPFailure) {
        locked {
            if cause == nil { cause = failure }
            if let socket { shutdown(socket, CInt(SHUT_RDWR)) }
            var one: UInt64 = 1
            _ = write(event, &one, 8)
        }
    }

    /// Takes a connected socket over, to be closed by ``release()``.
    func own(_ connected: CInt) {
        locked {
            socket = connected
            if cause != nil { shutdown(connected, CInt(SHUT_RDWR)) }
        }
    }

    /// Closes the socket.
    func release() {
        locked {
            if let socket { close(socket) }
            socket = nil
        }
    }

    private func locked<Value>(_ body: () -> Value) -> Value {
        pthread_mutex_lock(lock)
        defer { pthread_mutex_unlock(lock) }
        return body()
    }
}
