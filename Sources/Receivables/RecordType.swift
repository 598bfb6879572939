/// One kind of record that customers drop: everything the rest of the program knows about it.
///
/// A record type is data. Templates, validation, tables, views, loading and the status page all read this value;
/// adding a type means one file under `Types/` and one line in ``Catalogue/types``.
package struct RecordType: Sendable {
    /// The identity of the type; also its directory in the inbox and its view in the database.
    package let name: String
    /// The trade's word for one record, as messages say it and as its table is called: `invoice`.
    package let table: String
    /// The native columns, in the order of the template.
    package let columns: [Column]
    /// What makes two rows the same record.
    package let identity: Identity
    /// What happens to a stored record that the file does not name.
    package let absence: Absence
    /// The records of other types, or of this one, that a row names.
    package let references: [Reference]
    /// Whether a column we do not know is kept as a custom field; otherwise it is ignored with a warning.
    package let keepsCustomColumns: Bool
    /// What is judged across cells, rows or stored records once every cell has been read.
    package let rules: [Rule]
    /// How file names begin in the flat layout, in lower case with `_` between words.
    package let flatPatterns: [String]
    /// Whether a file is one record of opaque bytes instead of a table of rows.
    package let isFileOfBytes: Bool
    /// The way a row says that its owner has no records at all.
    package let emptySet: EmptySet?
    /// How the name of an unknown column ends that makes one more contact for the row's owner.
    package let extraContactSuffix: String?

    init(
        _ name: String,
        table: String,
        identity: Identity,
        absence: Absence,
        references: [Reference] = [],
        keepsCustomColumns: Bool = false,
        columns: [Column],
        rules: [Rule] = [],
        flatPatterns: [String] = [],
        isFileOfBytes: Bool = false,
        emptySet: EmptySet? = nil,
        extraContactSuffix: String? = nil
    ) {
        self.name = name
        self.table = table
        self.columns = columns
        self.identity = identity
        self.absence = absence
        self.references = references
        self.keepsCustomColumns = keepsCustomColumns
        self.rules = rules
        self.flatPatterns = flatPatterns
        self.isFileOfBytes = isFileOfBytes
        self.emptySet = emptySet
        self.extraContactSuffix = extraContactSuffix
    }

    /// The names of the columns that take part in ``identity``; empty for files of bytes.
    package var key: [String] { identity.columns }

    /// Whether a file of this type names every open record, so that a missing one is cleared or zeroed.
    package var isSnapshot: Bool { absence == .cleared || absence == .zeroed }

    /// The columns that must stand in every header.
    package var requiredColumns: [Column] { columns.filter { $0.class == .required } }

    /// The place of a column in ``columns``.
    ///
    /// - Parameter name: The name as the catalogue spells it.
    /// - Returns: `nil` for a column that is not native.
    package func index(of name: String) -> Int? { columns.firstIndex { $0.name == name } }

    /// The native column of a name, as the catalogue spells it.
    package func column(named name: String) -> Column? { columns.first { $0.name == name } }

    /// The reference that a column holds, if it holds one.
    package func reference(from column: String) -> Reference? { references.first { $0.column == column } }

    /// The header line of a file of this type, without a line end.
    ///
    /// - Parameter all: Whether the optional columns stand in their places too, which the default template lacks.
    /// - Returns: The names joined by commas; empty for files of bytes.
    package func template(all: Bool = false) -> String {
        columns.filter { all || $0.class != .optional }.map(\.name).joined(separator: ",")
    }
}
