/// What makes two rows the same record.
///
/// Keys are compared as bytes: `00012` and `12`, or an accent written in two ways, are different records.
package enum Identity: Sendable, Equatable {
    /// One column that is unique over all records of the type.
    case single(String)
    /// A key that is unique within an owner.
    ///
    /// The owner is the first of `owners` with a value in the row. The key is `id` where the row gives one, otherwise
    /// `else`; an e-mail address is compared in lower case, every other value as it stands.
    case withinOwner(owners: [String], id: String, else: String)
    /// The name of the file.
    case fileName

    /// The columns that take part.
    package var columns: [String] {
        switch self {
        case .single(let column): [column]
        case .withinOwner(let owners, let id, let alternative): owners + [id, alternative]
        case .fileName: []
        }
    }

    /// The columns that may name the owner, the deciding one first; empty where records have no owner.
    package var owners: [String] {
        if case .withinOwner(let owners, _, _) = self { owners } else { [] }
    }
}
