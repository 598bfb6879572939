import CLibSSH
import Glibc

/// One SSH connection with one SFTP channel: the only file that calls libssh.
///
/// Only the thread of its session's ``Reactor`` uses it; it is not `Sendable`. Until ``openChannel()`` calls block, at
/// most as long as the connection lives: whoever has no more patience shuts the socket down. After that none does.
final class SSHTransport {
    /// A server's key as it was offered.
    struct OfferedKey: Equatable {
        var pin: HostKeyPin
        /// The whole key, as known_hosts files have it.
        var base64: String
    }

    /// What came of a read.
    enum Arrival {
        case bytes(Int)
        case nothing
        case ended(String)
    }

    private let session: ssh_session
    private var channel: ssh_channel?
    /// As large as the window, so that whatever a server writes to the other stream fits; untouched pages cost nothing.
    private let scratch: UnsafeMutableRawPointer
    private let window: Int
    private var untilRaise = 0
    /// The first words of the server on its standard error.
    private(set) var noise: [UInt8] = []

    /// Prepares a connection.
    ///
    /// - Parameter window: How many bytes may be on their way to us.
    /// - Returns: A connection that has not begun.
    /// - Throws: ``SFTPFailure/unreachable(_:)`` when there is no memory.
    static func make(window: Int) throws(SFTPFailure) -> SSHTransport {
        // Linked statically, the library does not initialise itself.
        guard ssh_init() == SSH_OK, let session = ssh_new() else {
            throw .unreachable("libssh does not start")
        }
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        guard let scratch = mmap(nil, window, PROT_READ | PROT_WRITE, flags, -1, 0), scratch != MAP_FAILED
        else {
            ssh_free(session)
            throw .unreachable("no memory for a window of \(window) bytes")
        }
        return SSHTransport(session: session, scratch: scratch, window: window)
    }

    private init(session: ssh_session, scratch: UnsafeMutableRawPointer, window: Int) {
        self.session = session
        self.scratch = scratch
        self.window = window
    }

    // Closes the copy of the socket that it was given, also when libssh has closed it before: the order is proven.
    deinit {
        if let channel { ssh_channel_free(channel) }
        ssh_silent_disconnect(session)
        ssh_free(session)
        munmap(scratch, window)
    }

    /// Exchanges keys over a connected socket; nothing secret has been sent after it.
    ///
    /// - Parameters:
    ///   - socket: A descriptor that from now on is libssh's.
    ///   - endpoint: Where it leads.
    ///   - policy: What we offer.
    ///   - hostKeys: The algorithms by which the server may prove itself.
    /// - Throws: Why no keys were exchanged.
    func exchangeKeys(
        over socket: CInt,
        to endpoint: SFTPEndpoint,
        policy: AlgorithmPolicy,
        hostKeys: [String]
    ) throws(SFTPFailure) {
        // First of all: no file of this machine may change what follows.
        var no = false
        let isSet =
            ssh_options_set(session, SSH_OPTIONS_PROCESS_CONFIG, &no) == SSH_OK
            && set(SSH_OPTIONS_SSH_DIR, "/nonexistent") && set(SSH_OPTIONS_KNOWNHOSTS, "/dev/null")
            && set(SSH_OPTIONS_GLOBAL_KNOWNHOSTS, "/dev/null") && set(SSH_OPTIONS_HOST, endpoint.host)
            && set(SSH_OPTIONS_USER, endpoint.user) && set(SSH_OPTIONS_KEY_EXCHANGE, policy.keyExchanges)
            && set(SSH_OPTIONS_HOSTKEYS, hostKeys) && set(SSH_OPTIONS_CIPHERS_C_S, policy.ciphers)
            && set(SSH_OPTIONS_CIPHERS_S_C, policy.ciphers) && set(SSH_OPTIONS_HMAC_C_S, policy.macs)
            && set(SSH_OPTIONS_HMAC_S_C, policy.macs) && set(SSH_OPTIONS_COMPRESSION_C_S, "none")
            && set(SSH_OPTIONS_COMPRESSION_S_C, "none")
            && set(SSH_OPTIONS_PUBLICKEY_ACCEPTED_TYPES, policy.userKeys(for: endpoint.credential))
        guard isSet else { throw .badSettings(problem) }
        var port = UInt32(clamping: endpoint.port)
        var seconds = Int(endpoint.connectTimeout.components.seconds) + 1
        var smallest: CInt = 2048
        var descriptor = socket
        guard ssh_options_set(session, SSH_OPTIONS_PORT, &port) == SSH_OK,
            ssh_options_set(session, SSH_OPTIONS_TIMEOUT, &seconds) == SSH_OK,
            ssh_options_set(session, SSH_OPTIONS_RSA_MIN_SIZE, &smallest) == SSH_OK,
            ssh_options_set(session, SSH_OPTIONS_FD, &descriptor) == SSH_OK
        else { throw .badSettings(problem) }
        guard ssh_connect(session) == SSH_OK else {
            let text = problem
            if text.contains("no match for method server host key") {
                throw .hostKeyMismatch(offered: nil, "the server has no key of the agreed type: \(text)")
            }
            if text.contains("no match for method") { throw .protocolError(text) }
            throw .unreachable(text)
        }
    }

