import Ledger

/// What the events between two digests come to: which files to tell of, and how each record type stands at the end.
struct DigestWindow {
    /// Why a file stands in a digest, the most urgent first.
    enum Reason: Int, Comparable, CaseIterable {
        case failed
        case held
        case loadedWithErrors
        case rowsExpired
        case nearMiss

        static func < (left: Reason, right: Reason) -> Bool { left.rawValue < right.rawValue }
    }

    /// How a record type stands behind its last file.
    enum Standing: Equatable {
        /// The last file of the type that was settled had something wrong.
        case troubled(file: Int64)
        /// The type had been in trouble in this window, or before, and has since loaded cleanly.
        case clean
    }

    /// The events that make up a digest.
    static let events: [EventName] = [
        .fileFailed, .fileHeld, .fileLoadedWithErrors, .fileLoaded, .fileDuplicate, .fileIgnored, .rowsHealed,
        .rowsExpired,
    ]

    private(set) var reasons: [Int64: Reason] = [:]
    /// The types of the files, where they have one.
    private(set) var types: [Int64: String] = [:]
    private(set) var standings: [String: Standing] = [:]
    /// The types that had trouble within the window, whatever came behind it.
    private(set) var troubledTypes: Set<String> = []
    /// Files with a near-miss name in the header, whether or not it was told before.
    private(set) var nearMisses: [(file: Int64, type: String)] = []
    /// Ignored files that do not look like ours by their name.
    private(set) var ignored: [Int64] = []
    /// Files of which parked rows were applied, with their types.
    private(set) var healed: [Int64: String] = [:]

    mutating func note(_ event: AlertEvent) {
        guard let file = event.file else { return }
        if let type = event.type { types[file] = type }
        switch event.name {
        case .fileFailed: trouble(file, .failed, event.type)
        case .fileHeld: trouble(file, .held, event.type)
        case .fileLoadedWithErrors: trouble(file, .loadedWithErrors, event.type)
        case .fileLoaded, .fileDuplicate:
            if let type = event.type { standings[type] = .clean }
        case .rowsHealed: healed[file] = event.type ?? ""
        // The file that ended the parking tells for itself what is wrong now.
        case .rowsExpired where event.reason != "newer_file": add(file, .rowsExpired)
        case .fileIgnored where event.reason == "not_csv_name": ignored.append(file)
        default: break
        }
        if event.hasNearMiss, let type = event.type { nearMisses.append((file, type)) }
    }

    /// Adds a file to the digest, unless it stands there for a more urgent reason.
    mutating func add(_ file: Int64, _ reason: Reason) {
        reasons[file] = min(reasons[file] ?? reason, reason)
    }

    /// No row of the file is open any more, so the type is well again if this file was its trouble.
    mutating func mend(_ type: String, file: Int64, lastTrouble: Int64?) {
        let current: Int64? = if case .troubled(let file) = standings[type] { file } else { lastTrouble }
        if standings[type] != .clean, current == file { standings[type] = .clean }
    }

    /// What of it concerns those who want to hear about some types; a file without a type concerns everybody.
    func narrowed(to audience: Audience) -> DigestWindow {
        var window = self
        window.reasons = reasons.filter { audience.wants(types[$0.key]) }
        return window
    }

    /// How many files stand in the digest for a reason.
    func count(_ reason: Reason) -> Int { reasons.values.reduce(0) { $0 + ($1 == reason ? 1 : 0) } }

    /// The files to show, the most urgent first, in the order in which they were seen.
    func first(_ limit: Int) -> [(file: Int64, reason: Reason)] {
        reasons.sorted { ($0.value, $0.key) < ($1.value, $1.key) }.prefix(limit).map { ($0.key, $0.value) }
    }

    private mutating func trouble(_ file: Int64, _ reason: Reason, _ type: String?) {
        // A file that was tried again is told as it ended.
        reasons[file] = reason
        guard let type else { return }
        standings[type] = .troubled(file: file)
        troubledTypes.insert(type)
    }
}
