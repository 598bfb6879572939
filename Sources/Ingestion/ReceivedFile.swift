package import Intake
package import Ledger
package import Receivables

/// A file whose bytes lie in the spool.
///
/// A run may hold 100,000 of them: what can be found out again is not kept in each.
package struct ReceivedFile: Sendable {
    package var fileID: Int64
    /// The name as people see it.
    package var name: String
    /// The modification time on the server, an opaque token that only orders files.
    package var mtime: Int64?
    package var size: Int64
    package var sha256: String
    /// Where the type stands in the catalogue.
    private let typePlace: Int
    private let home: Home

    private enum Home: Sendable {
        /// Under its hash in this folder.
        case spool(String)
        case path(String)
    }

    package init(
        fileID: Int64,
        type: RecordType,
        name: String,
        mtime: Int64?,
        size: Int64,
        sha256: String,
        spoolPath: String
    ) {
        self.init(fileID, type, name, mtime, size, sha256, .path(spoolPath))
    }

    /// The file of a member whose copy lies in the spool; `nil` for one of no type, or without a copy.
    package init?(_ member: Member, in spool: Spool) {
        guard let type = member.type.flatMap(Catalogue.type(named:)), let sha256 = member.sha256 else {
            return nil
        }
        let home = Home.spool(spool.folder)
        self.init(member.id, type, member.name, member.mtime, member.size ?? 0, sha256, home)
    }

    private init(
        _ fileID: Int64,
        _ type: RecordType,
        _ name: String,
        _ mtime: Int64?,
        _ size: Int64,
        _ sha256: String,
        _ home: Home
    ) {
        self.fileID = fileID
        self.name = name
        self.mtime = mtime
        self.size = size
        self.sha256 = sha256
        self.home = home
        // There are no other types than those of the catalogue.
        typePlace = Catalogue.types.firstIndex { $0.name == type.name } ?? 0
    }

    package var type: RecordType { Catalogue.types[typePlace] }

    package var spoolPath: String {
        switch home {
        case .spool(let folder): "\(folder)/\(sha256)"
        case .path(let path): path
        }
    }

    /// Types are loaded in the order of the catalogue.
    fileprivate var rank: Int { typePlace }
}

/// The files that one run loads together.
package struct Batch: Sendable {
    package let run: Int64?
    package let slot: Timestamp
    /// The slot's civil day in the drop's zone.
    package let day: Day
    /// The files in load order: parents' types first, and within a type the oldest first.
    ///
    /// Age is the date in the names where all files of the type carry one, otherwise the modification time, then the
    /// name (`records.md` 5.5).
    package let files: [ReceivedFile]
    /// The types of which a file cannot be trusted, so that no file of them clears or removes anything.
    package var suspended: Set<String> = []
    /// The types whose files all carry a date of their own in their names.
    private let apart: Set<String>
    /// The places of each type's files.
    private let places: [String: Range<Int>]
    /// What the files of a type have been found to name.
    private let siblings: [String: Siblings]

    package init(run: Int64?, slot: Timestamp, day: Day, files: [ReceivedFile]) {
        self.run = run
        self.slot = slot
        self.day = day
        let lots = Dictionary(grouping: files.indices, by: { files[$0].rank }).sorted { $0.key < $1.key }
        var ordered: [ReceivedFile] = []
        ordered.reserveCapacity(files.count)
        var apart: Set<String> = []
        var ranges: [String: Range<Int>] = [:]
        for (rank, places) in lots {
            let dates = places.map { Self.nameDate(of: files[$0], on: day) }
            let allDated = dates.allSatisfy { $0 != nil }
            let name = Catalogue.types[rank].name
            if allDated, Set(dates).count == dates.count { apart.insert(name) }
            ranges[name] = ordered.count..<ordered.count + places.count
            let inOrder = zip(places, dates).sorted { one, other in
                if allDated, let left = one.1, let right = other.1, left != right { return left < right }
                let (file, next) = (files[one.0], files[other.0])
                if file.mtime != next.mtime { return file.mtime ?? 0 < next.mtime ?? 0 }
                return file.name.utf8.lexicographicallyPrecedes(next.name.utf8)
            }
            for (place, _) in inOrder { ordered.append(files[place]) }
        }
        self.files = ordered
        self.apart = apart
        places = ranges
        siblings = ranges.mapValues { Siblings(Set(ordered[$0].map(\.fileID))) }
    }

    /// The same files, of which nothing has been found out yet.
    func afresh() -> Batch {
        var batch = Batch(run: run, slot: slot, day: day, files: files)
        batch.suspended = suspended
        return batch
    }

    /// How many files of a type there are.
    package func count(of type: RecordType) -> Int { places[type.name]?.count ?? 0 }

    /// The files of a type, in load order.
    func files(of type: RecordType) -> ArraySlice<ReceivedFile> { files[places[type.name] ?? 0..<0] }

    /// The date in a file's name, unless it lies in the future.
    func nameDate(of file: ReceivedFile) -> FileNameDate? { Self.nameDate(of: file, on: day) }

    private static func nameDate(of file: ReceivedFile, on day: Day) -> FileNameDate? {
        guard let date = FileNameDate(in: file.name), let limit = day.adding(days: 1), date.day <= limit
        else {
            return nil
        }
        return date
    }

    /// The files of a file's type, itself among them, if others share their keys with it.
    ///
    /// A file whose name says another date than all others stands alone, as if each had come in its own run.
    func siblings(of file: ReceivedFile, united: Bool) -> Siblings? {
        guard count(of: file.type) > 1, united || !apart.contains(file.type.name) else { return nil }
        return siblings[file.type.name]
    }
}
