/// What the ledger knows about the latest appearance of a file at a path.
package struct KnownFile: Sendable, Equatable {
    package var id: Int64
    /// The exact bytes, relative to the inbox's root.
    package var path: [UInt8]
    package var state: FileState
    package var reason: String?
    package var size: Int64?
    package var mtime: Int64?
    /// Whether a complete listing no longer showed it; only ignored and received files are known then.
    package var isGone: Bool
    /// Whether something remains to be done on the server.
    package var isDisposalPending: Bool
    package var firstSeen: String

    package init(
        id: Int64,
        path: [UInt8],
        state: FileState,
        reason: String? = nil,
        size: Int64?,
        mtime: Int64?,
        isGone: Bool = false,
        isDisposalPending: Bool = false,
        firstSeen: String = ""
    ) {
        self.id = id
        self.path = path
        self.state = state
        self.reason = reason
        self.size = size
        self.mtime = mtime
        self.isGone = isGone
        self.isDisposalPending = isDisposalPending
        self.firstSeen = firstSeen
    }
}

/// A member of a run's batch.
package struct Member: Sendable, Equatable {
    package var id: Int64
    package var path: [UInt8]
    /// The name, escaped.
    package var name: String
    /// The name of its record type; `nil` when none begins its name.
    package var type: String?
    package var size: Int64?
    package var mtime: Int64?
    /// 64 hex digits once it is received.
    package var sha256: String?
    /// How many runs in a row the server refused to give it.
    package var refusals: Int

    package init(
        id: Int64,
        path: [UInt8],
        name: String,
        type: String?,
        size: Int64?,
        mtime: Int64?,
        sha256: String? = nil,
        refusals: Int = 0
    ) {
        self.id = id
        self.path = path
        self.name = name
        self.type = type
        self.size = size
        self.mtime = mtime
        self.sha256 = sha256
        self.refusals = refusals
    }
}
