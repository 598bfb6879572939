/// What is known so far of the record in work besides its fields; empty for nearly every record.
struct Draft {
    var flaws: Flaws = []
    /// The first flaw of ``Flaws/damage``, counted from the record's first byte.
    private(set) var flawOffset = 0
    /// Whether a field holds doubled quotes.
    var isEscaped = false
    /// Whether, after text behind a closing quote, another quoted field has begun and not ended.
    private(set) var leavesQuoteOpen = false
    private var quotedLF: Int64 = 0
    private var quotedCR: Int64 = 0

    /// Whether the record needs more than the common way.
    @inline(__always)
    var isRemarkable: Bool {
        !flaws.isEmpty || isEscaped
    }

    /// How many line ends of the file's kind stand inside quotes.
    @inline(__always)
    func lineBreaks(_ kind: LineEnd) -> Int64 {
        kind == .cr ? quotedCR : quotedLF
    }

    /// Notes a LF, CR or NUL inside quotes.
    @inline(never)
    mutating func noteQuoted(_ byte: UInt8, at position: Int, _ cursor: Cursor) {
        switch byte {
        case Byte.lf:
            quotedLF &+= 1
        case Byte.cr:
            quotedCR &+= 1
        default:
            damage(.nul, at: position, cursor)
        }
    }

    /// Notes damage outside quotes; right behind a closing quote it spoils the field's quoting.
    ///
    /// - Returns: The marks that the field in work gets for it, as from the other notes below.
    @inline(never)
    mutating func note(
        _ flaw: Flaws,
        at position: Int,
        _ cursor: Cursor,
        in base: UnsafeRawPointer
    ) -> UInt32 {
        damage(flaw, at: position, cursor)
        return literalMark(cursor, in: base, upTo: position)
    }

    /// Notes text behind a closing quote.
    @inline(never)
    mutating func noteTextAfterQuote(at position: Int, _ cursor: Cursor) -> UInt32 {
        damage(.textAfterQuote, at: position, cursor)
        return FieldTable.isLiteral
    }

    /// Notes a quote that opens nothing.
    @inline(never)
    mutating func noteLiteralQuote(at position: Int, _ cursor: Cursor, in base: UnsafeRawPointer) -> UInt32 {
        flaws.insert(.bareQuote)
        if leavesQuoteOpen || position == cursor.fieldStart {
            leavesQuoteOpen.toggle()
        }
        var before = position
        while before > cursor.fieldStart, isBlank(base.byte(at: before - 1)) {
            before -= 1
        }
        if before == cursor.fieldStart && before < position {
            flaws.insert(.spaceBeforeQuote)
        }
        return literalMark(cursor, in: base, upTo: position + 1)
    }

    private mutating func damage(_ flaw: Flaws, at position: Int, _ cursor: Cursor) {
        if flaws.isDisjoint(with: [.nul, .strayCR, .textAfterQuote]) {
            flawOffset = position - cursor.recordStart
        }
        flaws.insert(flaw)
    }

    private func isBlank(_ byte: UInt8) -> Bool {
        byte == Byte.space || byte == Byte.tab
    }

    private func literalMark(_ cursor: Cursor, in base: UnsafeRawPointer, upTo end: Int) -> UInt32 {
        let beginsWithQuote = cursor.fieldStart < end && base.byte(at: cursor.fieldStart) == Byte.quote
        return beginsWithQuote ? FieldTable.isLiteral : 0
    }
}

extension UnsafeRawPointer {
    @inline(__always)
    fileprivate func byte(at position: Int) -> UInt8 {
        load(fromByteOffset: position, as: UInt8.self)
    }
}
