/// Why a whole file is refused.
extension Finding {
    /// The file could not be got or read, for a reason in words.
    package static func unreadable(_ reason: String) -> Finding {
        Finding(.unreadable, .error, "File could not be read: \(reason).")
    }

    /// The header is not text in the encoding.
    package static func badHeaderEncoding(byte offset: Int, line: Int, encoding: String) -> Finding {
        Finding(.badEncoding, .error, "Byte \(offset) (line \(line)) is not valid \(encoding).")
    }

    /// Nothing is in the file.
    package static var emptyFile: Finding { Finding(.emptyFile, .error, "The file is empty.") }

    /// A quote swallows the rest of the file; the column is a name, or a number where there is none.
    package static func unterminatedQuote(record: Int, line: Int, column: String) -> Finding {
        let text = "Quote opened in row \(record) (line \(line)), column \(column), is never closed."
        return Finding(.unterminatedQuote, .error, text)
    }

    /// Another format is inside, such as `ZIP or XLSX`.
    package static func notCSV(_ format: String) -> Finding {
        Finding(.notCSV, .error, "Content looks like \(format), not CSV.")
    }

    /// A limit of the configuration is exceeded; both figures come with their units.
    package static func tooLarge(_ what: String, found: String, limit: String) -> Finding {
        Finding(.tooLarge, .error, "\(what) \(found) exceeds the limit \(limit).")
    }

    /// Lines that come to more than their payment or memo has, and are too many to be put back one by one.
    package static var tooManyOverApplied: Finding {
        let text =
            "The lines of one payment or memo come to more than its amount, and are too many to be set aside (64 MB)."
        return Finding(.tooLarge, .error, text)
    }

    /// The flat layout knows no type for the name.
    package static func unknownType(name: String) -> Finding {
        Finding(.unknownType, .error, "No record type begins the name \(quoted(name)).")
    }

    /// The first record is no header.
    package static var missingHeader: Finding {
        Finding(.missingHeader, .error, "First line has no known column name; a header is required.")
    }

    /// Required columns are not in the header, one of them perhaps because it is misspelt.
    package static func missingRequiredColumn(_ columns: [String], near: String? = nil) -> Finding {
        Finding(
            .missingRequiredColumn,
            .error,
            "Missing required column(s): \(columns.joined(separator: ", ")).",
            hint: near.map { "Did you mean \(quoted($0))?" }
        )
    }

    /// A column stands in the header more than once.
    package static func duplicateColumn(_ name: String, times: Int) -> Finding {
        Finding(.duplicateColumn, .error, "Column \(quoted(name)) appears \(times) times.")
    }

    /// A column of a bank's file is not in its mapping.
    package static func unmappedColumn(_ name: String) -> Finding {
        Finding(.unmappedColumn, .error, "Column \(quoted(name)) is not in this bank's mapping.")
    }

    /// A snapshot is older than the last one that was applied.
    package static func staleFile(named: Day, applied: Day) -> Finding {
        Finding(.staleFile, .error, "Named \(named); \(applied) was already applied.")
    }

    /// A record or tag of a bank format is out of place.
    package static func badStructure(line: Int, found: String, expected: String) -> Finding {
        Finding(.badStructure, .error, "Line \(line): \(found); expected \(expected).")
    }

    /// The totals of a bank format do not agree with its content.
    package static func controlTotalMismatch(record: String, says: String, content: String) -> Finding {
        Finding(.controlTotalMismatch, .error, "\(record) says \(says), content gives \(content).")
    }

    /// An account is already fed in another way.
    package static func accountBoundElsewhere(account: String, source: String) -> Finding {
        Finding(.accountBoundElsewhere, .error, "Account \(account) is fed by \(source).")
    }
}
