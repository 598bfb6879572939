/// How far the work on one file has come, for somebody who watches.
package struct WorkProgress: Sendable {
    package typealias Teller = @Sendable (WorkProgress) -> Void

    package enum Stage: String, Sendable {
        case fetching
        case reading
        case loading
    }

    package var stage: Stage
    /// Escaped.
    package var name: String
    package var bytes: Int64
    package var size: Int64
    package var rows: Int

    package init(stage: Stage, name: String, bytes: Int64, size: Int64, rows: Int = 0) {
        self.stage = stage
        self.name = name
        self.bytes = bytes
        self.size = size
        self.rows = rows
    }
}
