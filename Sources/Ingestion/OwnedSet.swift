import CSV
import Ledger
import Receivables

/// How the set of one owner is judged and written.
extension OwnedLoad {
    /// Shows the rows of a set one after the other, as often as it is asked.
    typealias Members = ((OwnedMember) throws -> Void) throws -> Void

    /// What is known of a set while it is written.
    private struct Progress {
        /// Whether all rows were applied, so that the stored rows that the set leaves out may go.
        var isWhole = true
        /// Whether the stored rows are now just what the set comes to, whatever the order of its rows and whatever
        /// is stored elsewhere.
        var isSettled = true
        /// The contact that is primary now; 0 while its row is not written yet.
        var primary: Int64?
        /// The amounts of the lines that were applied, added up.
        var sum: Int64 = 0
        var hasLines = false
        var labels: [Address] = []
        /// The keys of the rows, where there are further addresses.
        var keys: Set<[UInt8]> = []
        var emptySets: [RecordPlace] = []
    }

    /// A further address in a row.
    private struct Address {
        var values: [FieldValue]
        var key: [UInt8]
        var isOfUnchanged: Bool
    }

    /// Writes one owner's set, or refuses all of it when it comes to more than the owner has.
    ///
    /// - Returns: Whether the same set would leave everything as it is now.
    func settle(_ owner: UnsafeRawBufferPointer, hash: UInt64, _ members: Members) throws -> Bool {
        if !layout.isCorrection, mayBeParked(hash) {
            try endParking(.owner(Array(owner)), except: circumstances.companions)
        }
        try owners.look(up: naming.id(of: owner))
        try stored.read(of: owner, into: &standing)
        guard try mayOverApply(members) else {
            return try write(owner, hash, members, refusing: nil).isSettled
        }
        let before = (counts, judged.count)
        var refusal: Finding?
        var isSettled = false
        do {
            try transaction.attempt {
                let progress = try write(owner, hash, members, refusing: nil)
                isSettled = progress.isSettled
                refusal = try owners.overApplied(sum: stored.isFresh ? progress.sum : stored.sum(of: owner))
                return refusal == nil
            }
        } catch is LoadTransaction.TooLargeToTakeBack {
            throw FileRefusal(.tooManyOverApplied)
        }
        guard let refusal else { return isSettled }
        counts = before.0
        forgetJudged(after: before.1)
        return try write(owner, hash, members, refusing: refusal).isSettled
    }

    /// Whether the lines might come to more than the owner has; looked at more closely once they are written.
    private func mayOverApply(_ members: Members) throws -> Bool {
        guard owners.limitsLines else { return false }
        // Neither a row that is refused nor a stored one that goes can make the sum larger than this.
        var most: Int64 = 0
        func add(_ amount: Int64) {
            let (sum, isTooLarge) = most.addingReportingOverflow(max(0, amount))
            most = isTooLarge ? .max : sum
        }
        for row in standing { add(row.amount) }
        try members { member in
            withRecord(member.bytes) { record in add(owners.amount(in: record)) }
        }
        return !owners.covers(most)
    }

    private func write(
        _ owner: UnsafeRawBufferPointer,
        _ hash: UInt64,
        _ members: Members,
        refusing refusal: Finding?
    ) throws -> Progress {
        var progress = Progress()
        if isHealing, type.table == "contact" { progress.primary = try stored.primaryContact(of: owner) }
        try members { member in
            try withRecord(member.bytes) { record in
                try judge(record, member, owner, hash, refusing: refusal, &progress)
            }
        }
        if refusal == nil { try complete(owner, &progress) } else { progress.isSettled = false }
        if !progress.isWhole { progress.isSettled = false }
        return progress
    }

