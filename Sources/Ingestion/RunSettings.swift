package import CSV
package import Ledger

/// What a drop's configuration says about its runs.
package struct RunSettings: Sendable {
    /// How the inbox is laid out.
    package enum Layout: Sendable, Equatable {
        /// One directory for each record type.
        case folders
        /// One directory for all; the patterns are names for some types, by the type's name.
        case flat(patterns: [String: [String]])
    }

    /// How the sender says that a file is complete.
    package enum Marker: Sendable, Equatable {
        case none
        /// `NAME.done` lies beside it.
        case done
        /// `NAME.sha256` lies beside it, with the hash of its bytes.
        case sha256
        /// ``RunSettings/manifestName`` lies beside it and names it.
        case manifest
    }

    /// Lists the complete files of its folder, a name a line, each perhaps behind its SHA-256 as `sha256sum` writes it.
    package static let manifestName = "manifest.txt"

    package var layout = Layout.folders
    package var after = AfterLoad.move
    package var marker = Marker.none
    /// Every file is read twice and must be the same both times.
    package var readsTwice = false
    package var quietPeriod = Duration.seconds(30)
    /// How long an inbox that cannot be reached at the slot is tried.
    package var retryFor = Duration.seconds(600)
    /// What is not begun by then is left for the next run.
    package var deadline = Duration.seconds(3000)
    package var filesPerRun = 100_000
    /// The size of the largest file that is fetched.
    package var fileBytes: Int64 = 8 << 30
    /// What must stay free on the disk of the spool.
    package var freeBytes: Int64 = 1 << 30
    /// How long copies are kept after their file is settled, in seconds.
    package var spoolKeep: Int64 = 90 * 86_400
    /// How many disposals are under way at once; most of each is waiting for the server.
    package var disposalsAtOnce = 64
    /// IANA name of the zone whose civil day a slot belongs to.
    package var zone = "UTC"
    /// What files are written in unless they say otherwise, and their limits: by these the error report reads them again.
    package var encoding = Encoding.utf8
    package var csvLimits = Limits()

    package init() {}
}
