/// The only row of an owner that says "there is nothing": one column blank, another zero.
package struct EmptySet: Sendable, Equatable {
    /// The required column that is blank in such a row.
    package let blank: String
    /// The money column that is zero in such a row.
    package let zero: String
}
