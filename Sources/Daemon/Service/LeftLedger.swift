import Glibc

/// How an orderly end left the ledger's file.
///
/// Whoever finds it so need not read all of it again to know that it is whole: a verb that works alone, every hour perhaps.
/// A daemon looks anyhow, once in its life.
struct LeftLedger {
    private static let note = "ledger.left"

    /// Whether the ledger is as it was left; that counts once, and not for whoever comes after a process that was killed.
    static func take(in state: StateDirectory) -> Bool {
        let path = state.path(of: note)
        defer { unlink(path) }
        guard let descriptor = try? state.open(note, flags: O_RDONLY) else { return false }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = read(descriptor, &bytes, bytes.count)
        return count > 0 && Array(bytes.prefix(count)) == look(in: state)
    }

    /// Notes how the ledger is; its log must be folded in, and nothing may be written to it any more.
    static func leave(in state: StateDirectory) {
        guard let found = look(in: state) else { return }
        // Without a note it is looked at again.
        try? state.write(found, to: note)
    }

    private static func look(in state: StateDirectory) -> [UInt8]? {
        FileStatus(of: state.path(of: "ledger.sqlite")).map { found in
            Array("\(found.size) \(found.modified) \(found.nanoseconds)\n".utf8)
        }
    }
}
