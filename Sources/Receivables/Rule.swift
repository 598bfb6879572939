/// A condition that one cell alone cannot show; what breaks it is noted or refuses the row.
package struct Rule: Sendable, Equatable {
    /// What must hold of the rule's column; a rule about a blank cell holds.
    package enum Condition: Sendable, Equatable {
        /// The date is that of the other column or later.
        case notBefore(String)
        /// The amount is not zero.
        case notZero
        /// The amount without its sign is at most the other column's.
        case magnitudeAtMost(String)
        /// The amount is positive; otherwise it is stored without its sign.
        case madePositive
        /// The amount is positive, except in rows whose other column holds the word.
        case positiveUnless(column: String, is: String)
        /// No other record with the same value in the other column has this value.
        case uniqueWithin(String)
        /// The address is that of a user of the product.
        case knownUser
        /// Following the column from record to record never comes back to the row.
        case acyclic
        /// The moment is not before the stored one.
        case notOlderThanStored
        /// The customer is that of the record that the other column names.
        case ownerOf(String)
        /// At least one of the type's owner columns has a value.
        case hasOwner
        /// The currency is that of the row's owner.
        case ownersCurrency
        /// The amount is given where the invoice has another currency than the row's owner.
        case givenIfCurrencyDiffers(invoice: String)
        /// All amounts of the owner's set together are at most what the owner has to give.
        case sumWithinOwner
        /// The amount is at least the sum of the lines that the record has in store.
        case coversStoredLines
        /// True in one row for each owner at most: the first keeps it, the others are stored as false.
        case onePerOwner
    }

    /// The column that is judged, and that the issue names.
    package let column: String
    /// What must hold.
    package let condition: Condition
    /// What is reported otherwise; `nil` where the row is mended without a word.
    package let issue: IssueCode?
    /// Whether a row that breaks the rule is refused; otherwise it is loaded and the issue is a warning.
    package let rejects: Bool

    /// A rule whose breach is told and does no more.
    static func warn(_ column: String, _ condition: Condition, _ issue: IssueCode) -> Rule {
        Rule(column: column, condition: condition, issue: issue, rejects: false)
    }

    /// A rule whose breach refuses the row.
    static func reject(_ column: String, _ condition: Condition, _ issue: IssueCode) -> Rule {
        Rule(column: column, condition: condition, issue: issue, rejects: true)
    }

    /// A rule whose breach is mended in silence.
    static func mend(_ column: String, _ condition: Condition) -> Rule {
        Rule(column: column, condition: condition, issue: nil, rejects: false)
    }

    /// The other columns of the same row that the condition looks at.
    package var otherColumns: [String] {
        switch condition {
        case .notBefore(let other), .magnitudeAtMost(let other), .uniqueWithin(let other),
            .ownerOf(let other),
            .positiveUnless(let other, _), .givenIfCurrencyDiffers(let other):
            [other]
        case .notZero, .madePositive, .knownUser, .acyclic, .notOlderThanStored, .hasOwner, .ownersCurrency,
            .sumWithinOwner, .coversStoredLines, .onePerOwner:
            []
        }
    }
}