    /// The key that the server has just proved to hold.
    func offeredKey() throws(SFTPFailure) -> OfferedKey {
        var key: ssh_key?
        guard ssh_get_server_publickey(session, &key) == SSH_OK, let key else {
            throw .protocolError(problem)
        }
        defer { ssh_key_free(key) }
        guard let offered = Self.describe(key) else {
            throw .protocolError("the server's key cannot be read")
        }
        return offered
    }

    /// Proves who we are; called only after the server's key was accepted.
    func authenticate(_ credential: SFTPEndpoint.Credential) throws(SFTPFailure) {
        let outcome: CInt
        switch credential {
        case .key(let content, let passphrase):
            let key = try PrivateKeyFile(content).use(passphrase)
            defer { ssh_key_free(key) }
            outcome = ssh_userauth_publickey(session, nil, key)
        case .keyFile(let path, let passphrase):
            let key = try PrivateKeyFile(path: path).use(passphrase)
            defer { ssh_key_free(key) }
            outcome = ssh_userauth_publickey(session, nil, key)
        case .password(let password):
            outcome = ssh_userauth_password(session, nil, password)
        case .agent:
            outcome = ssh_userauth_agent(session, nil)
        }
        if outcome == SSH_AUTH_SUCCESS.rawValue { return }
        let text = problem
        guard ssh_is_connected(session) == 1 else { throw .unreachable("lost while logging in: \(text)") }
        if outcome == SSH_AUTH_PARTIAL.rawValue { throw .authRefused("the server wants a second proof") }
        throw .authRefused(text.isEmpty ? "the server refuses what we offer" : text)
    }

    /// The methods by which the server lets users log in, asked for with the user's name alone.
    func offeredMethods() throws(SFTPFailure) -> [String] {
        let outcome = ssh_userauth_none(session, nil)
        if outcome == SSH_AUTH_SUCCESS.rawValue { return ["none"] }
        let text = problem
        guard ssh_is_connected(session) == 1 else { throw .unreachable("lost while logging in: \(text)") }
        let offered = UInt32(bitPattern: ssh_userauth_list(session, nil))
        let known: [(UInt32, String)] = [
            (SSH_AUTH_METHOD_PUBLICKEY, "publickey"), (SSH_AUTH_METHOD_PASSWORD, "password"),
            (SSH_AUTH_METHOD_INTERACTIVE, "keyboard-interactive"), (SSH_AUTH_METHOD_HOSTBASED, "hostbased"),
            (SSH_AUTH_METHOD_GSSAPI_MIC, "gssapi-with-mic"),
        ]
        return known.filter { offered & $0.0 != 0 }.map(\.1)
    }

