/// The key of a record: one part for most types, owner and own key for contacts and lines.
typealias ModelKey = [Text]

/// What became of a row.
enum ModelFate {
    case undecided
    case rejected
    case parked
    case inserted
    case updated
    case unchanged
}

/// A data row on its way through a load.
struct ModelRow {
    let source: SourceRow

    /// The values of the native columns in the header, by name; blank where the cell is.
    var values: [String: Text] = [:]

    /// The values of the custom columns in the header, by their compared names.
    var custom: [String: Text] = [:]

    /// The addresses in `<label>_email` columns, with the names of these.
    var labels: [(address: Text, column: String)] = []

    /// Code and column of each error and warning.
    var errors: [(code: String, column: String?)] = []
    var warnings: [(code: String, column: String?)] = []
    var fate = ModelFate.undecided

    /// The key, if it can be read.
    var key: ModelKey?

    /// Whose set the row belongs to, if it can be read: the owner of a contact, the payment or
    /// credit memo of a line.
    var owner: ModelKey?

    /// The place of the equal row before this one, which alone is applied.
    var repeats: Int?

    /// Whether another row of the same key was preferred (`duplicates: first|last`).
    var isPassedOver = false

    /// Whether a customer's parent is ignored because it closes a loop.
    var dropsParent = false

    /// A line row that says "this payment has no lines".
    var saysNoLines = false

    init(_ source: SourceRow) {
        self.source = source
    }

    /// Whether the row is still to be applied itself.
    var isCandidate: Bool { errors.isEmpty && fate == .undecided && repeats == nil && !isPassedOver }

    /// Whether the row itself is now what the store says.
    var isAccepted: Bool {
        [.inserted, .updated, .unchanged].contains(fate) && repeats == nil && !isPassedOver
    }

    /// The value of a column if the header holds it and the cell is not blank.
    func given(_ column: String) -> Text? {
        guard let value = values[column], !value.isBlank else { return nil }
        return value
    }

    func minorUnits(_ column: String) -> Int64? {
        given(column).flatMap { Int64($0.string) }
    }
}
