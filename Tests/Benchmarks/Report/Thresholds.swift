import Foundation

/// What must be reached and what is aimed for, by the id of a comparison; checked in beside this.
struct Thresholds: Decodable {
    struct Threshold: Decodable {
        /// What it stands for, in words.
        let work: String
        let reach: Double
        let aim: Double
    }

    let thresholds: [String: Threshold]

    init(path: String) throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        thresholds = try JSONDecoder().decode([String: Threshold].self, from: bytes)
    }

    /// Judges the median of a comparison, if there is a threshold for it.
    func judge(_ comparison: inout ComparisonAccount) {
        guard let threshold = thresholds[comparison.id] else { return }
        comparison.reach = threshold.reach
        comparison.aim = threshold.aim
        comparison.verdict =
            if comparison.value.median <= threshold.aim {
                .aim
            } else if comparison.value.median <= threshold.reach { .reach } else { .missed }
    }
}
