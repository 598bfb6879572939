/// What is done on the server with a settled file.
package enum DisposalAction: String, Sendable {
    /// It is moved to `processed/`.
    case processed
    /// It is moved to `failed/`.
    case failed
    /// It is removed.
    case delete
    /// It stays where it is.
    case leave
}
