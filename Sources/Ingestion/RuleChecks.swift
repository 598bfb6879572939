import Receivables

/// What of a type's rules the values of a new row alone can tell.
struct RuleChecks: Sendable {
    /// A rule, and where its values are.
    struct Entry: Sendable {
        var rule: Rule
        var column: Int
        /// The other column that the condition looks at.
        var other: Int?
    }

    let entries: [Entry]
    private let hasUsers: Bool

    init(_ type: RecordType, hasUsers: Bool) {
        self.hasUsers = hasUsers
        entries = type.rules.compactMap { rule in
            type.index(of: rule.column).map { column in
                Entry(
                    rule: rule,
                    column: column,
                    other: rule.otherColumns.first.flatMap { type.index(of: $0) }
                )
            }
        }
    }

    /// The column whose values should be unique, but need not.
    var uniqueColumn: Int? {
        entries.first { if case .uniqueWithin = $0.rule.condition { true } else { false } }?.column
    }

    /// Whether no rule can have anything to say about a new row of a record without lines, but that its number may be
    /// taken.
    ///
    /// - Parameter turned: Whether a sign was turned.
    func areQuiet(_ values: UnsafePointer<FlatValue>, turned: Bool) -> Bool {
        guard !turned else { return false }
        for entry in entries {
            switch entry.rule.condition {
            case .uniqueWithin, .madePositive, .coversStoredLines: continue
            default: guard isQuiet(entry, values) else { return false }
            }
        }
        return true
    }

    /// Whether the values alone show that the rule has nothing to say about a row, whatever is stored.
    @inline(__always)
    func isQuiet(_ entry: Entry, _ values: UnsafePointer<FlatValue>) -> Bool {
        let value = values[entry.column]
        switch entry.rule.condition {
        case .notZero:
            return value.integer != 0
        case .notBefore:
            guard let date = value.text, let other = entry.other, let first = values[other].text else {
                return true
            }
            return !date.lexicographicallyPrecedes(first)
        case .magnitudeAtMost:
            guard let amount = value.integer, let other = entry.other, let bound = values[other].integer
            else { return true }
            return amount.magnitude <= bound.magnitude
        case .positiveUnless:
            guard let amount = value.integer else { return true }
            return amount > 0
        case .knownUser:
            return !hasUsers || value.isNull
        case .uniqueWithin, .coversStoredLines:
            return value.isNull
        case .madePositive:
            return false
        case .notOlderThanStored, .acyclic, .ownerOf, .hasOwner, .ownersCurrency, .givenIfCurrencyDiffers,
            .sumWithinOwner, .onePerOwner:
            // Judged elsewhere, or nothing without a stored row.
            return true
        }
    }
}
