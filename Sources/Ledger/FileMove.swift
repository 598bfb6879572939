extension FileState {
    /// Whether a file may go from this state to another: the one table of allowed moves.
    ///
    /// A replay is a new attempt and may end like a first load.
    package func mayBecome(_ next: FileState) -> Bool { Self.moves[self]?.contains(next) ?? false }

    private static let moves: [FileState: Set<FileState>] = [
        .waiting: [.waiting, .received, .failed, .ignored],
        .ignored: [.ignored, .waiting],
        // Back to waiting when its copy in the spool is lost and it must be fetched again.
        .received: [.received, .waiting, .loaded, .loadedWithErrors, .failed, .held, .duplicate],
        .held: [.held, .loaded, .loadedWithErrors, .failed, .duplicate, .superseded, .discarded],
        .loaded: attempted,
        .loadedWithErrors: attempted,
        .duplicate: attempted,
        .failed: attempted,
    ]

    private static let attempted: Set<FileState> = [.loaded, .loadedWithErrors, .failed, .held, .duplicate]
}

/// A file was to go to a state that it may not go to: a fault of ours, before harm is done.
package struct ForbiddenMove: Error, Sendable, Equatable {
    package var file: Int64
    package var from: FileState?
    package var to: FileState
}
