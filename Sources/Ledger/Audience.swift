import GRDB

/// Those on the list of recipients who want to hear about the same record types.
package struct Audience: Sendable, Equatable {
    /// In order; none: all.
    package let types: [String]

    /// Whether something about a type concerns them; what has no type concerns everybody.
    package func wants(_ type: String?) -> Bool {
        guard let type, !types.isEmpty else { return true }
        return types.contains(type)
    }
}

extension AlertTransaction {
    /// Everybody, by what they want to hear about; those who want to hear about everything come first.
    ///
    /// Never empty: what nobody would get waits for the first on the list.
    package func audiences() throws -> [Audience] {
        let sets = try String.fetchAll(
            db,
            sql: """
                SELECT DISTINCT (SELECT coalesce(group_concat(type, ' '), '') FROM
                       (SELECT type FROM recipient_type t WHERE t.address = recipient.address ORDER BY type)) AS types
                  FROM recipient ORDER BY types
                """
        )
        return (sets.isEmpty ? [""] : sets).map { set in
            Audience(types: set.split(separator: " ").map(String.init))
        }
    }
}