    private func judge(
        _ record: Record,
        _ member: OwnedMember,
        _ owner: UnsafeRawBufferPointer,
        _ hash: UInt64,
        refusing refusal: Finding?,
        _ progress: inout Progress
    ) throws {
        try transaction.changes?.stand(at: member.place)
        reader.read(record, ownerCurrency: owners.currency)
        naming.readKey(of: record, into: &key)
        let place = member.place
        if layout.isCorrection || !circumstances.companions.isEmpty, mayBeParked(hash) {
            try endParking(.key(parkingKey(owner)))
        }
        if reader.saysEmpty, member.hasSiblings {
            reader.reject(.requiredBlank, column: type.emptySet?.blank)
        }
        if let repetition = member.repetition, !naming.isUnreadable(key) {
            progress.isSettled = false
            if try settle(repetition, at: place, isRefused: refusal != nil, owner, &progress) { return }
        }
        if try !owners.judge(reader, keepsAmount: keepsAmount(owner)) { progress.isSettled = false }
        let (missing, kept) = try parents(handlesOwn: false)
        if reader.problems.isEmpty, missing.isEmpty, let refusal {
            reader.reject(refusal, column: "amount")
        }
        // A parked row is judged for good only when all its parents are known.
        guard reader.problems.isEmpty || isHealing && !missing.isEmpty else {
            progress.isWhole = false
            return try reject(at: place, missing: missing)
        }
        guard missing.isEmpty else {
            progress.isWhole = false
            try park(missing, at: place, key: parkingKey(owner), owner: Array(owner), bytes: record.bytes)
            return
        }
        if !kept.isEmpty { progress.isSettled = false }
        if reader.saysEmpty {
            progress.isSettled = false
            progress.emptySets.append(place)
        } else {
            try apply(record, member, owner, kept: kept, &progress)
        }
    }

    private func parkingKey(_ owner: UnsafeRawBufferPointer) -> [UInt8] { Array(owner) + [0] + key }

    /// Whether the stored row has an amount in the invoice's currency that the file's row leaves as it is.
    private func keepsAmount(_ owner: UnsafeRawBufferPointer) throws -> Bool {
        guard keepsForeignAmount, type.emptySet != nil, !standing.isEmpty,
            reader.value(Self.foreignAmount).isNull
        else { return false }
        return try find(owner) != nil && table.integer(watched: 0) != nil
    }

    /// The stored row with the key of the row in hand.
    private func find(_ owner: UnsafeRawBufferPointer) throws -> Int64? {
        try key.withUnsafeBytes { try table.find(.text(owner), .text($0)) }
    }

    /// - Returns: Whether the row is dealt with, since another row with its key counts instead.
    private func settle(
        _ repetition: Repetition,
        at place: RecordPlace,
        isRefused: Bool,
        _ owner: UnsafeRawBufferPointer,
        _ progress: inout Progress
    ) throws -> Bool {
        let column = naming.keyColumn(of: key)
        // What is no address cannot be the same address.
        guard !reader.problems.contains(where: { $0.finding.code == .badEmail && $0.column == column }) else {
            return false
        }
        if repetition.areIdentical {
            guard place.record != repetition.firstRecord, !isRefused, reader.problems.isEmpty else {
                return false
            }
            _ = try owners.judge(reader, keepsAmount: keepsAmount(owner))
            guard try isFlawless(handlesOwn: false) else {
                // Judged again below, with everything else.
                reader.forgetProblems()
                return false
            }
            count(.unchanged, at: place)
            let finding = Finding.duplicateIdentical(record: Int(repetition.firstRecord))
            try transaction.issues.append(finding, at: place, column: column)
            return true
        }
        let text = String(decoding: key.dropFirst(), as: UTF8.self)
        let isSettled = try choose(
            Finding.duplicateKey(text, records: repetition.twins.map { Int($0) }),
            first: repetition.firstRecord,
            last: repetition.lastRecord,
            at: place,
            column: column
        )
        if isSettled, !reader.problems.isEmpty { progress.isWhole = false }
        return isSettled
    }

