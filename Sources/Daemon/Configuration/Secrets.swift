/// Every secret that a configuration names, read once.
///
/// They are read before the process gives up rights that it was started with, and all problems are told together.
package struct Secrets: Sendable {
    private let secrets: [String: Secret]

    /// - Throws: ``ConfigurationRefused`` with one problem for each credential that cannot be used.
    package init(of configuration: Configuration, path: String) throws(ConfigurationRefused) {
        let credentials = Credentials(drop: configuration.name, beside: path)
        var secrets: [String: Secret] = [:]
        var problems: [ConfigurationProblem] = []
        for name in configuration.credentialNames where secrets[name] == nil {
            do {
                secrets[name] = try credentials.secret(name)
            } catch {
                problems.append(ConfigurationProblem(file: path, message: "\(error)"))
            }
        }
        guard problems.isEmpty else { throw ConfigurationRefused(problems) }
        self.secrets = secrets
    }

    /// The secret of a name that stands in the configuration; `nil` for no name.
    package subscript(name: String?) -> Secret? {
        name.flatMap { secrets[$0] }
    }
}

extension Configuration {
    fileprivate var credentialNames: [String] {
        [inbox.identity, inbox.passphrase, inbox.password, mail?.password].compactMap { $0 }
    }
}
