/// Where a session goes, as whom, and on what terms.
package struct SFTPEndpoint: Sendable {
    /// How we prove who we are, once the server has proved it.
    package enum Credential: Sendable {
        /// A private key's file content: PEM or OpenSSH's container.
        case key([UInt8], passphrase: String?)
        /// A private key's file, which only its owner may read.
        case keyFile(path: String, passphrase: String?)
        /// Sent with the method `password` only; questions of the server are not answered.
        case password(String)
        /// The keys of the agent that `SSH_AUTH_SOCK` names.
        case agent
    }

    /// A name or an address.
    package var host: String
    package var port: Int
    package var user: String
    package var credential: Credential
    package var hostKeys: HostKeyPolicy
    /// For everything from the look-up of the name to the opened session.
    package var connectTimeout: Duration = .seconds(30)
    /// How long a server may be silent while it should answer.
    package var stepTimeout: Duration = .seconds(30)
    /// How long one request may take however busy the server is.
    package var hardTimeout: Duration = .seconds(600)
    /// How long a session is left idle before it is looked whether the server is still there.
    package var keepAlive: Duration = .seconds(60)
    /// Names of ``AlgorithmPolicy/additions``.
    package var extraAlgorithms: [String] = []
    /// How many bytes may be on their way to us, 2 to 32 MiB.
    package var window = 16 << 20

    package init(host: String, port: Int = 22, user: String, credential: Credential, hostKeys: HostKeyPolicy)
    {
        self.host = host
        self.port = port
        self.user = user
        self.credential = credential
        self.hostKeys = hostKeys
    }
}

extension SFTPEndpoint.Credential: CustomStringConvertible {
    /// Which kind it is; never the secret, whatever prints it.
    package var description: String {
        switch self {
        case .key: "a private key"
        case .keyFile(let path, _): "the private key \(path)"
        case .password: "a password"
        case .agent: "the agent"
        }
    }
}
