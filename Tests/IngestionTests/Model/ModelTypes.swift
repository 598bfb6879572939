extension ModelType {
    /// The CSV types in load order (records.md 4).
    static let all: [ModelType] = [
        ModelType(
            "subsidiaries",
            """
            subsidiary_id R id
            name R string
            parent_id D id
            currency D cur
            country O country
            time_zone O zone
            is_active O bool
            tax_id address_line_1 address_line_2 city state postal_code O string
            """
        ),
        ModelType(
            "customers_with_open_balances",
            """
            customer_id R id
            name R string
            balance R money
            currency R cur
            parent_id subsidiary_id D id
            customer_number payment_terms D string
            email D email
            phone D string
            collector_email D email
            unapplied_balance past_due_balance credit_limit O money
            status O enum(active,inactive,on_hold)
            do_not_contact O bool
            aliases tags O list
            segment industry territory sales_rep_name O string
            sales_rep_email O email
            language O language
            time_zone O zone
            tax_id O string
            website O url
            address_line_1 address_line_2 city state postal_code O string
            country O country
            external_url O url
            """
        ),
        ModelType(
            "open_invoices",
            """
            invoice_id R id
            invoice_number R string
            customer_id R id
            invoice_date due_date R date
            amount balance R money
            currency R cur
            subsidiary_id D id
            po_number payment_terms D string
            memo D string4000
            pdf_filename D string
            invoice_type O enum(invoice,debit_memo,finance_charge,opening_balance)
            subtotal tax_amount shipping_amount discount_amount O money
            discount_date O date
            exchange_rate O decimal
            reporting_amount reporting_balance O money
            sales_order_number contract_number project O string
            service_start_date service_end_date O date
            bill_to_name O string
            bill_to_email O email
            ship_to_name O string
            collector_email O email
            sales_rep_name O string
            sales_rep_email O email
            dispute_status O enum(none,open,resolved)
            dispute_reason O string
            dispute_date promise_to_pay_date O date
            promised_amount O money
            payment_url invoice_url O url
            department class location gl_account O string
            tags O list
            updated_at O ts
            """
        ),
        ModelType(
            "contacts",
            """
            customer_id invoice_id * id
            email R email
            first_name last_name title phone D string
            tags D list
            recipient_type O enum(to,cc,bcc,none)
            is_primary O bool
            contact_id O id
            mobile O string
            language O language
            time_zone O zone
            do_not_email O bool
            notes O string4000
            """
        ),
        ModelType(
            "payment_receipts",
            """
            payment_id customer_id R id
            payment_date R date
            amount R money
            currency R cur
            cash_app_payment_id D id
            payment_number D string
            unapplied_amount D money
            payment_method D string
            memo D string4000
            subsidiary_id D id
            check_number reference_number O string
            applied_amount O money
            bank_account gl_account department class location O string
            exchange_rate O decimal
            deposit_date O date
            payer_name O string
            status O enum(open,applied,voided,returned,refunded)
            tags O list
            updated_at O ts
            """
        ),
        ModelType(
            "payment_applications",
            """
            payment_id invoice_id R id
            amount R money
            application_id D id
            application_date D date
            currency D cur
            amount_invoice_currency discount_taken write_off_amount O money
            write_off_reason memo O string
            """
        ),
        ModelType(
            "credit_memo_receipts",
            """
            credit_memo_id customer_id R id
            credit_memo_date R date
            amount R money
            currency R cur
            credit_memo_number D string
            unapplied_amount D money
            subsidiary_id D id
            memo D string4000
            status O enum(open,applied,voided)
            related_invoice_id O id
            reason po_number O string
            exchange_rate O decimal
            pdf_filename department class location O string
            tags O list
            updated_at O ts
            """
        ),
        ModelType(
            "credit_memo_applications",
            """
            credit_memo_id invoice_id R id
            amount R money
            application_id D id
            application_date D date
            currency D cur
            amount_invoice_currency O money
            memo O string
            """
        ),
    ]

    static func named(_ name: String) -> ModelType? {
        all.first { $0.name == name }
    }
}
