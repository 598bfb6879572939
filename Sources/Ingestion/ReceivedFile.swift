package import Ledger
package import Receivables

/// A file whose bytes lie in the spool.
package struct ReceivedFile: Sendable {
    package var fileID: Int64
    package var type: RecordType
    /// The name as people see it.
    package var name: String
    /// The modification time on the server, an opaque token that only orders files.
    package var mtime: Int64?
    package var size: Int64
    package var sha256: String
    package var spoolPath: String

    package init(
        fileID: Int64,
        type: RecordType,
        name: String,
        mtime: Int64?,
        size: Int64,
        sha256: String,
        spoolPath: String
    ) {
        self.fileID = fileID
        self.type = type
        self.name = name
        self.mtime = mtime
        self.size = size
        self.sha256 = sha256
        self.spoolPath = spoolPath
    }
}

/// The files that one run loads together.
package struct Batch: Sendable {
    package var run: Int64?
    package var slot: Timestamp
    /// The slot's civil day in the drop's zone.
    package var day: Day
    package var files: [ReceivedFile]
    /// The types of which a file cannot be trusted, so that no file of them clears or removes anything.
    package var suspended: Set<String> = []

    package init(run: Int64?, slot: Timestamp, day: Day, files: [ReceivedFile]) {
        self.run = run
        self.slot = slot
        self.day = day
        self.files = files
    }

    /// The date in a file's name, unless it lies in the future.
    func nameDate(of file: ReceivedFile) -> FileNameDate? {
        guard let date = FileNameDate(in: file.name), let limit = day.adding(days: 1), date.day <= limit
        else {
            return nil
        }
        return date
    }

    /// The files in load order: parents' types first, and within a type the oldest first.
    ///
    /// Age is the date in the names where all files of the type carry one, otherwise the modification time, then the
    /// name (`records.md` 5.5).
    package var ordered: [ReceivedFile] {
        Catalogue.types.flatMap { type in
            let siblings = files.filter { $0.type.name == type.name }
            let dates = siblings.map { nameDate(of: $0) }
            let allDated = dates.allSatisfy { $0 != nil }
            return zip(siblings, dates).sorted { one, other in
                if allDated, let left = one.1, let right = other.1, left != right { return left < right }
                if one.0.mtime != other.0.mtime { return one.0.mtime ?? 0 < other.0.mtime ?? 0 }
                return one.0.name.utf8.lexicographicallyPrecedes(other.0.name.utf8)
            }.map(\.0)
        }
    }

    /// The other files of a file's type that share their keys with it.
    ///
    /// A file whose name says another date than all others stands alone, as if each had come in its own run.
    func parts(beside file: ReceivedFile, united: Bool) -> [ReceivedFile] {
        let siblings = files.filter { $0.type.name == file.type.name }
        let dates = siblings.compactMap { nameDate(of: $0) }
        if !united, dates.count == siblings.count, Set(dates).count == dates.count { return [] }
        return siblings.filter { $0.fileID != file.fileID }
    }
}
