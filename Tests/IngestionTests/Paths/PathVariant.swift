import Ingestion

/// A way to load files: what comes of them must not depend on it.
struct PathVariant: Sendable, CustomStringConvertible {
    let description: String
    let tuning: LoadTuning

    private init(_ description: String, _ change: (inout LoadTuning) -> Void) {
        self.description = description
        var tuning = LoadTuning()
        tuning.rememberedRows = 1
        change(&tuning)
        self.tuning = tuning
    }

    /// Every file is looked through, then judged row by row: what the others are measured against.
    static let plain = PathVariant("plain") { $0.takesQuickPaths = false }

    /// The quick paths, for files of any size.
    static let quick = [
        PathVariant("one block") { _ in },
        PathVariant("small blocks, no order") { tuning in
            tuning.blockEntries = 3
            tuning.strays = 1
            tuning.entriesPerChange = 0
        },
        PathVariant("small blocks, no room for a map") { tuning in
            tuning.blockEntries = 2
            tuning.strays = 2
            tuning.mapEntries = 0
            tuning.entriesPerChange = 1
        },
        PathVariant("colliding hashes") { tuning in
            tuning.blockEntries = 5
            tuning.strays = 3
            tuning.hashesWeakly = true
        },
    ]

    /// The quick way into an empty table, for files of any size.
    static let first = [
        PathVariant("into empty tables at once") { $0.firstBytes = 0 },
        PathVariant("into empty tables at once, in many stretches") { tuning in
            tuning.firstBytes = 0
            tuning.stretchBytes = 200
        },
        PathVariant("into empty tables at once, colliding hashes") { tuning in
            tuning.firstBytes = 0
            tuning.blockEntries = 4
            tuning.hashesWeakly = true
        },
    ]
}
