extension RecordType {
    /// The legal entities that customers and documents belong to.
    package static let subsidiaries = RecordType(
        "subsidiaries",
        table: "subsidiary",
        identity: .single("subsidiary_id"),
        absence: .untouched,
        references: [Reference("parent_id", to: "subsidiaries")],
        columns: [
            .required("subsidiary_id", .id),
            .required("name", .string()),
            .standard("parent_id", .id),
            .standard("currency", .currency, default: .reportingCurrency),
            .optional("country", .country),
            .optional("time_zone", .timeZone, default: .zone),
            .optional("is_active", .bool, default: .value("true")),
            .optional("tax_id", .string()),
            .optional("address_line_1", .string()),
            .optional("address_line_2", .string()),
            .optional("city", .string()),
            .optional("state", .string()),
            .optional("postal_code", .string()),
        ],
        rules: [.reject("parent_id", .acyclic, .parentCycle)],
        flatPatterns: ["subsidiaries", "subsidiary"]
    )
}
