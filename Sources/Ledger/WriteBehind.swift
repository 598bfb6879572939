import CLinux

/// Lets the disk write a file while the program still works on what follows, so that the sync at the end finds little left.
///
/// Only what is written one behind the other: anything else may soon be written again. And not by a thread that stands back:
/// pages waited 10 to 25 ms longer at worst while it did.
package struct WriteBehind {
    private let descriptor: Int32
    // What was written and not told to the disk.
    private var start: Int64 = 0
    private var end: Int64 = 0

    // Each call is dear: for a MiB at a time the kernel's part of a first load was up to a third greater.
    private static let step: Int64 = 4 << 20

    /// - Parameter descriptor: That of the file, open for as long as this is used; below 0 for none.
    package init(_ descriptor: Int32) { self.descriptor = descriptor }

    /// Told of bytes that were just written.
    package mutating func wrote(_ count: Int, at place: Int64) {
        if place != end { start = place }
        end = place + Int64(count)
        guard descriptor >= 0, end - start >= Self.step, ld_stands_back() == 0 else { return }
        ld_begin_writing(descriptor, start, end - start)
        start = end
    }
}
