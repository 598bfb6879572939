import CSV
import Glibc
import Ledger

/// How the parts of a file are gone through: owners whose sets are known are passed over, the others' rows are gathered.
extension OwnedLoad {
    /// The rows of one owner within a part, or within the owners of one hash.
    private struct UnknownSet {
        var owner: UnsafeRawBufferPointer
        /// Its references in the part.
        var rows: Range<Int>
        /// Where its owner stands in the memory; `nil` for owners who share a hash.
        var place: Int?
    }

    func settle(_ part: PartedRows.Part, _ memory: inout OwnerMemory?, _ pulse: Pulse) throws {
        var part = part
        for set in try unknownSets(of: &part, &memory, pulse) {
            try pulse.beat(bytes: 0)
            gather(set, part)
            let hash = part.references[set.rows.lowerBound].owner
            let isSettled = try settle(set.owner, hash: hash) { body in
                for member in members { try body(member) }
            }
            if isSettled, let place = set.place { memory?.remember(place) }
        }
    }

    /// The sets of a part that must be settled, in the order of their owners' bytes; the others count as unchanged.
    private func unknownSets(
        of part: inout PartedRows.Part,
        _ memory: inout OwnerMemory?,
        _ pulse: Pulse
    ) throws -> [UnknownSet] {
        var sets: [UnknownSet] = []
        var start = 0
        while start < part.references.count {
            let hash = part.references[start].owner
            var end = start
            var sum = RecordHash(low: 0, high: 0)
            while end < part.references.count, part.references[end].owner == hash {
                if let hasher { sum &+= hasher.hash(part.row(part.references[end]).bytes) }
                end += 1
            }
            defer { start = end }
            let known = try memory?.look(up: hash, set: sum)
            if let known, known.isKnown {
                try passOver(start..<end, of: part, pulse)
                continue
            }
            split(start..<end, of: &part) { owner, rows in
                let place = rows.count == end - start ? known?.place : nil
                sets.append(UnknownSet(owner: owner, rows: rows, place: place))
            }
        }
        return sets.sorted { Self.precedes($0.owner, $1.owner) }
    }

    /// Counts rows whose owners have just these.
    private func passOver(_ range: Range<Int>, of part: PartedRows.Part, _ pulse: Pulse) throws {
        counts.unchanged += range.count
        passedOver += range.count
        var last = UnsafeRawBufferPointer(start: nil, count: 0)
        for index in range {
            try pulse.beat(bytes: 0)
            guard circumstances.isSnapshot else { continue }
            let owner = part.row(part.references[index]).owner
            guard !Self.areEqual(owner, last) else { continue }
            last = owner
            try stored.read(of: owner, into: &standing)
            for row in standing { present.insert(row.id) }
        }
    }

    /// Splits rows of owners with one hash, nearly always rows of one owner, by the owner itself.
    private func split(
        _ range: Range<Int>,
        of part: inout PartedRows.Part,
        _ body: (UnsafeRawBufferPointer, Range<Int>) -> Void
    ) {
        let whole = part
        func owner(_ index: Int) -> UnsafeRawBufferPointer { whole.row(whole.references[index]).owner }
        let first = owner(range.lowerBound)
        guard range.contains(where: { !Self.areEqual(owner($0), first) }) else { return body(first, range) }
        part.references[range].sort { one, other in
            let (left, right) = (whole.row(one).owner, whole.row(other).owner)
            return Self.areEqual(left, right) ? one.offset < other.offset : Self.precedes(left, right)
        }
        var start = range.lowerBound
        for index in range {
            let owner = part.row(part.references[start]).owner
            let isLast = index + 1 == range.upperBound
            guard isLast || !Self.areEqual(part.row(part.references[index + 1]).owner, owner) else {
                continue
            }
            body(owner, start..<index + 1)
            start = index + 1
        }
    }

    private static func areEqual(_ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Bool {
        one.count == other.count && compare(one, other) == 0
    }

    private static func precedes(_ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Bool {
        let order = compare(one, other)
        return order == 0 ? one.count < other.count : order < 0
    }

    private static func compare(_ one: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Int32 {
        guard let left = one.baseAddress, let right = other.baseAddress else { return 0 }
        return memcmp(left, right, min(one.count, other.count))
    }

    /// Takes the rows of a set together, in file order, with what each must know of the others.
    private func gather(_ set: UnknownSet, _ part: PartedRows.Part) {
        members.removeAll(keepingCapacity: true)
        var hashes: [UInt64] = []
        for index in set.rows {
            let row = part.row(part.references[index])
            if set.rows.count > 1 { hashes.append(row.keyHash) }
            members.append(
                OwnedMember(place: row.place, bytes: row.bytes, hasSiblings: set.rows.count > 1)
            )
        }
        hashes.sort()
        guard zip(hashes, hashes.dropFirst()).contains(where: { $0 == $1 }) else { return }
        findRepetitions()
    }

    /// Compares the keys themselves, since hashes of some have met.
    private func findRepetitions() {
        var places: [[UInt8]: [Int]] = [:]
        for (index, member) in members.enumerated() {
            withRecord(member.bytes) { record in
                let key = naming.key(of: record)
                if !naming.isUnreadable(key) { places[key, default: []].append(index) }
            }
        }
        for same in places.values where same.count > 1 {
            let all = same.map { members[$0] }
            let areIdentical = all.allSatisfy { Self.areEqual($0.bytes, all[0].bytes) }
            for (index, member) in zip(same, all) {
                let others = all.lazy.map(\.place.record).filter { $0 != member.place.record }
                members[index].repetition = Repetition(
                    firstRecord: all[0].place.record,
                    lastRecord: all[all.count - 1].place.record,
                    areIdentical: areIdentical,
                    twins: areIdentical ? [] : Array(others.prefix(11))
                )
            }
        }
    }

    /// Settles a part that is too large to be taken into memory; its owners are not remembered.
    func settleOversize(_ part: Int, _ pulse: Pulse) throws {
        let staged = try transaction.stageRows()
        try rows.forEachRow(of: part) { row in
            try pulse.beat(bytes: 0)
            withRecord(row.bytes) { record in naming.readKey(of: record, into: &key) }
            try staged.append(owner: row.owner, key: key, at: row.place, bytes: row.bytes)
        }
        try staged.forEachOwner { owner in
            try owner.withUnsafeBytes { owner in
                _ = try settle(owner, hash: owning.hash(owner).low) { body in
                    try staged.forEachMember(of: owner) { member in
                        try pulse.beat(bytes: 0)
                        try member.bytes.withUnsafeBytes { try body(OwnedMember(member, bytes: $0)) }
                    }
                }
            }
        }
        try staged.clear()
    }
}
