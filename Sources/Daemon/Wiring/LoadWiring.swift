import CSV
package import Ingestion
import Ledger
import Receivables

extension LoadSettings {
    /// What a drop's configuration says about reading files and what they mean.
    package init(_ configuration: Configuration) {
        let loading = configuration.loading
        self.init()
        delimiter = loading.delimiter.byte
        encoding = loading.encoding.csv
        limits = Limits(configuration.limits)
        reading = FieldReading(
            money: loading.money.mode,
            dateFormats: [loading.dateFormat].compactMap(DateFormat.init)
        )
        readingByType = loading.dateFormats.mapValues { forms in
            FieldReading(money: loading.money.mode, dateFormats: forms.compactMap { DateFormat($0) })
        }
        headerAliases = loading.headerAliases.mapValues { aliases in
            let normalised = aliases.map { theirs, ours in
                (Array(theirs.utf8).withUnsafeBytes { Header.normalise($0) }, ours)
            }
            return Dictionary(normalised) { first, _ in first }
        }
        duplicates = loading.duplicates.rule
        blankKeeps = loading.blankMeans == .keep
        orphansFail = loading.orphans == .fail
        parkFor = loading.parkFor.components.seconds
        createsStubs = loading.createStubCustomers
        unitesParts = loading.snapshotParts == .union
        contactsAreSnapshot = loading.contactsMode == .fullSnapshot
        deltaTypes = Set(loading.modes.filter { $0.value == .delta }.keys)
        guardShare = loading.truncationGuard.share
        guardRows = loading.truncationGuard.rows
        guardShrink = loading.truncationGuard.shrink
        after = configuration.inbox.after.load
        reportingCurrency = configuration.reportingCurrency
    }
}

extension Reconciler.Settings {
    /// What a drop's configuration says about comparing balances.
    init(_ configuration: Configuration) {
        let loading = configuration.loading
        self.init(
            isNet: loading.balanceBasis == .net,
            unappliedFromFile: loading.unapplied == .file,
            alerts: loading.varianceAlert
        )
    }
}

extension RunSettings {
    /// What a drop's configuration says about its runs.
    package init(_ configuration: Configuration) {
        let inbox = configuration.inbox
        self.init()
        layout = inbox.layout == .flat ? .flat(patterns: inbox.patterns) : .folders
        after = inbox.after.run
        marker = inbox.marker.run
        readsTwice = inbox.readTwice
        quietPeriod = configuration.schedule.quietPeriod
        retryFor = inbox.retryFor
        deadline = configuration.schedule.runDeadline
        filesPerRun = configuration.limits.filesPerRun
        fileBytes = Int64(configuration.limits.fileBytes)
        freeBytes = Int64(configuration.limits.freeBytes)
        spoolKeep = configuration.spoolKeep.components.seconds
        zone = configuration.zone
        encoding = configuration.loading.encoding.csv
        csvLimits = Limits(configuration.limits)
    }
}

extension Limits {
    fileprivate init(_ limits: LimitSettings) {
        self.init(fileBytes: limits.fileBytes, columns: limits.columns, fieldBytes: limits.fieldBytes)
    }
}

extension LoadingSettings.Delimiter {
    /// `nil`: found under the header.
    fileprivate var byte: UInt8? {
        switch self {
        case .auto: nil
        case .comma: UInt8(ascii: ",")
        case .semicolon: UInt8(ascii: ";")
        case .tab: UInt8(ascii: "\t")
        case .pipe: UInt8(ascii: "|")
        }
    }
}

extension LoadingSettings.Encoding {
    fileprivate var csv: CSV.Encoding {
        switch self {
        case .utf8: .utf8
        case .windows1252: .windows1252
        }
    }
}

extension LoadingSettings.MoneyForm {
    fileprivate var mode: FieldReading.MoneyMode {
        switch self {
        case .strict: .strict
        case .lenient: .lenient
        }
    }
}

extension LoadingSettings.Duplicates {
    fileprivate var rule: LoadSettings.Duplicates {
        switch self {
        case .fail: .fail
        case .first: .first
        case .last: .last
        }
    }
}

extension InboxSettings.Disposal {
    fileprivate var load: LoadSettings.After {
        switch self {
        case .move: .move
        case .leave: .leave
        case .delete: .delete
        }
    }

    fileprivate var run: AfterLoad {
        switch self {
        case .move: .move
        case .leave: .leave
        case .delete: .delete
        }
    }
}

extension InboxSettings.Marker {
    fileprivate var run: RunSettings.Marker {
        switch self {
        case .none: .none
        case .done: .done
        case .sha256: .sha256
        case .manifest: .manifest
        }
    }
}
