/// Entries that come in pieces.
protocol ManifestSource {
    /// Reads the next piece into memory.
    ///
    /// - Parameter make: Makes room for as many entries.
    /// - Returns: How many there are; `nil` behind the last piece.
    func next(_ make: (Int) -> UnsafeMutablePointer<ManifestEntry>) throws -> Int?
}

/// Entries that are set aside until the rows of their file are through: between these they would be written, and be written
/// again.
///
/// Many go into a file, so that memory does not grow with them.
final class ManifestParts: ManifestSource {
    private let perPart: Int
    /// The last of them, not in the file.
    private var part: [ManifestEntry] = []
    private var file: NamelessFile?
    private var partsInFile = 0
    private var partsRead = 0

    init(perPart: Int) {
        self.perPart = perPart
        part.reserveCapacity(perPart)
    }

    var count: Int { partsInFile * perPart + part.count }

    func append(_ entry: ManifestEntry) throws {
        if part.count == perPart { try putAway() }
        part.append(entry)
    }

    private func putAway() throws {
        let file = try file ?? NamelessFile()
        self.file = file
        try part.withUnsafeBytes { try file.write($0, at: partsInFile * $0.count) }
        partsInFile += 1
        part.removeAll(keepingCapacity: true)
    }

    func next(_ make: (Int) -> UnsafeMutablePointer<ManifestEntry>) throws -> Int? {
        defer { partsRead += 1 }
        if partsRead < partsInFile, let file {
            let target = UnsafeMutableRawBufferPointer(
                UnsafeMutableBufferPointer(start: make(perPart), count: perPart)
            )
            try file.read(into: target, at: partsRead * target.count)
            return perPart
        }
        guard partsRead == partsInFile, !part.isEmpty else { return nil }
        make(part.count).update(from: part, count: part.count)
        return part.count
    }
}
