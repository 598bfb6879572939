import CSV
import Ledger
import Receivables

/// What a file closes by not naming it, and who may keep it from that.
extension FileLoad {
    /// What clearing came to.
    struct Clearing {
        var cleared = 0
        /// What it would have come to had it not been suspended: the guard looks at this.
        var wouldClear = 0
        /// Whether nothing kept the file from it.
        var isDone = false
    }

    /// Clears, zeroes or deletes what a snapshot does not name, where it may.
    func clear(
        _ layout: FileLayout,
        _ present: Presence,
        _ parts: Parts,
        hidesAbsence: Bool,
        counts: RowCounts,
        hasOthers: Bool
    ) throws -> Clearing {
        guard isSnapshot(layout) else { return Clearing() }
        if hidesAbsence {
            try transaction.issues.append(.absenceSuspended("A row's key cannot be read"))
            return Clearing()
        }
        var clearing = Clearing()
        if counts.inserted + counts.updated + counts.unchanged > 0 {
            clearing.isDone = !isSuspended(parts)
            if let clearable = parts.clearable, clearable == 0 || !clearing.isDone {
                clearing.wouldClear = clearable
            } else if hasOthers {
                let named = parts.present.union(present)
                // Where nothing is cleared, the guard still wants to know how many it would be.
                clearing.wouldClear = try transaction.clear(
                    type,
                    except: named,
                    day: clearing.isDone ? batch.day.description : nil
                )
                siblings?.note(clearable: clearing.wouldClear)
            }
        }
        if isSuspended(parts) {
            try transaction.issues.append(.absenceSuspended("Another file of the batch cannot be trusted"))
        } else {
            clearing.cleared = clearing.wouldClear
        }
        return clearing
    }

    /// The files that make one delivery with this one, itself among them; `nil` where it stands alone.
    var siblings: Siblings? { batch.siblings(of: file, united: settings.unitesParts && isSnapshotType) }

    /// What the other files of the delivery name.
    func parts() throws -> Parts {
        guard let siblings else { return Parts() }
        // Of an owner's rows the file removes what neither it nor another names; what it writes otherwise it names.
        let own = type.identity.owners.isEmpty ? nil : try survey([file]).present
        return try siblings.parts(beside: file.fileID, own: own) { try survey(batch.files(of: type)) }
    }

    private func survey(_ files: ArraySlice<ReceivedFile>) throws -> PartsSurvey {
        try PartsSurvey(files, type: type, settings: settings, transaction: transaction, pulse: pulse)
    }

    func isSuspended(_ parts: Parts) -> Bool {
        parts.hidesAbsence || batch.suspended.contains(type.name)
    }

    /// Whether a file of the type names every open record.
    var isSnapshotType: Bool { type.isSnapshot || type.table == "contact" && settings.contactsAreSnapshot }

    func mayRemove(_ layout: FileLayout) -> Bool {
        !layout.isCorrection && !settings.deltaTypes.contains(type.name) && !isOlder
    }

    /// Whether this file names every open record, so that missing ones are closed.
    func isSnapshot(_ layout: FileLayout) -> Bool { isSnapshotType && mayRemove(layout) }

    /// `nil` for a file that no guard looks at.
    ///
    /// - Parameter rows: The data rows of the file, where they are known already.
    func guarding(_ layout: FileLayout, rows: Int? = nil, _ parts: Parts = Parts()) throws -> TruncationGuard?
    {
        if case .release = occasion { return nil }
        guard isSnapshot(layout) else { return nil }
        return TruncationGuard(
            settings: settings,
            last: try transaction.lastApplied(type: type.name),
            open: try OpenRecords(type, canMatter: mayHold(rows, parts), transaction)
        )
    }

    /// Whether the number of open records can matter: it takes long to count them for each of many small files.
    private func mayHold(_ rows: Int?, _ parts: Parts) -> Bool {
        guard type.identity.owners.isEmpty, let rows, rows > 0, let clearable = parts.clearable else {
            return true
        }
        // It closes no more than its rows, and what no part names.
        return rows + clearable >= settings.guardRows
    }
}
