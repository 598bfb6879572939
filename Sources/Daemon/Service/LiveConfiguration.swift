import Synchronization

/// The configuration in force, which a reload replaces as a whole.
package final class LiveConfiguration: Sendable {
    /// The file as the operator named it.
    package let path: String
    private let held: Mutex<(configuration: Configuration, secrets: Secrets)>
    private let known: RecordNames

    package init(
        _ configuration: Configuration,
        secrets: Secrets,
        path: String,
        known: RecordNames = .catalogue
    ) {
        self.path = path
        self.known = known
        held = Mutex((configuration, secrets))
    }

    /// Ask once per piece of work, so that it sees one configuration from beginning to end.
    package var current: Configuration { held.withLock { $0.configuration } }

    /// The secrets that it names.
    package var secrets: Secrets { held.withLock { $0.secrets } }

    /// Reads the file again and puts it in force.
    ///
    /// - Throws: ``ConfigurationRefused`` with every problem, also when a key was changed that needs a restart; then the
    ///   old configuration stays in force.
    package func reload() throws(ConfigurationRefused) {
        let next = try Configuration.load(path: path, known: known)
        let refusals = current.refusals(of: next, file: path)
        guard refusals.isEmpty else { throw ConfigurationRefused(refusals) }
        let secrets = try Secrets(of: next, path: path)
        held.withLock { $0 = (next, secrets) }
    }
}
