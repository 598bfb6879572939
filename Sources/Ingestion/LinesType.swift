import Receivables

extension Catalogue {
    /// The type of the lines that say where a payment or credit memo went.
    static func linesType(of type: RecordType) -> RecordType? {
        guard case .single(let key) = type.identity else { return nil }
        return types.first { $0.emptySet != nil && $0.identity.owners == [key] }
    }
}
