import Glibc

/// What a disk has left for us.
package struct DiskRoom: Sendable, Equatable {
    package var freeBytes: Int64
    package var freeFiles: Int64
    /// 0 for a file system that does not count them.
    package var files: Int64

    package init(freeBytes: Int64, freeFiles: Int64, files: Int64) {
        self.freeBytes = freeBytes
        self.freeFiles = freeFiles
        self.files = files
    }

    /// The room below a folder; `nil` when it cannot be asked.
    package static func of(_ folder: String) -> DiskRoom? {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return nil }
        let (bytes, isOver) = Int64(clamping: status.f_bavail)
            .multipliedReportingOverflow(by: Int64(clamping: status.f_frsize))
        return DiskRoom(
            freeBytes: isOver ? .max : bytes,
            freeFiles: Int64(clamping: status.f_favail),
            files: Int64(clamping: status.f_files)
        )
    }
}
