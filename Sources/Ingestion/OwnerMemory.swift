import CSV
import Ledger
import Receivables

/// Which owners a file says the same of as the file before, and which will be known when the next one comes.
///
/// Goes through the manifest beside the file's owners, both in the order of the owners' hashes.
struct OwnerMemory {
    private let manifest: OwnerManifest
    private let looking: OwnerManifest.Reader
    private let merging: OwnerManifest.Reader
    /// The owners whose entries are void.
    private let void: OwnerHashes
    /// Whether owners that the file does not name keep their entries.
    private let keepsOthers: Bool
    private var looked: OwnerManifest.Entry?
    private var merged: OwnerManifest.Entry?
    /// The owners of the part in hand, and whether they will be known.
    private var owners: [(entry: OwnerManifest.Entry, isKnown: Bool)] = []

    init(_ manifest: OwnerManifest, void: OwnerHashes, keepsOthers: Bool) throws {
        self.manifest = manifest
        self.void = void
        self.keepsOthers = keepsOthers
        looking = try manifest.reader()
        merging = try manifest.reader()
        looked = try looking.next()
        merged = try merging.next()
    }

    /// Looks an owner up; they come in the order of their hashes.
    ///
    /// - Parameters:
    ///   - owner: The hash of the owner.
    ///   - set: The hash of the set of its rows in the file.
    /// - Returns: Whether nothing is to be done for the owner, and its place for ``remember(_:)``.
    mutating func look(up owner: UInt64, set: RecordHash) throws -> (isKnown: Bool, place: Int) {
        while let entry = looked, entry.owner < owner { looked = try looking.next() }
        var isKnown = false
        if let entry = looked, entry.owner == owner {
            isKnown = entry.set == (set.low, set.high) && !void.mayContain(owner)
        }
        owners.append((OwnerManifest.Entry(owner: owner, set: (set.low, set.high)), isKnown))
        return (isKnown, owners.count - 1)
    }

    /// From now on the stored rows of this owner are what the set of its rows in the file comes to.
    mutating func remember(_ place: Int) { owners[place].isKnown = true }

    /// Writes down what is known after a part of the file.
    mutating func closePart() throws {
        for (entry, isKnown) in owners {
            try carry(before: entry.owner)
            if let old = merged, old.owner == entry.owner { merged = try merging.next() }
            if isKnown { try manifest.append(entry) }
        }
        owners.removeAll(keepingCapacity: true)
    }

    /// Nothing is known of the owners with these hashes.
    mutating func forget(_ hashes: ClosedRange<UInt64>) throws {
        try carry(before: hashes.lowerBound)
        while let entry = merged, entry.owner <= hashes.upperBound { merged = try merging.next() }
    }

    mutating func close() throws {
        try carry(before: nil)
        try manifest.close()
    }

    /// Takes over the entries of owners that the file does not name.
    private mutating func carry(before end: UInt64?) throws {
        while let entry = merged, end.map({ entry.owner < $0 }) ?? true {
            if keepsOthers, !void.mayContain(entry.owner) { try manifest.append(entry) }
            merged = try merging.next()
        }
    }
}

/// A bounded set of hashes of owners; when it overflows, every owner may be in it.
struct OwnerHashes {
    private var hashes: Set<UInt64> = []
    private var hasOverflown = false
    private static let most = 200_000

    mutating func insert(_ owner: UInt64) {
        guard !hasOverflown else { return }
        hashes.insert(owner)
        if hashes.count > Self.most {
            hashes = []
            hasOverflown = true
        }
    }

    mutating func formUnion(_ other: OwnerHashes) {
        hasOverflown = hasOverflown || other.hasOverflown
        if hasOverflown { hashes = [] } else { for hash in other.hashes { insert(hash) } }
    }

    func mayContain(_ owner: UInt64) -> Bool { hasOverflown || !hashes.isEmpty && hashes.contains(owner) }
}
