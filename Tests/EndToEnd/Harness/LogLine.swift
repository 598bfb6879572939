import Foundation

/// A line of the status log, as a log shipper would read it.
struct LogLine: Decodable, Sendable {
    var seq: Int
    var at: String
    var event: String
    var level: String
    var schema: Int
    var drop: String
    var run: Int?
    var file: Int?
    var name: String?
    var type: String?
    var state: String?
    var reason: String?
    var rowsTotal: Int?
    var rowsInserted: Int?
    var rowsUpdated: Int?
    var rowsUnchanged: Int?
    var rowsRejected: Int?
    var rowsParked: Int?
    var rowsCleared: Int?
    var rowsDeleted: Int?
    var warnings: Int?

    /// Every line of a log; throws for one that is torn.
    static func all(in text: String) throws -> [LogLine] {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try text.split(separator: "\n").map { try decoder.decode(LogLine.self, from: Data($0.utf8)) }
    }
}
