/// Which files are asked for.
package struct FileFilter: Sendable, Equatable {
    package var type: String?
    package var state: String?
    /// First seen at this moment or later, in milliseconds of the epoch.
    package var since: Int64?
    /// Whether only files count that somebody has to look after.
    package var needsPerson = false
    /// A part of the name, in any case of its ASCII letters; empty for every name.
    package var name = ""

    package init() {}
}
