/// One file, or the parked rows of one, on its way into the store.
///
/// A load works on its own copy of the store, so that a load which is not wanted is just forgotten.
struct ModelLoad {
    enum Purpose { case file, correction, healing }

    let type: ModelType
    let sheet: ModelSheet
    let settings: ModelSettings
    let purpose: Purpose

    /// The slot's day.
    let day: Text
    var store: ModelStore
    var rows: [ModelRow] = []

    /// Records cleared or zeroed by absence, and contacts and lines removed.
    var cleared = 0
    var deleted = 0

    /// The ids of all customers before and after the load, to tell which parents are new.
    let customersBeforeLoad: Set<Text>
    var customersAfterLoad: Set<Text> = []

    /// CLEARED invoices that came back.
    var reopened = 0

    init(
        _ sheet: ModelSheet,
        of type: ModelType,
        into store: ModelStore,
        settings: ModelSettings,
        day: Text,
        purpose: Purpose
    ) {
        self.type = type
        self.sheet = sheet
        self.settings = settings
        self.day = day
        self.purpose = purpose
        self.store = store
        customersBeforeLoad = Set(store["customers_with_open_balances"].keys.map { $0[0] })
        for column in sheet.custom where store.spellings[type.name]?[column.name] == nil {
            self.store.spellings[type.name, default: [:]][column.name] = column.spelling
        }
        checkRows()
    }

    /// What the file names.
    var presence: ModelPresence { ModelPresence(rows, sheet: sheet, type: type) }

    /// Whether what is not in the file is to go.
    var handlesAbsence: Bool {
        purpose == .file && !settings.delta.contains(type.name)
            && (settings.isSnapshot(type.name) || type.isReplacedSet)
    }

    /// Applies the rows; `companions` is what other files of the batch name, and nothing is cleared,
    /// zeroed or deleted when `isSuspended`.
    mutating func run(companions: ModelPresence = ModelPresence(), isSuspended: Bool = false) {
        if purpose != .healing { findDuplicates() }
        checkReferences()
        if type.name == "subsidiaries" { settleSubsidiaryTree() }
        if type.name == "customers_with_open_balances" { settleCustomerTree() }
        var present = presence
        present.formUnion(companions)
        let removes = handlesAbsence && !isSuspended
        if type.isLines { settleLineSets(present: removes ? present : nil) }
        storeRows()
        if removes && !type.isLines { removeAbsent(present: present) }
    }

    /// The key of a contact from a `<label>_email` column.
    static func labelKey(_ owner: ModelKey, _ address: Text) -> ModelKey {
        owner + ["email", Text(address.string.lowercased())]
    }
}
