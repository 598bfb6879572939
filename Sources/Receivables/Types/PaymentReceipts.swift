extension RecordType {
    /// All customer payments, past ones too.
    package static let paymentReceipts = RecordType(
        "payment_receipts",
        table: "payment",
        identity: .single("payment_id"),
        absence: .untouched,
        references: [
            Reference("customer_id", to: "customers_with_open_balances", whenUnknown: .parkOrStub),
            Reference("subsidiary_id", to: "subsidiaries"),
        ],
        keepsCustomColumns: true,
        columns: [
            .required("payment_id", .id),
            .required("customer_id", .id),
            .required("payment_date", .date),
            .required("amount", .money(sign: .nonZero)),
            .required("currency", .currency),
            .standard("cash_app_payment_id", .id),
            .standard("payment_number", .string()),
            .standard("unapplied_amount", .money()),
            .standard("payment_method", .string()),
            .standard("memo", .string(upTo: 4000)),
            .standard("subsidiary_id", .id),
            .optional("check_number", .string()),
            .optional("reference_number", .string()),
            .optional("applied_amount", .money()),
            .optional("bank_account", .string()),
            .optional("gl_account", .string()),
            .optional("department", .string()),
            .optional("class", .string()),
            .optional("location", .string()),
            .optional("exchange_rate", .decimal),
            .optional("deposit_date", .date),
            .optional("payer_name", .string()),
            .optional("status", .oneOf(["open", "applied", "voided", "returned", "refunded"])),
            .optional("tags", .list, keepsUserValue: true),
            .optional("updated_at", .timestamp),
        ],
        rules: [
            .reject("amount", .positiveUnless(column: "status", is: "refunded"), .outOfRange),
            .warn("amount", .coversStoredLines, .overApplied),
            .reject("updated_at", .notOlderThanStored, .staleRow),
        ],
        flatPatterns: ["payment_receipts", "customer_payment_receipts"]
    )
}
