/// What a scene measured.
struct SceneAccount: Codable {
    let id: String
    let title: String
    var contenders: [ContenderAccount]
    var comparisons: [ComparisonAccount]
}

struct ContenderAccount: Codable {
    let name: String
    let does: String
    /// Seconds.
    let cpu: Spread
    /// Seconds.
    let wall: Spread
    /// Bytes.
    let memory: Spread
    /// Seconds to what else was marked.
    let marks: [String: Spread]
}

struct ComparisonAccount: Codable {
    let id: String
    let title: String
    /// What is divided, and by what.
    let compares: String
    let quantity: String
    /// `ratio`, or the unit of a plain figure.
    let unit: String
    /// Of the ratios within each round, or of the figures.
    let value: Spread
    var rounds: Int
    /// What must be reached, what is aimed for, and how it stands; only where a threshold is checked in.
    var reach: Double?
    var aim: Double?
    var verdict: Verdict?
}

enum Verdict: String, Codable {
    case aim, reach, missed
}