    /// Opens the SFTP channel; from here on no call blocks.
    func openChannel() throws(SFTPFailure) {
        guard let opened = ssh_channel_new(session) else { throw .unreachable(problem) }
        channel = opened
        guard ssh_channel_open_session(opened) == SSH_OK else { throw refusal("no channel") }
        guard ssh_channel_request_sftp(opened) == SSH_OK else { throw refusal("the server has no SFTP") }
        ssh_set_blocking(session, 0)
        try raiseWindow()
    }

    /// What a call on the channel that is being opened failed with: a connection that broke says nothing of the server.
    private func refusal(_ what: String) -> SFTPFailure {
        let text = problem
        return ssh_is_connected(session) == 1
            ? .protocolError("\(what): \(text)") : .unreachable("lost while the channel was opened: \(text)")
    }

    /// The descriptor to wait on.
    var descriptor: CInt? {
        let descriptor = ssh_get_fd(session)
        return descriptor >= 0 ? descriptor : nil
    }

    /// Whether bytes that were written wait for the socket.
    var wantsToWrite: Bool { ssh_get_poll_flags(session) & SSH_WRITE_PENDING != 0 }

    /// Names of the algorithms in use: key exchange, and the cipher of what comes to us.
    var algorithms: (keyExchange: String, cipher: String) {
        (Self.text(ssh_get_kex_algo(session)), Self.text(ssh_get_cipher_in(session)))
    }

    /// Reads what has come, waiting at most `patience` milliseconds.
    func read(into space: UnsafeMutableRawBufferPointer, patience: CInt) throws(SFTPFailure) -> Arrival {
        guard let channel, let base = space.baseAddress else { return .ended("closed") }
        let count = ssh_channel_read_timeout(channel, base, UInt32(clamping: space.count), 0, patience)
        if count > 0 {
            untilRaise -= Int(count)
            if untilRaise <= 0 { try raiseWindow() }
            return .bytes(Int(count))
        }
        // Nothing now, or never more?
        guard count == 0 || count == SSH_AGAIN else { return .ended(problem) }
        if ssh_channel_is_eof(channel) != 0 || ssh_channel_is_closed(channel) != 0 {
            return .ended("the server ended the session")
        }
        return ssh_is_connected(session) == 1 ? .nothing : .ended("the connection is gone")
    }

    /// Hands bytes over.
    ///
    /// - Returns: How many were taken; 0 when the server has no room for more.
    func write(_ bytes: ArraySlice<UInt8>) throws(SFTPFailure) -> Int {
        guard let channel else { return 0 }
        let count = bytes.withUnsafeBytes { raw in
            ssh_channel_write(channel, raw.baseAddress, UInt32(min(raw.count, 32_000)))
        }
        guard count >= 0 || count == SSH_AGAIN else { throw .connectionLost(problem) }
        return max(0, Int(count))
    }

    /// Lets the server send up to a whole window ahead, and takes what it wrote to its standard error.
    ///
    /// libssh has no option for its window, but grows it for a read of that size; a read of the other stream does not
    /// wait for bytes that may never come.
    private func raiseWindow() throws(SFTPFailure) {
        guard let channel else { return }
        untilRaise = window / 4
        let held = max(0, Int(ssh_channel_poll(channel, 0)))
        let wanted = UInt32(clamping: max(1, window - held))
        let count = ssh_channel_read_timeout(channel, scratch, wanted, 1, 0)
        if count == SSH_ERROR { throw .connectionLost(problem) }
        guard count > 0, noise.count < 1024 else { return }
        noise += UnsafeRawBufferPointer(start: scratch, count: min(Int(count), 1024 - noise.count))
    }

