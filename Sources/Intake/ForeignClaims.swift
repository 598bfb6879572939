package import Ledger

/// What other daemons have claimed of a drop's files and not yet put away: see ``ClaimingInbox``.
package struct ForeignClaims: Sendable {
    private let inbox: any Inbox
    private let layout: InboxLayout
    private let owner: RemoteName

    /// - Parameter owner: The ledger's id, under which our own claims lie.
    package init(_ inbox: any Inbox, layout: InboxLayout, owner: String) {
        self.inbox = inbox
        self.layout = layout
        self.owner = RemoteName(owner)
    }

    /// The claims that lie there now; two listings.
    package func look() async throws(InboxFailure) -> [ForeignClaim] {
        let places = layout.places.filter { $0.judge != nil }
        let homes = Set(places.compactMap { ClaimingInbox.claims(on: $0.directory) })
        let owners = try await inbox.list(homes.sorted()).values.joined()
            .filter { $0.kind == .directory && $0.name != owner }.compactMap(\.path)
        guard !owners.isEmpty else { return [] }
        return try await inbox.list(owners).flatMap { folder, entries in
            entries.filter { $0.kind == .file }.compactMap(\.path).map { path in
                ForeignClaim(path: path.bytes, owner: EscapedBytes.text(folder.name?.bytes ?? []))
            }
        }
    }
}
