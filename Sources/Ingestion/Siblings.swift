import Ledger
import Synchronization

/// What the other files of the batch that make one delivery with a file name, so that it removes none of it.
struct Parts {
    /// The stored rows that another part names; where a file's rows have keys of their own, also those it names itself.
    var present = Presence()
    /// Whether what another part names cannot be known: it is unreadable, failed or held.
    var hidesAbsence = false
    /// The data rows of the other parts.
    var rows = 0
    /// How many open records no part names; `nil` while nobody has counted them.
    var clearable: Int?
}

/// The files of one type that came together, and what they name.
///
/// Found out once, before the first of them is loaded, and kept up with what is loaded since: to look at all of them
/// again for each would take a day for 100,000 files.
final class Siblings: Sendable {
    /// The files of the type.
    let files: Set<Int64>
    private let state = Mutex(State())

    private struct State {
        var survey: PartsSurvey?
        /// The rows that were named by what was loaded since.
        var added = Presence()
        /// Those, and the rows that the survey found.
        var present = Presence()
        var stopped: Set<Int64> = []
        var totalRows = 0
        var clearable: Int?
        var hasEndedParking = false
    }

    init(_ files: Set<Int64>) { self.files = files }

    /// What the files other than one name.
    ///
    /// - Parameters:
    ///   - own: The rows that the file names as well, where it matters that nobody else does.
    ///   - survey: Looks at all of them, the first time.
    func parts(beside file: Int64, own: Presence?, survey: () throws -> PartsSurvey) throws -> Parts {
        if state.withLock({ $0.survey == nil }) {
            let survey = try survey()
            state.withLock { state in
                state.survey = survey
                state.present = survey.present
                state.stopped = survey.stopped
                state.totalRows = survey.rows.values.reduce(0, +)
            }
        }
        return state.withLock { state in
            var parts = Parts(present: state.present, clearable: state.clearable)
            if let own, let survey = state.survey {
                parts.present = survey.present.subtracting(own)
                parts.present.formUnion(survey.shared)
                parts.present.formUnion(state.added)
            }
            parts.rows = state.totalRows - (state.survey?.rows[file] ?? 0)
            parts.hidesAbsence =
                Self.hasOther(state.stopped, than: file)
                || Self.hasOther(state.survey?.hiding ?? [], than: file)
            return parts
        }
    }

    private static func hasOther(_ files: Set<Int64>, than file: Int64) -> Bool {
        files.count > (files.contains(file) ? 1 : 0)
    }

    /// Notes how many open records no part names: no load of a part changes any of those unless it clears them.
    func note(clearable: Int) { state.withLock { $0.clearable = clearable } }

    /// Whether what older files had parked has been ended by one of these files.
    var hasEndedParking: Bool { state.withLock(\.hasEndedParking) }

    /// Notes what became of one of the files, once that is certain.
    ///
    /// - Parameters:
    ///   - present: The rows that it names.
    ///   - isStopped: Whether it failed, waits for a person, or could not tell what is absent.
    ///   - didClear: Whether it closed what no part names.
    ///   - didEndParking: Whether it ended the parking of older files' rows.
    func note(_ file: Int64, present: Presence, isStopped: Bool, didClear: Bool, didEndParking: Bool) {
        state.withLock { state in
            if isStopped { state.stopped.insert(file) } else { state.stopped.remove(file) }
            guard state.survey != nil else { return }
            state.present.formUnion(present)
            state.added.formUnion(present)
            if didClear { state.clearable = 0 }
            if didEndParking { state.hasEndedParking = true }
        }
    }
}
