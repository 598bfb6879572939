/// What an SSH server offers before any keys are exchanged, in its order.
package struct ServerProposal: Sendable, Equatable {
    /// How the server names itself: `SSH-2.0-OpenSSH_9.2p1`.
    package var banner: String
    package var keyExchanges: [String] = []
    package var hostKeys: [String] = []
    /// Of what we send.
    package var ciphersToServer: [String] = []
    /// Of what we are sent.
    package var ciphersToClient: [String] = []
    package var macsToServer: [String] = []
    package var macsToClient: [String] = []

    package init(banner: String) { self.banner = banner }

    /// One kind of algorithm of which both sides must have one in common.
    package struct Kind: Sendable, Equatable {
        package var name: String
        package var ours: [String]
        package var theirs: [String]

        /// What both have, in our order.
        package var common: [String] { ours.filter(theirs.contains) }
    }

    /// The kinds that must agree, as a drop's policy offers them.
    package func kinds(with policy: AlgorithmPolicy) -> [Kind] {
        var kinds = [
            Kind(name: "key exchange", ours: policy.keyExchanges, theirs: keyExchanges),
            Kind(name: "cipher to server", ours: policy.ciphers, theirs: ciphersToServer),
            Kind(name: "cipher to us", ours: policy.ciphers, theirs: ciphersToClient),
        ]
        // These ciphers prove integrity themselves.
        let isProved = { (theirs: [String]) in
            let cipher = policy.ciphers.first(where: theirs.contains)
            return cipher.map { $0.contains("gcm") || $0.contains("poly1305") } ?? true
        }
        if !isProved(ciphersToServer) {
            kinds.append(Kind(name: "MAC to server", ours: policy.macs, theirs: macsToServer))
        }
        if !isProved(ciphersToClient) {
            kinds.append(Kind(name: "MAC to us", ours: policy.macs, theirs: macsToClient))
        }
        return kinds
    }

    /// Reads the server's first packet, from the message's number on (RFC 4253, 7.1).
    mutating func read(_ payload: ArraySlice<UInt8>) -> Bool {
        // The number of the message and a cookie.
        guard payload.first == 20, payload.count > 17 else { return false }
        var rest = payload.dropFirst(17)
        var lists: [[String]] = []
        for _ in 0..<6 {
            guard rest.count >= 4 else { return false }
            let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
            rest = rest.dropFirst(4)
            guard length <= rest.count else { return false }
            let names = rest.prefix(length).split(separator: UInt8(ascii: ","))
            lists.append(names.map { ServerText.shown(Array($0)) })
            rest = rest.dropFirst(length)
        }
        (keyExchanges, hostKeys, ciphersToServer) = (lists[0], lists[1], lists[2])
        (ciphersToClient, macsToServer, macsToClient) = (lists[3], lists[4], lists[5])
        return true
    }
}
