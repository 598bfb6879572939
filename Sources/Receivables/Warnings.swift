/// What is noted although the row or file is applied; each text ends with what was done.
extension Finding {
    /// A column we do not know becomes a custom field.
    package static func unknownColumnCustom(_ name: String) -> Finding {
        Finding(
            .unknownColumnCustom,
            .warning,
            "Column \(quoted(name)) is not known; stored as custom field."
        )
    }

    /// A column we do not know holds data that nobody keeps.
    package static func unknownColumnIgnored(_ name: String) -> Finding {
        let text = name.isEmpty ? "A column without a name holds data; ignored." : nil
        return Finding(
            .unknownColumnIgnored,
            .warning,
            text ?? "Column \(quoted(name)) is not known; ignored."
        )
    }

    /// A column we do not know is spelt nearly like one that is missing.
    package static func nearMissColumn(_ name: String, native: String, isKept: Bool) -> Finding {
        let end = isKept ? "stored as custom field" : "ignored"
        return Finding(
            .nearMissColumn,
            .warning,
            "Column \(quoted(name)) looks like \(quoted(native)); \(end)."
        )
    }

    /// An open-items file holds an item of nothing; the words say what became of it.
    package static func zeroBalance(_ done: String) -> Finding {
        Finding(.zeroBalance, .warning, "The balance is 0; \(done).")
    }

    /// More is open than was ever owed.
    package static func balanceGreaterThanAmount(balance: String, amount: String) -> Finding {
        let text = "Balance \(balance) exceeds amount \(amount); stored as given."
        return Finding(.balanceGreaterThanAmount, .warning, text)
    }

    /// The due date comes first.
    package static func dueBeforeInvoice(due: String, invoice: String) -> Finding {
        Finding(
            .dueBeforeInvoice,
            .warning,
            "Due \(due), before the invoice date \(invoice); stored as given."
        )
    }

    /// A printed number belongs to several invoices.
    package static func invoiceNumberNotUnique(_ number: String) -> Finding {
        let text = "Number \(quoted(number)) belongs to another invoice too; stored as given."
        return Finding(.invoiceNumberNotUnique, .warning, text)
    }

    /// The assignee is nobody we know.
    package static func unknownCollector(_ address: String) -> Finding {
        Finding(.unknownCollector, .warning, "\(quoted(address)) is not a user; stored as given.")
    }

    /// Nothing was cleared, zeroed or deleted, for a reason in words.
    package static func absenceSuspended(_ reason: String) -> Finding {
        Finding(.absenceSuspended, .warning, "\(reason); nothing was cleared.")
    }

    /// A line names an invoice that is not known.
    package static func invoiceUnresolved(_ id: String) -> Finding {
        let text = "invoice \(quoted(id)) is not known; line kept, linked when it appears."
        return Finding(.invoiceUnresolved, .warning, text)
    }

    /// A customer's parent is not known.
    package static func parentMissingLinkedLater(_ id: String) -> Finding {
        let text = "customer \(quoted(id)) is not known; loaded without parent, linked when it appears."
        return Finding(.parentMissingLinkedLater, .warning, text)
    }

    /// A customer was made up from a reference.
    package static func stubCreated(_ id: String) -> Finding {
        Finding(.stubCreated, .warning, "customer \(quoted(id)) is not known; created as a stub.")
    }

    /// A row stands in the file a second time.
    package static func duplicateIdentical(record: Int) -> Finding {
        Finding(.duplicateIdentical, .warning, "Same as row \(record); counted once.")
    }

    /// An amount came with the wrong sign.
    package static func negativeNormalised(_ value: String) -> Finding {
        Finding(.negativeNormalised, .warning, "\(value) is negative; stored as positive.")
    }

    /// The stored lines of a payment or credit memo come to more than it has now.
    package static func linesExceedAmount(sum: String, available: String) -> Finding {
        let text = "Stored lines sum to \(sum), the amount is \(available); lines kept, unapplied is 0."
        return Finding(.overApplied, .warning, text)
    }

    /// The balance of a customer differs from the sum of its items.
    package static func reconciliationVariance(balance: String, items: String) -> Finding {
        Finding(
            .reconciliationVariance,
            .warning,
            "Balance \(balance), items sum to \(items); stored as given."
        )
    }

    /// A PDF fits several invoices.
    package static func pdfAmbiguous(_ name: String, invoices: [String]) -> Finding {
        let list = invoices.prefix(5).map { quoted($0) }.joined(separator: ", ")
        return Finding(.pdfAmbiguous, .warning, "\(quoted(name)) fits invoices \(list); not linked.")
    }

    /// Several files of one type came at once.
    package static func severalFilesOfType(_ type: String, count: Int) -> Finding {
        let text = "\(count) files of type \(type) in one batch; each applied as if alone, oldest first."
        return Finding(.severalFilesOfType, .warning, text)
    }

    /// The file is not separated by commas.
    package static func delimiterDetected(_ delimiter: String) -> Finding {
        Finding(.delimiterDetected, .warning, "Cells are separated by \(delimiter); read as such.")
    }

    /// Records stand above the header.
    package static func preambleSkipped(records: Int) -> Finding {
        Finding(.preambleSkipped, .warning, "\(records) record(s) above the header; skipped.")
    }

    /// The file's name holds a date that has not come yet.
    package static func dateInFuture(_ day: Day) -> Finding {
        Finding(.dateInFuture, .warning, "The name holds \(day), which is yet to come; date ignored.")
    }
}
