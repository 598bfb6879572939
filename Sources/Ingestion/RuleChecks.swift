import Receivables

/// What of a type's rules the values of a new row alone can tell.
struct RuleChecks: Sendable {
    /// A rule, and where its values are.
    struct Entry: Sendable {
        var rule: Rule
        fileprivate var probe: Probe
        /// Where the judged value stands.
        var column: Int { probe.column }
    }

    let entries: [Entry]
    /// What ``areQuiet(_:turned:)`` asks of each row, without a word of the rules themselves.
    private let probes: [Probe]

    init(_ type: RecordType, hasUsers: Bool) {
        entries = type.rules.compactMap { rule in
            type.index(of: rule.column).map { column in
                let other = rule.otherColumns.first.flatMap { type.index(of: $0) }
                return Entry(
                    rule: rule,
                    probe: Probe(rule.condition, column, other: other, hasUsers: hasUsers)
                )
            }
        }
        probes = entries.compactMap { entry in
            switch entry.rule.condition {
            case .uniqueWithin, .madePositive, .coversStoredLines: nil
            default: entry.probe.kind == .nothing ? nil : entry.probe
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
        for probe in probes where !probe.isQuiet(values) { return false }
        return true
    }

    /// Whether the values alone show that the rule has nothing to say about a row, whatever is stored.
    func isQuiet(_ entry: Entry, _ values: UnsafePointer<FlatValue>) -> Bool { entry.probe.isQuiet(values) }
}

/// A condition as far as it looks at the values of one row.
private struct Probe: BitwiseCopyable {
    enum Kind {
        case notZero
        case notBefore
        case magnitudeAtMost
        case positive
        case null
        case never
        /// Judged elsewhere, or nothing without a stored row.
        case nothing
    }

    let kind: Kind
    let column: Int
    /// The other column that the condition looks at; the same where there is none.
    let other: Int

    init(_ condition: Rule.Condition, _ column: Int, other: Int?, hasUsers: Bool) {
        self.column = column
        self.other = other ?? column
        kind =
            switch condition {
            case .notZero: .notZero
            case .notBefore: other == nil ? .nothing : .notBefore
            case .magnitudeAtMost: other == nil ? .nothing : .magnitudeAtMost
            case .positiveUnless: .positive
            case .knownUser: hasUsers ? .null : .nothing
            case .uniqueWithin, .coversStoredLines: .null
            case .madePositive: .never
            case .notOlderThanStored, .acyclic, .ownerOf, .hasOwner, .ownersCurrency, .givenIfCurrencyDiffers,
                .sumWithinOwner, .onePerOwner:
                .nothing
            }
    }

    @inline(__always)
    func isQuiet(_ values: UnsafePointer<FlatValue>) -> Bool {
        let value = values[column]
        switch kind {
        case .notZero:
            return value.integer != 0
        case .notBefore:
            guard let date = value.text, let first = values[other].text else { return true }
            return !date.lexicographicallyPrecedes(first)
        case .magnitudeAtMost:
            guard let amount = value.integer, let bound = values[other].integer else { return true }
            return amount.magnitude <= bound.magnitude
        case .positive:
            guard let amount = value.integer else { return true }
            return amount > 0
        case .null:
            return value.isNull
        case .never:
            return false
        case .nothing:
            return true
        }
    }
}
