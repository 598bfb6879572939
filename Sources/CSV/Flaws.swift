/// What is remarkable about the bytes of a record.
@usableFromInline
package struct Flaws: OptionSet, Sendable {
    @usableFromInline package let rawValue: UInt16

    @inlinable
    package init(rawValue: UInt16) {
        self.rawValue = rawValue
    }

    /// A NUL byte stands in it.
    @inlinable package static var nul: Flaws { Flaws(rawValue: 1) }
    /// A line end that is not of the file's kind stands outside quotes.
    ///
    /// A lone CR in a file of LF lines, or an LF in a file of CR lines: usually a lost record boundary.
    @inlinable package static var strayCR: Flaws { Flaws(rawValue: 2) }
    /// Something stands between a closing quote and the end of its cell.
    ///
    /// From there to the end of the line quotes are literal, so that the next line starts a record in any case.
    @inlinable package static var textAfterQuote: Flaws { Flaws(rawValue: 4) }
    /// It may be the rest of the damaged record before it, cut off at a line end that was once inside quotes.
    ///
    /// Set if the record before had ``textAfterQuote`` and a quote left open, and this one has a ``bareQuote``.
    @inlinable package static var resynchronised: Flaws { Flaws(rawValue: 8) }
    /// A byte from 0x80 up stands in it, so that it must be checked for valid UTF-8.
    ///
    /// Not a fault.
    @inlinable package static var highBytes: Flaws { Flaws(rawValue: 16) }
    /// A literal quote stands in an unquoted cell.
    ///
    /// Not a fault in itself.
    @inlinable package static var bareQuote: Flaws { Flaws(rawValue: 32) }
    /// Blanks stand before a quote at the start of a cell, which makes the quote literal.
    ///
    /// A hint.
    @inlinable package static var spaceBeforeQuote: Flaws { Flaws(rawValue: 64) }
    /// A typographic quote (U+201C, U+201D) stands in it.
    ///
    /// A hint, given by ``Record/hints()`` only.
    @inlinable package static var typographicQuotes: Flaws { Flaws(rawValue: 128) }

    /// The flaws for which a record must be refused whatever its cells are.
    @inlinable package static var damage: Flaws { [.nul, .strayCR, .textAfterQuote, .resynchronised] }
}
