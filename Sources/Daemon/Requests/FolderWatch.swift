// A dispatch source may be used from any thread; the library has not said so to the compiler yet.
@preconcurrency import Dispatch
import Glibc
import Threads

/// Tells when a file has appeared in a folder (inotify).
///
/// Where the system has no watch left, it has the folder looked at every second instead.
package final class FolderWatch: Sendable {
    /// One element for each time that something may have appeared; several appearances may be one element.
    package let changes: AsyncStream<Void>
    private let source: any DispatchSourceProtocol

    /// - Throws: ``StateDirectoryFailure`` when the folder cannot be watched.
    package init(_ path: String) throws(StateDirectoryFailure) {
        let (changes, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.changes = changes
        let descriptor = inotify_init1(Int32(IN_NONBLOCK | IN_CLOEXEC))
        guard descriptor >= 0 else {
            // There is a number of them for each user, and any program of theirs may have taken all.
            guard errno == EMFILE else { throw StateDirectoryFailure(path: path, code: errno) }
            let timer = DispatchSource.makeTimerSource(queue: .notices)
            timer.schedule(deadline: .now() + 1, repeating: 1)
            timer.setEventHandler { bell.yield() }
            timer.setCancelHandler { bell.finish() }
            timer.activate()
            source = timer
            return
        }
        guard inotify_add_watch(descriptor, path, UInt32(IN_MOVED_TO | IN_CLOSE_WRITE)) >= 0 else {
            let code = errno
            close(descriptor)
            throw StateDirectoryFailure(path: path, code: code)
        }
        let source = DispatchSource.makeReadSource(fileDescriptor: descriptor, queue: .notices)
        self.source = source
        source.setEventHandler {
            // What appeared is found by looking; the notices themselves are only drained.
            var buffer = [UInt8](repeating: 0, count: 4096)
            while read(descriptor, &buffer, buffer.count) > 0 {}
            bell.yield()
        }
        source.setCancelHandler {
            close(descriptor)
            bell.finish()
        }
        source.activate()
    }

    deinit {
        source.cancel()
    }
}
