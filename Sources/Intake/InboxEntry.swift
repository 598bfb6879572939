/// One entry of a folder of the inbox, as it was when it was looked at.
package struct InboxEntry: Hashable, Sendable {
    /// What an entry is; only a file is ever taken.
    package enum Kind: Sendable {
        case file
        case directory
        /// A symbolic link; never followed.
        case link
        /// A socket, a pipe or a device.
        case other
        /// The server does not say, even when asked again.
        case unknown
    }

    /// The folder it lies in.
    package var directory: RemotePath
    package var name: RemoteName
    package var kind: Kind
    /// The size in bytes; `nil` when the server does not say.
    package var size: Int64?
    /// The modification time in whole seconds: a token, compared with itself only, never with our clock.
    ///
    /// `nil` when the server does not say.
    package var modified: Int64?
    /// Whether the name stood more than once in its folder's listing; the rest is then what a second look confirmed.
    package var isRepeated: Bool

    package init(
        directory: RemotePath,
        name: RemoteName,
        kind: Kind = .file,
        size: Int64?,
        modified: Int64?,
        isRepeated: Bool = false
    ) {
        self.directory = directory
        self.name = name
        self.kind = kind
        self.size = size
        self.modified = modified
        self.isRepeated = isRepeated
    }

    /// Where it lies; `nil` when its name is hostile.
    package var path: RemotePath? { directory.appending(name) }

    /// Whether this is the very file of `other`, as far as an inbox can tell: a file of the same size and time.
    package func isUnchanged(since other: InboxEntry) -> Bool {
        kind == .file && other.kind == .file && size == other.size && modified == other.modified
    }
}
