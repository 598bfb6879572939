/// The section `limits`: what is refused rather than tried.
package struct LimitSettings: Sendable, Equatable {
    /// - `file_bytes` (size, default: 8GiB).
    package var fileBytes = 8 << 30
    /// - `files_per_run` (number, default: 100000).
    package var filesPerRun = 100_000
    /// - `columns` (number, default: 4096).
    package var columns = 4096
    /// - `field_bytes` (size, default: 1MiB).
    package var fieldBytes = 1 << 20
    /// - `free_bytes` (size, default: 1GiB): below it files are deferred with `disk_low`.
    package var freeBytes = 1 << 30

    package init() {}

    init(_ section: inout StrictMapping) {
        fileBytes = section.size("file_bytes", from: 1, default: fileBytes)
        filesPerRun = section.integer("files_per_run", in: 1...10_000_000, default: filesPerRun)
        columns = section.integer("columns", in: 1...1_000_000, default: columns)
        fieldBytes = section.size("field_bytes", from: 1, default: fieldBytes)
        freeBytes = section.size("free_bytes", from: 0, default: freeBytes)
    }
}
