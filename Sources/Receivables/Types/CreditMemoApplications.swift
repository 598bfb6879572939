extension RecordType {
    /// Which invoices a credit memo settles; a file names all lines of each credit memo in it.
    package static let creditMemoApplications = RecordType(
        "credit_memo_applications",
        table: "credit_memo_line",
        identity: .withinOwner(owners: ["credit_memo_id"], id: "application_id", else: "invoice_id"),
        absence: .replacedPerOwner,
        references: [
            Reference("credit_memo_id", to: "credit_memo_receipts"),
            Reference("invoice_id", to: "open_invoices", whenUnknown: .keep(.invoiceUnresolved)),
        ],
        columns: [
            .required("credit_memo_id", .id),
            .required("invoice_id", .id),
            .required("amount", .money()),
            .standard("application_id", .id),
            .standard("application_date", .date, default: .owner("credit_memo_date")),
            .standard("currency", .currency, default: .owner("currency")),
            .optional("amount_invoice_currency", .money(in: .invoice)),
            .optional("memo", .string()),
        ],
        rules: [
            .reject("amount", .sumWithinOwner, .overApplied),
            .reject("currency", .ownersCurrency, .currencyMismatch),
            .reject(
                "amount_invoice_currency",
                .givenIfCurrencyDiffers(invoice: "invoice_id"),
                .currencyMismatch
            ),
        ],
        flatPatterns: ["credit_memo_applications", "credit_memos_applications", "credit_memo_lines"],
        emptySet: EmptySet(blank: "invoice_id", zero: "amount")
    )
}
