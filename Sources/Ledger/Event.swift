import GRDB

/// Something that happened, on its way into the ledger.
///
/// `detail` carries the keys of the status log (`name`, `type`, `state`, `reason`, `size`, `rows_total`, …) and whatever
/// else the event needs. No cell value ever stands in it.
package struct Event: Sendable {
    package var name: EventName
    package var run: Int64?
    package var file: Int64?
    package var detail: [(key: String, value: JSONValue)]

    package init(
        _ name: EventName,
        run: Int64? = nil,
        file: Int64? = nil,
        _ detail: KeyValuePairs<String, JSONValue?> = [:]
    ) {
        self.name = name
        self.run = run
        self.file = file
        self.detail = detail.compactMap { pair in pair.value.map { (pair.key, $0) } }
    }

    package func with(_ key: String, _ value: JSONValue?) -> Event {
        var copy = self
        if let value { copy.detail.append((key, value)) }
        return copy
    }
}

extension Database {
    /// Appends an event inside the transaction that makes it true.
    ///
    /// - Returns: Its sequence number; numbers have no gaps.
    @discardableResult
    package func append(_ event: Event, at time: Timestamp) throws -> Int64 {
        try cachedStatement(
            sql: "INSERT INTO event (at, event, run_id, file_id, detail) VALUES (?, ?, ?, ?, ?)"
        )
        .execute(
            arguments: [
                time.text, event.name.rawValue, event.run, event.file, JSONValue.json(of: event.detail),
            ]
        )
        return lastInsertedRowID
    }
}
