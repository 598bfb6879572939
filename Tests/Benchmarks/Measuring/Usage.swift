/// What a whole process cost.
struct Usage: Codable {
    /// Seconds from its start until it was reaped.
    var wall: Double
    /// Seconds of processor time in user mode and in the kernel, over all its threads and the children it waited for.
    var cpu: Double
    /// Seconds of ``cpu`` in the kernel.
    var system: Double
    /// The peak of its resident memory, in bytes; of the largest of its processes where there are several.
    var memory: Int
    /// Its exit status, or 128 and the number of the signal.
    var status: Int
}

/// What a round measured of a contender: the process, and marks that something else put on the clock.
struct Sample {
    var usage: Usage
    /// Seconds from the start of the process to a moment that is told by what it left behind, by name.
    var marks: [String: Double] = [:]

    /// The value of a quantity, in seconds or bytes.
    func value(_ quantity: Quantity) -> Double? {
        switch quantity {
        case .cpu: usage.cpu
        case .wall: usage.wall
        case .memory: Double(usage.memory)
        case .mark(let name): marks[name]
        }
    }
}

/// What is compared.
enum Quantity: Hashable {
    case cpu
    case wall
    case memory
    /// The wall time to a moment within the process, see ``Sample/marks``.
    case mark(String)

    /// How the table calls it.
    var name: String {
        switch self {
        case .cpu: "CPU"
        case .wall: "wall"
        case .memory: "memory"
        case .mark(let name): "wall to \(name)"
        }
    }
}

/// The middle of some values and how far they reach.
struct Spread: Codable {
    var median: Double
    var least: Double
    var most: Double

    /// `nil` when there is no value.
    init?(_ values: [Double]) {
        let sorted = values.sorted()
        guard let first = sorted.first, let last = sorted.last else { return nil }
        let middle = sorted.count / 2
        median = sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
        least = first
        most = last
    }
}
