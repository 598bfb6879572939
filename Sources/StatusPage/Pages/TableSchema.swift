package import Ledger
package import Receivables

/// The columns of a record type as a Frictionless table schema, made from the catalogue.
package struct TableSchema: Sendable {
    private let type: RecordType

    package init(_ type: RecordType) { self.type = type }

    package var value: JSONValue {
        var members: [(key: String, value: JSONValue)] = [
            ("$schema", "https://datapackage.org/profiles/2.0/tableschema.json"), ("name", .text(type.name)),
            ("fields", .list(type.columns.map(field))),
        ]
        if !type.key.isEmpty { members.append(("primaryKey", .list(type.key.map { .text($0) }))) }
        let foreign = type.references.compactMap(foreignKey)
        if !foreign.isEmpty { members.append(("foreignKeys", .list(foreign))) }
        return .object(members)
    }

    private func field(_ column: Receivables.Column) -> JSONValue {
        let (form, constraints) = column.format.schema
        var members: [(key: String, value: JSONValue)] = [
            ("name", .text(column.name)), ("type", .text(form)), ("description", .text(column.format.words)),
        ]
        var rules = constraints
        if column.class == .required { rules.insert(("required", true), at: 0) }
        if !rules.isEmpty { members.append(("constraints", .object(rules))) }
        return .object(members)
    }

    private func foreignKey(_ reference: Reference) -> JSONValue? {
        guard let target = Catalogue.type(named: reference.target), let key = target.key.first,
            target.key.count == 1
        else { return nil }
        return .object([
            ("fields", .list([.text(reference.column)])),
            (
                "reference",
                .object([("resource", .text(target.name)), ("fields", .list([.text(key)]))])
            ),
        ])
    }
}
