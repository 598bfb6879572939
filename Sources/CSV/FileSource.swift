import Glibc

/// The bytes of an open file, from its present position on.
package struct FileSource: ByteSource {
    private let descriptor: Int32

    /// Reads from `descriptor`, which stays the caller's to close.
    package init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    package mutating func read(into buffer: UnsafeMutableRawBufferPointer) throws(CSVFailure) -> Int {
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 {
                return count
            }
            let reason = errno
            guard reason == EINTR else {
                throw .io(reason)
            }
        }
    }
}
