package import CSV
package import Receivables

/// What a drop's configuration says about reading files and what they mean.
package struct LoadSettings: Sendable {
    /// Which row counts of several with one key.
    package enum Duplicates: Sendable {
        /// None: all are rejected unless they are identical.
        case fail
        case first
        case last
    }

    /// What happens on the server once a file is settled.
    package enum After: Sendable {
        case move
        case leave
        case delete
    }

    // Reading.
    /// The delimiter of all files; `nil` finds it under the header.
    package var delimiter: UInt8?
    package var encoding: CSV.Encoding = .utf8
    package var limits = Limits()
    /// How cells are read, by type; ``reading`` for all others.
    package var readingByType: [String: FieldReading] = [:]
    package var reading = FieldReading()
    /// By type: their name of a column (normalised) to ours.
    package var headerAliases: [String: [String: String]] = [:]
    package var duplicates = Duplicates.fail

    // Meaning.
    /// A blank cell leaves the stored value as it is.
    package var blankKeeps = false
    /// A row without its parent is rejected instead of parked.
    package var orphansFail = false
    /// How long a row stays parked, in seconds.
    package var parkFor: Int64 = 7 * 86_400
    /// Customers that receipts and credit memos name are made up when they are unknown.
    package var createsStubs = false
    /// All files of a snapshot type in one batch are one snapshot.
    package var unitesParts = false
    /// A contacts file names all contacts of all owners.
    package var contactsAreSnapshot = false
    /// Types whose files never clear, zero or remove.
    package var deltaTypes: Set<String> = []

    // Guarding.
    /// The largest share of open records that a snapshot may clear.
    package var guardShare = 0.40
    /// The number of records, or of rows of the last file, below which shares do not matter.
    package var guardRows = 20
    /// The smallest share of the last file's rows that a snapshot may have.
    package var guardShrink = 0.5

    package var after = After.move
    /// ISO 4217 code of `reporting_*` amounts.
    package var reportingCurrency: String?

    package var tuning = LoadTuning()

    package init() {}

    func reading(of type: RecordType) -> FieldReading { readingByType[type.name] ?? reading }
}
