/// What a cell means, ready to be bound to a statement.
package enum FieldValue {
    /// Nothing.
    case null
    /// An amount in minor units (or ten-thousandths, see ``ColumnFormat/MoneyCurrency``), or a boolean as 0 or 1.
    case integer(Int64)
    /// Text exactly as it stands in the cell: memory of the cell, valid as long as that is.
    case text(UnsafeRawBufferPointer)
    /// Text whose stored form differs from the cell: a currency in lower case, a timestamp with an offset.
    case rewritten([UInt8])
}

/// What became of reading one cell.
package enum FieldOutcome {
    case value(FieldValue)
    case problem(FieldProblem)
}
