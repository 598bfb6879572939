/// A column that names a record of another type, or of the same one.
package struct Reference: Sendable, Equatable {
    /// What becomes of a row whose target is not known.
    package enum WhenUnknown: Sendable, Equatable {
        /// The row is not loaded but kept aside until the target appears, or refused under `orphans: fail`.
        case park
        /// As ``park``, unless the drop allows that a customer is made up from the reference.
        case parkOrStub
        /// The row is loaded without the reference, with this warning, and linked when the target appears.
        case linkLater(IssueCode)
        /// The row is loaded with its reference as it stands, with this warning if there is one, and linked when
        /// the target appears.
        case keep(IssueCode?)
    }

    /// The column of the row that holds the key of the target.
    package let column: String
    /// The name of the target's record type.
    package let target: String
    /// What becomes of the row meanwhile.
    package let whenUnknown: WhenUnknown

    init(_ column: String, to target: String, whenUnknown: WhenUnknown = .park) {
        self.column = column
        self.target = target
        self.whenUnknown = whenUnknown
    }
}
