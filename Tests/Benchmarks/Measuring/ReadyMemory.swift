import Glibc

/// Memory that the machine has at hand.
///
/// The host of a virtual machine may take back what the guest has free, and gives it again to whoever asks for some 10 µs a
/// page. That is a price of the moment and not of the program: who runs after a greater one finds its pages.
enum ReadyMemory {
    /// A load has its file in memory, the copy, the log, the database, and all that in part twice.
    private static let times = 8

    /// Takes as much as a load of a file of that size may want and gives it back, but never more than half of what is free.
    static func prepare(forFileOf bytes: Int) {
        let page = sysconf(CInt(_SC_PAGESIZE))
        let count = min(times * bytes, sysconf(CInt(_SC_AVPHYS_PAGES)) * page / 2)
        guard count > 0 else { return }
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: page)
        defer { memory.deallocate() }
        for place in stride(from: 0, to: count, by: page) {
            memory.storeBytes(of: 1, toByteOffset: place, as: UInt8.self)
        }
    }
}
