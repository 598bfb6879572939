extension Configuration {
    /// The largest file that is looked at; a configuration has a few hundred bytes.
    private static let sizeLimit = 1 << 20

    /// Reads a configuration file, which nobody but its owner may be able to change.
    ///
    /// - Throws: ``ConfigurationRefused`` with every problem there is, also when the file cannot be read.
    package static func load(path: String, known: RecordNames = .catalogue) throws(ConfigurationRefused)
        -> Configuration
    {
        let bytes: [UInt8]
        do {
            bytes = try GuardedFile.read(path, forbidding: .writing, upTo: sizeLimit)
        } catch {
            throw ConfigurationRefused([ConfigurationProblem(file: path, message: error.message)])
        }
        guard let yaml = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationRefused([ConfigurationProblem(file: path, message: "is not UTF-8 text")])
        }
        return try parse(yaml, file: path, known: known)
    }

    /// The file that holds the drop of this name.
    package static func path(ofDrop name: String) -> String {
        "/etc/ledgerdrop/\(name).yaml"
    }

    /// Names the changes that a running daemon cannot follow.
    ///
    /// - Returns: One problem per key; empty when `next` may take this configuration's place.
    package func refusals(of next: Configuration, file: String) -> [ConfigurationProblem] {
        let changes: [(key: String, isChanged: Bool)] = [
            ("name", name != next.name),
            ("state_directory", stateDirectory != next.stateDirectory),
            ("inbox.url", inbox.address != next.inbox.address),
            ("page.listen", page?.listen != next.page?.listen || page?.host != next.page?.host),
        ]
        return changes.filter(\.isChanged).map {
            ConfigurationProblem(file: file, message: "\($0.key): needs restart")
        }
    }
}
