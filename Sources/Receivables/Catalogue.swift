/// All record types.
package enum Catalogue {
    /// The version of the declarations; raised with every change that alters tables or views.
    package static let version = 1

    /// The types in load order: each stands behind those that its rows refer to.
    package static let types: [RecordType] = [
        .subsidiaries,
        .customersWithOpenBalances,
        .openInvoices,
        .contacts,
        .paymentReceipts,
        .paymentApplications,
        .creditMemoReceipts,
        .creditMemoApplications,
        .invoicePDFs,
    ]

    /// The type of a name such as `open_invoices`.
    package static func type(named name: String) -> RecordType? {
        types.first { $0.name == name }
    }
}
