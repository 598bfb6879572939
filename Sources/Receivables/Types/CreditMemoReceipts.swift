extension RecordType {
    /// The credit notes that a customer was given.
    package static let creditMemoReceipts = RecordType(
        "credit_memo_receipts",
        table: "credit_memo",
        identity: .single("credit_memo_id"),
        absence: .untouched,
        references: [
            Reference("customer_id", to: "customers_with_open_balances", whenUnknown: .parkOrStub),
            Reference("subsidiary_id", to: "subsidiaries"),
            Reference("related_invoice_id", to: "open_invoices", whenUnknown: .keep(nil)),
        ],
        keepsCustomColumns: true,
        columns: [
            .required("credit_memo_id", .id),
            .required("customer_id", .id),
            .required("credit_memo_date", .date),
            .required("amount", .money(sign: .nonZero)),
            .required("currency", .currency),
            .standard("credit_memo_number", .string()),
            .standard("unapplied_amount", .money()),
            .standard("subsidiary_id", .id),
            .standard("memo", .string(upTo: 4000)),
            .optional("status", .oneOf(["open", "applied", "voided"])),
            .optional("related_invoice_id", .id),
            .optional("reason", .string()),
            .optional("po_number", .string()),
            .optional("exchange_rate", .decimal),
            .optional("pdf_filename", .string()),
            .optional("department", .string()),
            .optional("class", .string()),
            .optional("location", .string()),
            .optional("tags", .list, keepsUserValue: true),
            .optional("updated_at", .timestamp),
        ],
        rules: [
            .warn("amount", .madePositive, .negativeNormalised),
            .warn("amount", .coversStoredLines, .overApplied),
            .warn("unapplied_amount", .madePositive, .negativeNormalised),
            .reject("updated_at", .notOlderThanStored, .staleRow),
        ],
        flatPatterns: ["credit_memo_receipts", "credit_memos"]
    )
}
