/// The settings under `loading` that change what a file does, with the defaults of the design.
struct ModelSettings {
    enum Orphans { case park, fail }
    enum BlankMeans { case clear, keep }
    enum Duplicates { case fail, first, last }
    enum SnapshotParts { case alone, union }
    enum ContactsMode { case perOwner, fullSnapshot }
    enum Unapplied { case recompute, file }

    var orphans = Orphans.park
    var blankMeans = BlankMeans.clear
    var duplicates = Duplicates.fail
    var snapshotParts = SnapshotParts.alone
    var contactsMode = ContactsMode.perOwner
    var unapplied = Unapplied.recompute

    /// Percent of the open items that may go at once.
    var guardShare = 40

    /// The least number of items (a) or rows (b) from which the guard judges.
    var guardRows = 20

    /// Percent of the last applied file's rows below which a file is held.
    var guardShrink = 50

    /// The types in `mode: delta`.
    var delta: Set<String> = []
    var createStubCustomers = false

    /// Seconds.
    var parkFor = 7 * 86400

    /// Whether what a file does not name is cleared, zeroed or deleted as a whole.
    func isSnapshot(_ type: String) -> Bool {
        if delta.contains(type) { return false }
        return switch type {
        case "customers_with_open_balances", "open_invoices": true
        case "contacts": contactsMode == .fullSnapshot
        default: false
        }
    }
}
