/// The columns of each type as the page of record types lists them: name, class, form.
let pageOfRecordTypes: [String: String] = [
    "subsidiaries": """
    subsidiary_id R id
    name R string
    parent_id D id
    currency D cur
    country O country
    time_zone O time_zone
    is_active O bool
    tax_id O string
    address_line_1 O string
    address_line_2 O string
    city O string
    state O string
    postal_code O string
    """,
    "customers_with_open_balances": """
    customer_id R id
    name R string
    balance R money
    currency R cur
    parent_id D id
    subsidiary_id D id
    customer_number D string
    payment_terms D string
    email D email
    phone D string
    collector_email D email
    unapplied_balance O money
    past_due_balance O money
    credit_limit O money
    status O enum(active,inactive,on_hold)
    do_not_contact O bool
    aliases O list
    tags O list
    segment O string
    industry O string
    territory O string
    sales_rep_name O string
    sales_rep_email O email
    language O language
    time_zone O time_zone
    tax_id O string
    website O url
    address_line_1 O string
    address_line_2 O string
    city O string
    state O string
    postal_code O string
    country O country
    external_url O url
    """,
    "open_invoices": """
    invoice_id R id
    invoice_number R string
    customer_id R id
    invoice_date R date
    due_date R date
    amount R money
    balance R money
    currency R cur
    subsidiary_id D id
    po_number D string
    payment_terms D string
    memo D string ≤ 4000
    pdf_filename D string
    invoice_type O enum(invoice,debit_memo,finance_charge,opening_balance)
    subtotal O money
    tax_amount O money
    shipping_amount O money
    discount_amount O money
    discount_date O date
    exchange_rate O decimal > 0
    reporting_amount O money
    reporting_balance O money
    sales_order_number O string
    contract_number O string
    project O string
    service_start_date O date
    service_end_date O date
    bill_to_name O string
    bill_to_email O email
    ship_to_name O string
    collector_email O email
    sales_rep_name O string
    sales_rep_email O email
    dispute_status O enum(none,open,resolved)
    dispute_reason O string
    dispute_date O date
    promise_to_pay_date O date
    promised_amount O money
    payment_url O url
    invoice_url O url
    department O string
    class O string
    location O string
    gl_account O string
    tags O list
    updated_at O ts
    """,
    "contacts": """
    customer_id R* id
    invoice_id R* id
    email R email
    first_name D string
    last_name D string
    title D string
    phone D string
    tags D list
    recipient_type O enum(to,cc,bcc,none)
    is_primary O bool
    contact_id O id
    mobile O string
    language O language
    time_zone O time_zone
    do_not_email O bool
    notes O string ≤ 4000
    """,
    "payment_receipts": """
    payment_id R id
    customer_id R id
    payment_date R date
    amount R money > 0
    currency R cur
    cash_app_payment_id D id
    payment_number D string
    unapplied_amount D money
    payment_method D string
    memo D string ≤ 4000
    subsidiary_id D id
    check_number O string
    reference_number O string
    applied_amount O money
    bank_account O string
    gl_account O string
    department O string
    class O string
    location O string
    exchange_rate O decimal > 0
    deposit_date O date
    payer_name O string
    status O enum(open,applied,voided,returned,refunded)
    tags O list
    updated_at O ts
    """,
    "payment_applications": """
    payment_id R id
    invoice_id R id
    amount R money
    application_id D id
    application_date D date
    currency D cur
    amount_invoice_currency O money
    discount_taken O money
    write_off_amount O money
    write_off_reason O string
    memo O string
    """,
    "credit_memo_receipts": """
    credit_memo_id R id
    customer_id R id
    credit_memo_date R date
    amount R money > 0
    currency R cur
    credit_memo_number D string
    unapplied_amount D money
    subsidiary_id D id
    memo D string ≤ 4000
    status O enum(open,applied,voided)
    related_invoice_id O id
    reason O string
    po_number O string
    exchange_rate O decimal > 0
    pdf_filename O string
    department O string
    class O string
    location O string
    tags O list
    updated_at O ts
    """,
    "credit_memo_applications": """
    credit_memo_id R id
    invoice_id R id
    amount R money
    application_id D id
    application_date D date
    currency D cur
    amount_invoice_currency O money
    memo O string
    """,
    "invoice_pdfs": """
    """,
]
