package import Intake
import Ledger
import Receivables

extension InboxLayout {
    /// The folders of a drop, and what a name in each says, as the catalogue has it.
    package init(_ layout: RunSettings.Layout, marker: RunSettings.Marker) {
        switch layout {
        case .folders: self.init(places: Self.folders(marker: marker))
        case .flat(let patterns): self.init(places: Self.flat(patterns: patterns, marker: marker))
        }
    }

    /// What we keep in a type's directory, or in the one of all types, beside what customers drop.
    private static let ours: Set<RemoteName> = ["processing", "processed", "failed"]

    private static func folders(marker: RunSettings.Marker) -> [Place] {
        let names = Catalogue.types.map { RemoteName($0.name) }
        var places = [Place(.root, furniture: Set(names + [ValidateFolders.name]))]
        for type in Catalogue.types {
            guard let directory = RemotePath(type.name), let pending = RemotePath("\(type.name)/pending")
            else {
                continue
            }
            let judge: @Sendable (RemoteName) -> Verdict = { verdict(on: $0, type: type, marker: marker) }
            if type.isFileOfBytes {
                places.append(Place(directory, furniture: ours, judge: judge))
            } else {
                places.append(Place(directory, furniture: ours.union(["pending"])))
                places.append(Place(pending, judge: judge))
            }
        }
        return places
    }

    private static func flat(patterns: [String: [String]], marker: RunSettings.Marker) -> [Place] {
        let names = FlatLayout(patterns: patterns)
        let judge: @Sendable (RemoteName) -> Verdict = { name in
            let verdict = verdict(on: name, type: nil, marker: marker)
            guard case .taken = verdict else { return verdict }
            return .taken(type: names.type(of: String(decoding: name.bytes, as: UTF8.self))?.name)
        }
        let pending = RemotePath("pending")
        let root = Place(
            .root,
            furniture: ours.union(["pending", ValidateFolders.name]),
            unless: pending,
            judge: judge
        )
        return [root] + (pending.map { [Place($0, judge: judge)] } ?? [])
    }

    private static func verdict(
        on name: RemoteName,
        type: RecordType?,
        marker: RunSettings.Marker
    ) -> Verdict {
        let text = String(decoding: name.bytes, as: UTF8.self)
        switch IgnoredName.reason(for: text, in: type) {
        case nil: return .taken(type: type?.name)
        case .hidden: return .ignored(.hiddenName)
        case .temporary: return .ignored(.temporaryName)
        case .otherExtension:
            // A marker is no file that somebody misnamed, and nobody is told about it.
            return .ignored(marker.isMarker(text) ? .temporaryName : .notCSVName)
        }
    }
}

extension RunSettings.Marker {
    /// What follows a file's name in the name of its own marker.
    var suffix: String? {
        switch self {
        case .done: ".done"
        case .sha256: ".sha256"
        case .none, .manifest: nil
        }
    }

    func isMarker(_ name: String) -> Bool {
        switch self {
        case .none: false
        case .done, .sha256: suffix.map { name.hasSuffix($0) } ?? false
        case .manifest: name == RunSettings.manifestName
        }
    }
}
