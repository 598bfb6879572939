import Ledger
import Receivables

/// What is remembered of a file's rows that wait for parents of their own type.
struct FamilyNotes {
    /// Rejected rows whose parent was not known when they were judged.
    private(set) var lostChildren: [(place: RecordPlace, parent: String)] = []
    /// Repetitions of rows that wait; they share the fate of the first.
    private(set) var twins: [(place: RecordPlace, key: String, first: Int64)] = []
    /// Why rows that waited were refused in the end.
    var refused: [String: Finding] = [:]

    /// Beyond this many the findings already made must do: memory must not grow with the file.
    private static let most = 10_000

    mutating func note(lostChild parent: String, at place: RecordPlace) {
        if lostChildren.count < Self.most { lostChildren.append((place, parent)) }
    }

    /// - Returns: Whether there was room.
    mutating func note(twinOf key: String, first: Int64, at place: RecordPlace) -> Bool {
        guard twins.count < Self.most else { return false }
        twins.append((place, key, first))
        return true
    }
}

/// Rows that name a parent of their own type: it may stand further down in the file, or nowhere.
extension KeyedLoad {
    /// Rows that cannot be stored without their parent: loops are refused, the rest follows its parents.
    func settleFamilies(_ edges: ParentEdges) throws {
        while try edges.findCycles() { try refuseLoops(edges) }
        try edges.findReady()
        while let edge = try edges.nextReady() {
            forgetOwn()
            try withRecord(edge.bytes) { record in try judge(record, at: edge.place, isRetry: true) }
            try edges.remove(edge, isStored: true)
        }
        try parkOrphans(edges)
        try settleTwins()
        for child in family.lostChildren where try !transaction.isStored(child.parent, type) {
            try transaction.issues.append(
                .parentNotFound(type.table, id: child.parent, isParked: false),
                at: child.place,
                column: "parent_id"
            )
        }
    }

    private func refuseLoops(_ edges: ParentEdges) throws {
        var last: Int64 = 0
        while case let page = try edges.edges(after: last), let end = page.last {
            last = end.place.record
            for edge in page where edge.isInCycle {
                let finding = Finding.parentCycle(try edges.loop(of: edge))
                try transaction.issues.append(finding, at: edge.place, column: "parent_id")
                counts.rejected += 1
                noteJudged(edge.place)
                if !family.twins.isEmpty { family.refused[edge.child] = finding }
            }
            for edge in page where edge.isInCycle { try edges.remove(edge, isStored: false) }
        }
    }

    /// What is left when all families are written has no parent.
    private func parkOrphans(_ edges: ParentEdges) throws {
        var last: Int64 = 0
        while case let page = try edges.edges(after: last), let end = page.last {
            last = end.place.record
            for edge in page {
                let orphan = Orphan(column: "parent_id", table: type.table, id: edge.parent)
                let isParked = try edge.bytes.withUnsafeBytes { bytes in
                    try park([orphan], at: edge.place, key: Array(edge.child.utf8), owner: nil, bytes: bytes)
                }
                guard !isParked, !family.twins.isEmpty else { continue }
                family.refused[edge.child] = .parentNotFound(orphan.table, id: orphan.id, isParked: false)
            }
        }
    }

    /// The repetitions of rows that waited for their parent share their fate.
    private func settleTwins() throws {
        for twin in family.twins {
            if let finding = family.refused[twin.key] {
                counts.rejected += 1
                try transaction.issues.append(finding, at: twin.place, column: "parent_id")
            } else {
                try countTwin(of: twin.first, at: twin.place)
            }
        }
    }

    /// Rows that can be stored without their parent: those whose parent is known and closes no loop are linked.
    func linkParents(_ edges: ParentEdges) throws {
        _ = try edges.findCycles()
        var last: Int64 = 0
        while case let page = try edges.edges(after: last), let end = page.last {
            last = end.place.record
            for edge in page { try link(edge, edges) }
        }
    }

    /// The warnings of a row that is changed by its link alone.
    private func warnLate(_ edge: ParentEdges.Edge) throws {
        try withRecord(edge.bytes) { record in
            reader.read(record)
            try warn(rules.warnings(reader, status: nil, transaction: transaction), at: edge.place)
        }
    }

    private func link(_ edge: ParentEdges.Edge, _ edges: ParentEdges) throws {
        try transaction.changes?.stand(at: edge.place)
        let isKnown = try transaction.isCustomer(edge.parent)
        let parent = isKnown && !edge.isInCycle ? edge.parent : nil
        let hasChanged = try transaction.link(
            customer: edge.child,
            to: parent,
            isInCycle: isKnown && edge.isInCycle
        )
        let wasUnchanged = edge.outcome == Outcome.unchanged.rawValue
        if hasChanged, wasUnchanged {
            counts.unchanged -= 1
            counts.updated += 1
            if !edge.bytes.isEmpty { try warnLate(edge) }
        }
        guard hasChanged || !wasUnchanged else { return }
        if !isKnown {
            try transaction.issues.append(
                .parentMissingLinkedLater(edge.parent),
                at: edge.place,
                column: "parent_id"
            )
        } else if edge.isInCycle {
            let finding = Finding.parentCycle(try edges.loop(of: edge), severity: .warning)
            try transaction.issues.append(finding, at: edge.place, column: "parent_id")
        }
    }
}
