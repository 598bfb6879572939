import Glibc
import TestSupport

/// Memory that the machine has at hand.
///
/// The host of a virtual machine may take back what the guest has free, and gives it again to whoever asks for some 10 µs a
/// page. That is a price of the moment and not of the program: who runs after a greater one finds its pages.
struct ReadyMemory {
    /// A folder on the disk that the loads and fetches use.
    let folder: String

    /// A load has its file in memory, the copy, the log, the database, and all that in part twice.
    private static let times = 8

    /// Takes as much as a load or a fetch of so many bytes may want and gives it back, but never more than half of what is free.
    ///
    /// It is taken for the cache of a file, as a load takes it, of a file that has nothing on the disk.
    ///
    /// - Throws: ``SystemError``.
    func prepare(forFileOf bytes: Int) throws {
        let free = sysconf(CInt(_SC_AVPHYS_PAGES)) * sysconf(CInt(_SC_PAGESIZE))
        let count = min(Self.times * bytes, free / 2)
        guard count > 0 else { return }
        let holder = try TemporaryFolder("bench-memory", in: folder)
        let descriptor = open(holder.path("hole"), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw SystemError("open") }
        defer { close(descriptor) }
        guard ftruncate(descriptor, off_t(count)) == 0 else { throw SystemError("ftruncate") }
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let got = read(descriptor, &piece, piece.count)
            guard got >= 0 else { throw SystemError("read") }
            if got == 0 { return }
        }
    }
}
