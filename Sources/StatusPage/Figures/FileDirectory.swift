package import Ledger
import Receivables
import Synchronization

/// All files of the ledger by type, state, time and name, in memory.
///
/// A question about a hundred thousand files costs as much as one about a hundred; what it names is then read from the
/// ledger, which alone is the truth. It follows the ledger by its events.
package final class FileDirectory: Sendable {
    /// A page of files.
    package struct Page: Sendable {
        /// Newest first.
        package var files: [FileRow] = []
        /// The id below which the next page begins; `nil` when there is none.
        package var next: Int64?
    }

    private struct State {
        var ids: [Int64] = []
        var types: [UInt8] = []
        var states: [UInt8] = []
        var seen: [Int64] = []
        var names = NameText()
        var seq: Int64 = -1
        /// What follows from the rest; worked out when it is asked for, and void after each change.
        var standing: Standing?
    }

    /// Which files speak for their types, and which may need a person.
    private struct Standing {
        /// By type, the newest file that was applied and the newest that was taken; 0 for none.
        var applied = [Int64](repeating: 0, count: 256)
        var taken = [Int64](repeating: 0, count: 256)
        /// The places of failed and held files, oldest first.
        var troubled: [Int] = []
        var counts = [Int](repeating: 0, count: 256)
    }

    /// States in which rows of the file were applied.
    private static let applied: Set<UInt8> = Set(
        FileState.allCases.indices.filter { FileState.allCases[$0].isApplied }.map(UInt8.init)
    )
    private static let held = place(of: FileState.held.rawValue)
    private static let failed = place(of: FileState.failed.rawValue)
    /// A failed file of no type asks for a person so long, in milliseconds.
    private static let patience: Int64 = 7 * 86_400_000

    /// Files of a state that are no more than these are looked at one by one.
    private static let few = 5000

    private let cards: FileCards
    private let state = Mutex(State())

    /// Begins empty; ``refresh()`` fills it.
    package init(_ ledger: Ledger) { cards = FileCards(ledger) }

    /// Takes in what is new; cheap when nothing is.
    ///
    /// - Throws: `DatabaseError`.
    package func refresh() throws {
        while true {
            let (seq, last) = state.withLock { ($0.seq, $0.ids.last ?? 0) }
            let news = try cards.news(after: seq, file: last)
            state.withLock { state in
                // Somebody else may have been quicker; then this is asked for again next time.
                guard state.seq == seq, state.ids.last ?? 0 == last else { return }
                for card in news.cards { Self.take(card, into: &state) }
                state.seq = news.seq
            }
            if !news.isCut { return }
        }
    }

    private static func take(_ card: FileCard, into state: inout State) {
        state.standing = nil
        if let last = state.ids.last, card.id <= last {
            guard let index = place(of: card.id, in: state.ids) else { return }
            state.types[index] = typePlace(card.type)
            state.states[index] = place(of: card.state)
            return
        }
        state.ids.append(card.id)
        state.types.append(typePlace(card.type))
        state.states.append(place(of: card.state))
        state.seen.append(card.seenAt)
        state.names.append(card.name)
    }

    /// How many files there are in each state.
    package func counts() -> [String: Int] {
        let counts = state.withLock { Self.standing(&$0).counts }
        let pairs = FileState.allCases.enumerated().map { ($1.rawValue, counts[$0]) }
        return Dictionary(pairs) { first, _ in first }
    }

    private static func standing(_ state: inout State) -> Standing {
        if let known = state.standing { return known }
        var standing = Standing()
        let untaken: Set<UInt8> = [
            place(of: FileState.ignored.rawValue), place(of: FileState.waiting.rawValue),
        ]
        for index in state.ids.indices {
            let (type, itsState) = (Int(state.types[index]), state.states[index])
            standing.counts[Int(itsState)] += 1
            if applied.contains(itsState) { standing.applied[type] = state.ids[index] }
            if !untaken.contains(itsState) { standing.taken[type] = state.ids[index] }
            if itsState == failed || itsState == held { standing.troubled.append(index) }
        }
        state.standing = standing
        return standing
    }

    /// A page of the files that fit, those below the id `before` on, newest first.
    ///
    /// - Throws: `DatabaseError`.
    package func page(_ filter: FileFilter, before: Int64 = .max, limit: Int, now: Timestamp) throws -> Page {
        try refresh()
        var page = Page()
        var before = before
        // What the ledger says otherwise by now is left out, and made up for.
        for _ in 0..<4 {
            let wanted = limit + 1 - page.files.count
            let ids = self.ids(filter, before: before, limit: wanted, now: now)
            page.files += try cards.files(ids).filter { file in
                (filter.state == nil || file.state == filter.state)
                    && (filter.type == nil || file.type == filter.type)
            }
            guard let last = ids.last, ids.count == wanted, page.files.count <= limit else { break }
            before = last
        }
        if page.files.count > limit {
            page.files.removeLast()
            page.next = page.files.last?.id
        }
        return page
    }

    /// The newest files of each type that were applied, and of each type the newest that was taken.
    ///
    /// - Throws: `DatabaseError`.
    package func newestOfTypes() throws -> (applied: [String: FileRow], taken: [String: FileRow]) {
        try refresh()
        let standing = state.withLock { Self.standing(&$0) }
        let known = Catalogue.types.indices
        let (applied, taken) = (known.map { standing.applied[$0] }, known.map { standing.taken[$0] })
        func byType(_ ids: [Int64]) throws -> [String: FileRow] {
            let pairs = try cards.files(ids).compactMap { file in file.type.map { ($0, file) } }
            return Dictionary(pairs) { first, _ in first }
        }
        return (try byType(applied), try byType(taken))
    }

    private func ids(_ filter: FileFilter, before: Int64, limit: Int, now: Timestamp) -> [Int64] {
        let part = NameText.folded(filter.name)
        let type = filter.type.map(Self.typePlace)
        let wantedState = filter.state.map(Self.place(of:))
        let oldest = now.milliseconds - Self.patience
        return state.withLock { state in
            var ids: [Int64] = []
            let end = Self.firstPlace(notBelow: before, in: state.ids)
            let standing = Self.standing(&state)
            func fits(_ index: Int) -> Bool {
                if let type, state.types[index] != type { return false }
                if let wantedState, state.states[index] != wantedState { return false }
                if let since = filter.since, state.seen[index] < since { return false }
                return true
            }
            func asks(_ index: Int) -> Bool {
                if state.states[index] == Self.held { return true }
                let type = state.types[index]
                // A newer file of its type has mended it.
                return type == Self.noType
                    ? state.seen[index] >= oldest : state.ids[index] > standing.applied[Int(type)]
            }
            func has(_ index: Int) -> Bool { part.isEmpty || state.names.holds(part, at: index) }
            let isRare = wantedState.map { standing.counts[Int($0)] < Self.few } ?? false
            if filter.needsPerson {
                for index in standing.troubled.reversed()
                where index < end && fits(index) && asks(index) && has(index) {
                    ids.append(state.ids[index])
                    if ids.count == limit { break }
                }
            } else if part.isEmpty || isRare {
                for index in (0..<end).reversed() where fits(index) && has(index) {
                    ids.append(state.ids[index])
                    if ids.count == limit { break }
                }
            } else {
                state.names.search(part, below: end) { index in
                    if fits(index) { ids.append(state.ids[index]) }
                    return ids.count < limit
                }
            }
            return ids
        }
    }

    private static let noType: UInt8 = 255
    private static let unknown: UInt8 = 254

    private static func typePlace(_ name: String?) -> UInt8 {
        guard let name else { return noType }
        return Catalogue.types.firstIndex { $0.name == name }.map(UInt8.init) ?? unknown
    }

    private static func place(of state: String) -> UInt8 {
        FileState.allCases.firstIndex { $0.rawValue == state }.map(UInt8.init) ?? unknown
    }

    private static func place(of id: Int64, in ids: [Int64]) -> Int? {
        let index = firstPlace(notBelow: id, in: ids)
        return index < ids.count && ids[index] == id ? index : nil
    }

    private static func firstPlace(notBelow id: Int64, in ids: [Int64]) -> Int {
        var (low, high) = (0, ids.count)
        while low < high {
            let middle = (low + high) / 2
            if ids[middle] < id { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
