/// One native column of a record type.
package struct Column: Sendable, Equatable {
    /// How much the header and the rows owe us.
    package enum Class: Sendable, Equatable {
        /// In every header, and never blank.
        case required
        /// One of several: at least one of the type's owner columns is in the header and has a value in each row.
        case owner
        /// On the default template; may be left out or blank.
        case standard
        /// Not on the default template; may be added at any time.
        case optional
    }

    /// What a record shows while the column was never given.
    package enum Default: Sendable, Equatable {
        /// A fixed value in its stored form.
        case value(String)
        /// The value of another column, with an ending.
        case column(String, suffix: String = "")
        /// The value of this column in the owner's record.
        case owner(String)
        /// The reporting currency of the drop.
        case reportingCurrency
        /// The time zone of the drop.
        case zone
    }

    /// The name in the header after normalisation, in the database and in messages.
    package let name: String
    /// How much the header and the rows owe us.
    package let `class`: Class
    /// The form of its values.
    package let format: ColumnFormat
    /// What is shown while nothing was given; `nil` for nothing.
    package let `default`: Default?
    /// Whether a blank cell leaves the stored value alone, because a user of the product may have entered it.
    package let keepsUserValue: Bool

    /// A column that every file has and every row fills.
    static func required(_ name: String, _ format: ColumnFormat) -> Column {
        Column(name: name, class: .required, format: format, default: nil, keepsUserValue: false)
    }

    /// A column that may name the row's owner.
    static func owner(_ name: String, _ format: ColumnFormat) -> Column {
        Column(name: name, class: .owner, format: format, default: nil, keepsUserValue: false)
    }

    /// A column of the default template.
    static func standard(
        _ name: String,
        _ format: ColumnFormat,
        default: Default? = nil,
        keepsUserValue: Bool = false
    ) -> Column {
        Column(
            name: name,
            class: .standard,
            format: format,
            default: `default`,
            keepsUserValue: keepsUserValue
        )
    }

    /// A column that we know but do not ask for.
    static func optional(
        _ name: String,
        _ format: ColumnFormat,
        default: Default? = nil,
        keepsUserValue: Bool = false
    ) -> Column {
        Column(
            name: name,
            class: .optional,
            format: format,
            default: `default`,
            keepsUserValue: keepsUserValue
        )
    }
}
