import Receivables

extension IssueCode {
    /// Whether its message holds nothing but our words, numbers and names of columns, and so no cell.
    var isFitForMail: Bool {
        switch self {
        case .unreadable, .emptyFile, .unterminatedQuote, .notCSV, .tooLarge, .missingHeader,
            .missingRequiredColumn, .staleFile:
            true
        default: false
        }
    }

    /// What would have been right, for a mail: never what was found, since that may be a cell of the file.
    var expectation: String {
        switch self {
        case .unreadable: "a file that the server lets us read"
        case .badEncoding: "text in the drop's encoding, without NUL"
        case .emptyFile: "a header and rows"
        case .unterminatedQuote: "every quote closed"
        case .notCSV: "a CSV file"
        case .tooLarge: "a file within the limits of the drop"
        case .unknownType: "a name that tells the record type"
        case .missingHeader: "column names in the first line"
        case .missingRequiredColumn: "every required column in the header"
        case .duplicateColumn: "each column once"
        case .unmappedColumn: "columns of the bank's mapping alone"
        case .staleFile: "a file newer than the last one applied"
        case .badStructure: "records in their order"
        case .controlTotalMismatch: "totals that agree with the records"
        case .accountBoundElsewhere: "one source for each account"
        case .badQuoting: "nothing behind a closing quote"
        case .strayCarriageReturn: "one kind of line end"
        case .wrongFieldCount: "as many cells as the header has"
        case .requiredBlank: "a value"
        case .badDate: "a date in the drop's format"
        case .badTimestamp: "a timestamp with offset"
        case .badDecimal: "a plain number such as 1234.56"
        case .tooManyDecimals: "no more decimals than the currency has"
        case .outOfRange: "a number within the column's bounds"
        case .badCurrency: "an ISO 4217 code"
        case .badCode: "a known country, language or zone"
        case .badEmail: "one e-mail address"
        case .badURL: "a web address"
        case .badEnum: "a word of the column's list"
        case .badBool: "true or false"
        case .tooLong: "a text within the column's limit"
        case .nullLiteral: "an empty cell rather than a placeholder"
        case .duplicateKey: "each key once"
        case .parentNotFound: "a parent record that is known"
        case .parentCycle: "a tree without a loop"
        case .ownerAmbiguous: "a customer_id or an invoice_id"
        case .ownerMismatch: "the customer of that invoice"
        case .overApplied: "lines that sum to no more than the amount"
        case .currencyMismatch: "one currency"
        case .staleRow: "an updated_at no older than the stored one"
        case .unknownColumnCustom, .absenceSuspended, .nearMissColumn, .invoiceUnresolved,
            .unknownColumnIgnored, .parentMissingLinkedLater, .zeroBalance, .balanceGreaterThanAmount,
            .stubCreated, .dueBeforeInvoice, .duplicateIdentical, .invoiceNumberNotUnique,
            .negativeNormalised, .unknownCollector, .reconciliationVariance, .pdfAmbiguous,
            .outsideHistoryWindow, .cashAppIdUnknown, .cashAppIdMalformed, .cashAppIdNotExported,
            .cashAppIdCancelled, .partialReturn, .receiptMismatch, .balanceChainGap, .historyNotOverwritten,
            .severalFilesOfType, .delimiterDetected, .preambleSkipped, .dateInFuture:
            ""
        }
    }
}