    private func apply(
        _ record: Record,
        _ member: OwnedMember,
        _ owner: UnsafeRawBufferPointer,
        kept: [(finding: Finding, column: String)],
        _ progress: inout Progress
    ) throws {
        let claimsPrimary = type.table == "contact" && reader.value("is_primary").number == 1
        if claimsPrimary, progress.primary != nil {
            // Which of them is primary depends on their order.
            progress.isSettled = false
            reader.replace("is_primary", with: .integer(0))
        }
        let (outcome, id) = try key.withUnsafeBytes { try store(owner, key: $0) }
        present.insert(id)
        written.insert(id)
        if claimsPrimary, progress.primary == nil { progress.primary = id }
        count(outcome, at: member.place)
        if outcome != .unchanged { try warn(kept, at: member.place) }
        progress.hasLines = true
        if owners.limitsLines {
            let (sum, isTooLarge) = progress.sum.addingReportingOverflow(reader.value("amount").number ?? 0)
            progress.sum = isTooLarge ? .max : sum
        }
        guard !layout.labels.isEmpty else { return }
        progress.keys.insert(key)
        let (customer, invoice) = naming.contactOwner(owner)
        for label in layout.labels {
            let cell = Cell.trimmed(record.field(label.field))
            guard !cell.isEmpty else { continue }
            let key = naming.emailKey(cell)
            let values: [FieldValue] = [
                .text(owner), .rewritten(key), customer, invoice, .rewritten(Array(cell)),
                .text(of: label.source),
            ]
            progress.labels.append(Address(values: values, key: key, isOfUnchanged: outcome == .unchanged))
        }
    }

    /// Adds or changes the stored row, if there is anything to change.
    private func store(_ owner: UnsafeRawBufferPointer, key: UnsafeRawBufferPointer) throws -> (
        Outcome, Int64
    ) {
        values.removeAll(keepingCapacity: true)
        for source in sources {
            switch source {
            case .cell(let column): values.append(reader.values[column])
            case .owner: values.append(.text(owner))
            case .key: values.append(.text(key))
            case .customer: values.append(naming.contactOwner(owner).customer)
            case .file(let name): values.append(.rewritten(name))
            case .scale: values.append(.integer(Int64(owners.currency?.exponent ?? 2)))
            }
        }
        guard !standing.isEmpty, let id = try table.find(.text(owner), .text(key)) else {
            return (.inserted, try table.insert(values))
        }
        let changes = try table.changes(values)
        guard !changes.isEmpty else { return (.unchanged, id) }
        try table.update(values, at: changes, id: id)
        return (.updated, id)
    }

    /// Adds the further addresses, removes what the file no longer names, and notes that there were lines.
    private func complete(_ owner: UnsafeRawBufferPointer, _ progress: inout Progress) throws {
        try transaction.changes?.stand(at: nil)
        if let primary = progress.primary, !standing.isEmpty {
            try stored.makeOnlyPrimary(contact: primary, of: owner)
        }
        try writeAddresses(&progress)
        var removed = 0
        for row in standing where !present.contains(row.id) {
            if try !row.isProducts && mayRemove(row.id, progress) {
                try stored.delete(row.id)
                removed += 1
            } else {
                progress.isSettled = false
                present.insert(row.id)
            }
        }
        counts.deleted += removed
        guard progress.hasLines || !progress.emptySets.isEmpty else { return }
        let areFirstLines = try owners.hasNoLines && stored.noteLines(of: owner)
        for place in progress.emptySets {
            count(removed > 0 || areFirstLines ? .updated : .unchanged, at: place)
        }
    }

    /// Whether a stored row that the set leaves out goes.
    private func mayRemove(_ id: Int64, _ progress: Progress) throws -> Bool {
        guard progress.isWhole, !circumstances.siblings.contains(id), !hidesAbsence, !isHealing,
            !layout.isCorrection, !settings.deltaTypes.contains(type.name), !circumstances.isSuspended
        else { return false }
        // A column that the file does not have says nothing about the contacts that came from it.
        guard let source = try stored.source(of: id) else { return true }
        return source == "\(type.name)/email" || layout.labels.contains { $0.source == source }
    }

    private func writeAddresses(_ progress: inout Progress) throws {
        guard let labelTable else { return }
        for address in progress.labels {
            guard progress.keys.insert(address.key).inserted else {
                // Which row it is taken from depends on their order.
                progress.isSettled = false
                continue
            }
            var hasChanged = true
            if !standing.isEmpty, let id = try labelTable.find(address.values[0], address.values[1]) {
                present.insert(id)
                written.insert(id)
                let changes = try labelTable.changes(address.values)
                hasChanged = !changes.isEmpty
                if hasChanged { try labelTable.update(address.values, at: changes, id: id) }
            } else {
                let id = try labelTable.insert(address.values)
                present.insert(id)
                written.insert(id)
            }
            if hasChanged, address.isOfUnchanged {
                counts.unchanged -= 1
                counts.updated += 1
            }
        }
    }
}
