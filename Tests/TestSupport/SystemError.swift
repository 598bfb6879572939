import Glibc

/// A call of the system that failed, with the reason it gave.
package struct SystemError: Error, CustomStringConvertible {
    package let description: String

    /// Takes the reason from `errno`; make it directly after the call.
    package init(_ call: String) {
        description = "\(call): \(String(cString: strerror(errno)))"
    }

    package init(message: String) { description = message }
}
