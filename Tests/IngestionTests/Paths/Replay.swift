import Testing

/// A drop to which the steps of a story happen, one after the other.
protocol Replay: AnyObject {
    associatedtype Step
    var drop: LoadingDrop { get }
    func perform(_ step: Step) throws
}

extension Replay {
    /// Performs the steps here and in another drop, and expects both to have the same ledger after each.
    func expectAgreement(with plain: Self, over steps: [Step], _ place: String) throws {
        for (number, step) in steps.enumerated() {
            try plain.perform(step)
            try perform(step)
            guard try agrees(with: plain, "\(place), step \(number)") else { return }
        }
    }

    /// Expects the other drop to have the same ledger.
    func agrees(with plain: Self, _ place: String) throws -> Bool {
        let differences = try LedgerDump(drop.ledger).differences(from: LedgerDump(plain.drop.ledger))
        #expect(differences.isEmpty, "\(place): \(differences.joined(separator: "\n"))")
        return differences.isEmpty
    }
}
