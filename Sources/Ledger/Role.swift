/// What a person may do on the page; each role may do all that those before it may.
package enum Role: String, Sendable, CaseIterable, Comparable {
    /// Sees everything, changes nothing.
    case viewer
    /// Decides files, and has mails sent again.
    case `operator`
    /// Says who gets the mails.
    case admin

    package static func < (one: Role, other: Role) -> Bool { one.rank < other.rank }

    private var rank: Int { Self.allCases.firstIndex(of: self) ?? 0 }
}
