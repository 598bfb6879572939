extension RecordType {
    /// Which invoices a payment pays; a file names all lines of each payment in it.
    package static let paymentApplications = RecordType(
        "payment_applications",
        table: "payment_line",
        identity: .withinOwner(owners: ["payment_id"], id: "application_id", else: "invoice_id"),
        absence: .replacedPerOwner,
        references: [
            Reference("payment_id", to: "payment_receipts"),
            Reference("invoice_id", to: "open_invoices", whenUnknown: .keep(.invoiceUnresolved)),
        ],
        columns: [
            .required("payment_id", .id),
            .required("invoice_id", .id),
            .required("amount", .money()),
            .standard("application_id", .id),
            .standard("application_date", .date, default: .owner("payment_date")),
            .standard("currency", .currency, default: .owner("currency")),
            .optional("amount_invoice_currency", .money(in: .invoice)),
            .optional("discount_taken", .money()),
            .optional("write_off_amount", .money()),
            .optional("write_off_reason", .string()),
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
        flatPatterns: ["payment_applications", "customer_payment_applications", "payment_lines"],
        emptySet: EmptySet(blank: "invoice_id", zero: "amount")
    )
}
