/// Every finding about a file or a row that has a name: codes never change meaning, their texts may.
///
/// The page of record types explains each; ``families`` says where a code may stand.
package enum IssueCode: String, Sendable, CaseIterable {
    // The file is refused as a whole.
    case unreadable = "unreadable"
    case badEncoding = "bad_encoding"
    case emptyFile = "empty_file"
    case unterminatedQuote = "unterminated_quote"
    case notCSV = "not_csv"
    case tooLarge = "too_large"
    case unknownType = "unknown_type"
    case missingHeader = "missing_header"
    case missingRequiredColumn = "missing_required_column"
    case duplicateColumn = "duplicate_column"
    case unmappedColumn = "unmapped_column"
    case staleFile = "stale_file"
    case badStructure = "bad_structure"
    case controlTotalMismatch = "control_total_mismatch"
    case accountBoundElsewhere = "account_bound_elsewhere"

    // The row is refused; its key counts as present.
    case badQuoting = "bad_quoting"
    case strayCarriageReturn = "stray_cr"
    case wrongFieldCount = "wrong_field_count"
    case requiredBlank = "required_blank"
    case badDate = "bad_date"
    case badTimestamp = "bad_timestamp"
    case badDecimal = "bad_decimal"
    case tooManyDecimals = "too_many_decimals"
    case outOfRange = "out_of_range"
    case badCurrency = "bad_currency"
    case badCode = "bad_code"
    case badEmail = "bad_email"
    case badURL = "bad_url"
    case badEnum = "bad_enum"
    case badBool = "bad_bool"
    case tooLong = "too_long"
    case nullLiteral = "null_literal"
    case duplicateKey = "duplicate_key"
    case parentNotFound = "parent_not_found"
    case parentCycle = "parent_cycle"
    case ownerAmbiguous = "owner_ambiguous"
    case ownerMismatch = "owner_mismatch"
    case overApplied = "over_applied"
    case currencyMismatch = "currency_mismatch"
    case staleRow = "stale_row"

    // Noted; the row or file is applied all the same.
    case unknownColumnCustom = "unknown_column_custom"
    case absenceSuspended = "absence_suspended"
    case nearMissColumn = "near_miss_column"
    case invoiceUnresolved = "invoice_unresolved"
    case unknownColumnIgnored = "unknown_column_ignored"
    case parentMissingLinkedLater = "parent_missing_linked_later"
    case zeroBalance = "zero_balance"
    case balanceGreaterThanAmount = "balance_gt_amount"
    case stubCreated = "stub_created"
    case dueBeforeInvoice = "due_before_invoice"
    case duplicateIdentical = "duplicate_identical"
    case invoiceNumberNotUnique = "invoice_number_not_unique"
    case negativeNormalised = "negative_normalised"
    case unknownCollector = "unknown_collector"
    case reconciliationVariance = "reconciliation_variance"
    case pdfAmbiguous = "pdf_ambiguous"
    case outsideHistoryWindow = "outside_history_window"
    case cashAppIdUnknown = "cash_app_id_unknown"
    case cashAppIdMalformed = "cash_app_id_malformed"
    case cashAppIdNotExported = "cash_app_id_not_exported"
    case cashAppIdCancelled = "cash_app_id_cancelled"
    case partialReturn = "partial_return"
    case receiptMismatch = "receipt_mismatch"
    case balanceChainGap = "balance_chain_gap"
    case historyNotOverwritten = "history_not_overwritten"
    case severalFilesOfType = "several_files_of_type"
    case delimiterDetected = "delimiter_detected"
    case preambleSkipped = "preamble_skipped"
    case dateInFuture = "date_in_future"

    /// What a finding does to the file or row it is about.
    package enum Family: Sendable, Equatable {
        /// Nothing of the file is applied.
        case fileError
        /// The row is not applied; its key counts as present.
        case rowError
        /// The row or file is applied.
        case warning
    }

    /// Where the code may stand; some stand in two families, and there the place decides.
    package var families: [Family] {
        switch self {
        case .badEncoding:
            [.fileError, .rowError]
        case .parentCycle, .overApplied:
            [.rowError, .warning]
        case .unreadable, .emptyFile, .unterminatedQuote, .notCSV, .tooLarge, .unknownType, .missingHeader,
            .missingRequiredColumn, .duplicateColumn, .unmappedColumn, .staleFile, .badStructure,
            .controlTotalMismatch, .accountBoundElsewhere:
            [.fileError]
        case .badQuoting, .strayCarriageReturn, .wrongFieldCount, .requiredBlank, .badDate, .badTimestamp,
            .badDecimal, .tooManyDecimals, .outOfRange, .badCurrency, .badCode, .badEmail, .badURL, .badEnum,
            .badBool, .tooLong, .nullLiteral, .duplicateKey, .parentNotFound, .ownerAmbiguous, .ownerMismatch,
            .currencyMismatch, .staleRow:
            [.rowError]
        case .unknownColumnCustom, .absenceSuspended, .nearMissColumn, .invoiceUnresolved,
            .unknownColumnIgnored, .parentMissingLinkedLater, .zeroBalance, .balanceGreaterThanAmount,
            .stubCreated, .dueBeforeInvoice, .duplicateIdentical, .invoiceNumberNotUnique,
            .negativeNormalised, .unknownCollector, .reconciliationVariance, .pdfAmbiguous,
            .outsideHistoryWindow, .cashAppIdUnknown, .cashAppIdMalformed, .cashAppIdNotExported,
            .cashAppIdCancelled, .partialReturn, .receiptMismatch, .balanceChainGap, .historyNotOverwritten,
            .severalFilesOfType, .delimiterDetected, .preambleSkipped, .dateInFuture:
            [.warning]
        }
    }
}
