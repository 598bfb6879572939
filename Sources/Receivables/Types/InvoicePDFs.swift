extension RecordType {
    /// The printed invoices; each file is one document, linked to its invoice by its name.
    package static let invoicePDFs = RecordType(
        "invoice_pdfs",
        table: "invoice_pdf",
        identity: .fileName,
        absence: .untouched,
        columns: [],
        isFileOfBytes: true
    )
}
