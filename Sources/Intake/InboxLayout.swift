package import Ledger

/// Which folders of an inbox are looked at, and what an entry in each may be.
package struct InboxLayout: Sendable {
    /// What a name in a drop place says about its entry.
    package enum Verdict: Sendable, Equatable {
        /// A file of ours to take; the type is `nil` where no type begins the name.
        case taken(type: String?)
        case ignored(IgnoredReason)
    }

    /// A folder that is listed.
    package struct Place: Sendable {
        package var directory: RemotePath
        /// Names in it that are part of the layout and no entries, when they are directories.
        package var furniture: Set<RemoteName>
        /// Judges a file name; `nil` in a folder that is no drop place.
        package var judge: (@Sendable (RemoteName) -> Verdict)?
        /// The folder whose presence makes this one no drop place.
        package var unless: RemotePath?

        package init(
            _ directory: RemotePath,
            furniture: Set<RemoteName> = [],
            unless: RemotePath? = nil,
            judge: (@Sendable (RemoteName) -> Verdict)? = nil
        ) {
            self.directory = directory
            self.furniture = furniture
            self.unless = unless
            self.judge = judge
        }
    }

    package var places: [Place]

    package init(places: [Place]) { self.places = places }

    /// The folders to list.
    package var directories: [RemotePath] { places.map(\.directory) }

    /// Whether customers drop files into a folder.
    package func isDropPlace(_ directory: RemotePath) -> Bool {
        places.contains { $0.directory == directory && $0.judge != nil }
    }

    /// The entries of a listing, without what belongs to the layout itself.
    package func entries(in listing: [RemotePath: [InboxEntry]]) -> [ListedEntry] {
        var entries: [ListedEntry] = []
        for place in places {
            for entry in listing[place.directory] ?? [] {
                if entry.kind == .directory, place.furniture.contains(entry.name) { continue }
                let isDrop = place.unless.map { listing[$0] == nil } ?? true
                entries.append(
                    ListedEntry(entry, verdict: verdict(on: entry, in: place, isDrop: isDrop))
                )
            }
        }
        return entries
    }

    /// The entry that a remembered sighting is about; what it was is not remembered, and taken for a file.
    package func entry(of sighting: Sighting) -> ListedEntry? {
        let candidates = places.filter { place in
            let prefix = place.directory == .root ? [] : place.directory.bytes + [0x2F]
            return sighting.path.count > prefix.count && sighting.path.starts(with: prefix)
        }
        let deepest = candidates.max { $0.directory.names.count < $1.directory.names.count }
        guard let place = deepest else { return nil }
        let prefix = place.directory == .root ? 0 : place.directory.bytes.count + 1
        let entry = InboxEntry(
            directory: place.directory,
            name: RemoteName(Array(sighting.path.dropFirst(prefix))),
            size: sighting.size,
            modified: sighting.mtime
        )
        return ListedEntry(entry, verdict: verdict(on: entry, in: place, isDrop: true))
    }

    private func verdict(on entry: InboxEntry, in place: Place, isDrop: Bool) -> Verdict {
        if entry.name.isHostile { return .ignored(.hostileName) }
        guard isDrop, let judge = place.judge else {
            if entry.name.bytes.first == UInt8(ascii: ".") { return .ignored(.hiddenName) }
            return .ignored(.unknownDirectory)
        }
        switch judge(entry.name) {
        // A name that is never taken is told as such, whatever lies there.
        case .ignored(let reason) where reason != .notCSVName: return .ignored(reason)
        case .ignored(let reason): return .ignored(entry.kind == .file ? reason : .notAFile)
        case .taken(let type): return entry.kind == .file ? .taken(type: type) : .ignored(.notAFile)
        }
    }
}

/// One entry as a listing showed it, with what its place and name say.
package struct ListedEntry: Sendable {
    package var entry: InboxEntry
    package var verdict: InboxLayout.Verdict

    package init(_ entry: InboxEntry, verdict: InboxLayout.Verdict) {
        self.entry = entry
        self.verdict = verdict
    }

    /// The bytes under which the ledger knows it; a hostile name stands in them as it is.
    package var pathBytes: [UInt8] {
        entry.directory == .root
            ? entry.name.bytes : entry.directory.bytes + [0x2F] + entry.name.bytes
    }

    package var sighting: Sighting {
        Sighting(path: pathBytes, size: entry.size, mtime: entry.modified)
    }
}