    /// Why the last call failed; read at once, because old texts stay.
    private var problem: String {
        ServerText.shown(Self.text(ssh_get_error(UnsafeMutableRawPointer(session))).utf8)
    }

    private func set(_ option: ssh_options_e, _ names: [String]) -> Bool {
        set(option, names.joined(separator: ","))
    }

    private func set(_ option: ssh_options_e, _ text: String) -> Bool {
        ssh_options_set(session, option, text) == SSH_OK
    }

    private static func text(_ words: UnsafePointer<CChar>?) -> String {
        words.map { String(cString: $0) } ?? ""
    }

    private static func describe(_ key: ssh_key) -> OfferedKey? {
        var hash: UnsafeMutablePointer<UInt8>?
        var length = 0
        guard ssh_get_publickey_hash(key, SSH_PUBLICKEY_HASH_SHA256, &hash, &length) == SSH_OK else {
            return nil
        }
        defer { ssh_clean_pubkey_hash(&hash) }
        var base64: UnsafeMutablePointer<CChar>?
        guard let print = ssh_get_fingerprint_hash(SSH_PUBLICKEY_HASH_SHA256, hash, length),
            ssh_pki_export_pubkey_base64(key, &base64) == SSH_OK, let base64
        else { return nil }
        defer {
            ssh_string_free_char(print)
            ssh_string_free_char(base64)
        }
        let pin = HostKeyPin(type: text(ssh_key_type_to_char(ssh_key_type(key))), fingerprint: text(print))
        return OfferedKey(pin: pin, base64: text(base64))
    }
}

extension SSHTransport {
    /// What a line of a known_hosts file says to one host.
    enum KnownHostsLine: Equatable {
        /// It is about others.
        case other
        case malformed
        case key(OfferedKey)
    }

    /// Reads one line, without a marker, for a host named as such files do.
    static func knownHosts(_ line: String, for host: String) -> KnownHostsLine {
        var entry: UnsafeMutablePointer<ssh_knownhosts_entry>?
        switch ssh_known_hosts_parse_line(host, line, &entry) {
        case SSH_OK:
            guard let entry else { return .malformed }
            defer { ssh_knownhosts_entry_free(entry) }
            return entry.pointee.publickey.flatMap(describe).map(KnownHostsLine.key) ?? .malformed
        case SSH_AGAIN: return .other
        default: return .malformed
        }
    }

    /// A private key's file before it is opened.
    private struct PrivateKeyFile {
        private let content: [UInt8]

        init(_ content: [UInt8]) { self.content = content }

        init(path: String) throws(SFTPFailure) {
            let descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw .badSettings("\(path): \(String(cString: strerror(errno)))") }
            defer { close(descriptor) }
            var status = stat()
            guard fstat(descriptor, &status) == 0, status.st_mode & 0o077 == 0 else {
                throw .badSettings("\(path) must be readable by its owner only: chmod 600 \(path)")
            }
            var content = [UInt8](repeating: 0, count: 64 << 10)
            let count = Glibc.read(descriptor, &content, content.count)
            self.content = Array(content.prefix(max(0, count)))
        }

        /// Opens the key; the caller frees it.
        func use(_ passphrase: String?) throws(SFTPFailure) -> ssh_key {
            // Never asked for at a terminal: the answer to the library's question is always no.
            let refuse: ssh_auth_callback = { _, _, _, _, _, _ in -1 }
            var key: ssh_key?
            let text = String(decoding: content, as: UTF8.self)
            guard ssh_pki_import_privkey_base64(text, passphrase, refuse, nil, &key) == SSH_OK, let key else {
                // The library gives no reason for any of these.
                guard text.contains("PRIVATE KEY") else {
                    throw .badSettings("the key file holds no private key")
                }
                throw .badSettings(
                    passphrase == nil
                        ? "the private key is damaged, or encrypted and there is no passphrase for it"
                        : "the private key is damaged, or its passphrase is another"
                )
            }
            return key
        }
    }
}
