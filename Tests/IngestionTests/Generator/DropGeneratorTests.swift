import Testing

struct DropGeneratorTests {
    @Test func `a seed always makes the same drop`() {
        var (one, two) = (DropGenerator(seed: 7), DropGenerator(seed: 7))
        #expect("\(one.drop())" == "\(two.drop())")
    }

    @Test(.timeLimit(.minutes(5)))
    func `the drops reach every state and finding that the model knows, and its counters balance`() {
        var states: Set<String> = []
        var codes: Set<String> = []
        for seed in 0..<UInt64(60) {
            var generator = DropGenerator(seed: seed)
            let drop = generator.drop()
            var model = ModelLedger(settings: drop.settings)
            model.perform(drop.steps)
            states.formUnion(model.results.map(\.state))
            codes.formUnion(model.results.flatMap(\.issues).map(\.code))
            for file in model.results where file.isApplied {
                let sum = file.inserted + file.updated + file.unchanged + file.rejected + file.parked
                #expect(file.total == sum && file.parked >= 0, "seed \(seed), \(file)")
            }
        }
        #expect(
            states == [
                "loaded", "loaded_with_errors", "duplicate", "held", "superseded", "discarded", "failed",
            ]
        )
        #expect(Set(expectedCodes).subtracting(codes) == [])
    }
}

private let expectedCodes = [
    "empty_file", "unterminated_quote", "not_csv", "missing_header", "missing_required_column",
    "duplicate_column", "stale_file", "bad_encoding", "bad_quoting", "stray_cr", "wrong_field_count",
    "required_blank", "bad_date", "bad_timestamp", "bad_decimal", "too_many_decimals", "out_of_range",
    "bad_currency", "bad_code", "bad_email", "bad_url", "bad_enum", "bad_bool", "too_long", "null_literal",
    "duplicate_key", "parent_not_found", "parent_cycle", "owner_ambiguous", "owner_mismatch", "over_applied",
    "currency_mismatch", "stale_row", "unknown_column_custom", "near_miss_column", "unknown_column_ignored",
    "zero_balance", "balance_gt_amount", "due_before_invoice", "invoice_number_not_unique",
    "several_files_of_type", "preamble_skipped", "absence_suspended", "invoice_unresolved",
    "parent_missing_linked_later", "stub_created", "duplicate_identical", "negative_normalised",
    "delimiter_detected", "date_in_future",
]
