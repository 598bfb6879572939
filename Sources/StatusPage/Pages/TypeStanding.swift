import Ledger
import Receivables

/// How each record type stands: what came last, and whether that is soon enough.
struct TypeStanding: Sendable {
    let type: RecordType
    /// The newest file whose rows were applied.
    let applied: FileRow?
    /// The newest file that was taken, whatever became of it.
    let taken: FileRow?
    /// How it stands against what is expected; `nil` where nothing is.
    let arrival: Arrival?

    /// All types in load order.
    ///
    /// - Throws: `DatabaseError`.
    static func all(_ source: PageSource) throws -> [TypeStanding] {
        let (applied, taken) = try source.directory.newestOfTypes()
        let arrivals = Dictionary(try ArrivalLedger(source.ledger).all().map { ($0.type, $0) }) { first, _ in
            first
        }
        return Catalogue.types.map { type in
            TypeStanding(
                type: type,
                applied: applied[type.name],
                taken: taken[type.name],
                arrival: arrivals[type.name]
            )
        }
    }

    /// Milliseconds since a file was last loaded.
    func age(now: Timestamp) -> Int64? {
        guard let loaded = applied?.settledAt.flatMap({ Timestamp($0) }) else { return nil }
        return max(0, now.milliseconds - loaded.milliseconds)
    }

    /// How it stands, as a word.
    var chip: Chip {
        switch arrival?.state {
        case .fresh: Chip("good", "fresh")
        case .late: Chip("warn", "late")
        case .missing: Chip("bad", "missing")
        case nil: applied == nil ? Chip("idle", "never loaded") : Chip("idle", "no expectation")
        }
    }
}
