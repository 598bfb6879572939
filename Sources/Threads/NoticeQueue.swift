package import Dispatch

extension DispatchQueue {
    /// Where the system tells that a timer has run down or that a descriptor can be read; what is done there MUST be short.
    ///
    /// A serial queue: its thread is not of the pool that ``WorkerThreads`` stays out of, as a global queue's would be.
    package static let notices = DispatchQueue(label: "ledgerdrop.notices")
}
