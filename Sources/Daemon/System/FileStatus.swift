import CLinux
import Glibc

/// What the system knows of a file: its size, kind, owner and rights.
struct FileStatus: Sendable {
    /// In bytes.
    let size: Int64
    /// Seconds of the epoch.
    let modified: Int64
    /// What of the next second had passed by then.
    let nanoseconds: Int64
    let inode: UInt64
    let user: uid_t
    let group: gid_t
    /// Rights alone, as chmod(2) takes them.
    let rights: mode_t
    /// Whether it is a file and nothing else: no folder, link, pipe.
    let isFile: Bool

    /// `nil`, with `errno`, when it cannot be looked at; a link is looked at itself unless it is followed.
    init?(of path: String, followingLinks follows: Bool = false) {
        var status = ld_file_status()
        guard ld_look_at(path, follows ? 1 : 0, &status) == 0 else { return nil }
        self.init(status)
    }

    /// The same of an open file.
    init?(of descriptor: CInt) {
        var status = ld_file_status()
        guard ld_look_at_open(descriptor, &status) == 0 else { return nil }
        self.init(status)
    }

    private init(_ status: ld_file_status) {
        size = status.size
        modified = status.modified
        nanoseconds = status.nanoseconds
        inode = status.inode
        user = status.user
        group = status.group
        rights = status.mode & 0o7777
        isFile = status.mode & 0o170000 == 0o100000
    }
}
