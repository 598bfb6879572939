extension RecordType {
    /// The people to write to; a file names all contacts of each customer or invoice in it.
    package static let contacts = RecordType(
        "contacts",
        table: "contact",
        identity: .withinOwner(owners: ["invoice_id", "customer_id"], id: "contact_id", else: "email"),
        absence: .replacedPerOwner,
        references: [
            Reference("customer_id", to: "customers_with_open_balances"),
            Reference("invoice_id", to: "open_invoices"),
        ],
        columns: [
            .owner("customer_id", .id),
            .owner("invoice_id", .id),
            .required("email", .email),
            .standard("first_name", .string()),
            .standard("last_name", .string()),
            .standard("title", .string()),
            .standard("phone", .string()),
            .standard("tags", .list, keepsUserValue: true),
            .optional("recipient_type", .oneOf(["to", "cc", "bcc", "none"]), default: .value("to")),
            .optional("is_primary", .bool),
            .optional("contact_id", .id),
            .optional("mobile", .string()),
            .optional("language", .language),
            .optional("time_zone", .timeZone),
            .optional("do_not_email", .bool),
            .optional("notes", .string(upTo: 4000)),
        ],
        rules: [
            .reject("customer_id", .hasOwner, .ownerAmbiguous),
            .reject("customer_id", .ownerOf("invoice_id"), .ownerMismatch),
            .mend("is_primary", .onePerOwner),
        ],
        flatPatterns: ["contacts", "customer_contacts"],
        extraContactSuffix: "_email"
    )
}
