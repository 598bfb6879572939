import Ingestion
import Ledger
import Testing

/// Looking at the changes alone comes to the same as comparing all customers.
struct ReconciliationAgreementTests {
    private static let settings = [
        Reconciler.Settings(), Reconciler.Settings(isNet: false),
        Reconciler.Settings(unappliedFromFile: true),
    ]

    @Test(.timeLimit(.minutes(5)), arguments: [1, 2, 3] as [UInt64])
    func `the changes of any history come to what all customers come to`(seed: UInt64) throws {
        var loading = LoadSettings()
        loading.createsStubs = seed.isMultiple(of: 2)
        loading.guardShare = 1
        let drop = try LoadingDrop(loading)
        var history = History(seed: seed)
        let settings = Self.settings[Int(seed % 3)]
        let reconciler = Reconciler(drop.ledger)
        try drop.batch(history.whole())
        #expect(try reconciler.reconcile(settings, at: drop.now) == .all)
        var alone = 0
        for round in 1...16 {
            try drop.batch(history.some())
            // Sometimes two runs lie between two comparisons.
            if history.draw(4) == 0 { try drop.batch(history.some()) }
            let outcome = try reconciler.reconcile(settings, at: drop.now)
            if case .changes = outcome { alone += 1 }
            let changes = try found(drop)
            try reconciler.reconcile(settings, at: drop.now, isWhole: true)
            #expect(try found(drop) == changes, "round \(round)")
        }
        #expect(alone >= 10, "nearly all rounds must have gone by their changes")
    }

    @Test func `the first variance of all is found by the changes as it is`() throws {
        let drop = try LoadingDrop()
        let ids = 100..<140
        let customers = History.customers + ids.map { "C\($0),Acme,10.00,USD\n" }.joined()
        func invoices(_ balance: (Int) -> String) -> LoadingDrop.File {
            let head = "invoice_id,invoice_number,customer_id,invoice_date,due_date,amount,balance,currency\n"
            let rows = ids.map { "I\($0),N\($0),C\($0),2025-01-01,2025-02-01,90.00,\(balance($0)),USD\n" }
            return LoadingDrop.File("open_invoices", head + rows.joined())
        }
        try drop.batch(LoadingDrop.File("customers_with_open_balances", customers), invoices { _ in "10.00" })
        let reconciler = Reconciler(drop.ledger)
        #expect(try reconciler.reconcile(Reconciler.Settings(), at: drop.now) == .all)
        #expect(try found(drop) == ["40|0"])
        for step in ["10.01", "10.03", "10.00", "9.99"] {
            try drop.batch(invoices { $0 < 103 ? step : "10.00" })
            #expect(try reconciler.reconcile(Reconciler.Settings(), at: drop.now) == .changes)
            let changes = try found(drop)
            try reconciler.reconcile(Reconciler.Settings(), at: drop.now, isWhole: true)
            #expect(try found(drop) == changes, "\(step)")
        }
    }

    @Test func `a run leaves what is too much for it, and nothing is lost by that`() throws {
        let drop = try LoadingDrop()
        var history = History(seed: 9)
        try drop.batch(history.whole())
        let reconciler = Reconciler(drop.ledger)
        #expect(try reconciler.reconcile(Reconciler.Settings(), at: drop.now, upTo: 10) == .left)
        #expect(try ReconciliationQueries(drop.ledger).isBehind())
        #expect(try reconciler.reconcile(Reconciler.Settings(), at: drop.now) == .all)
        #expect(try !ReconciliationQueries(drop.ledger).isBehind())
        try drop.batch(history.some())
        #expect(try reconciler.reconcile(Reconciler.Settings(), at: drop.now, upTo: 0) == .left)
        try drop.batch(history.some())
        #expect(try reconciler.reconcile(Reconciler.Settings(), at: drop.now) == .changes)
        let changes = try found(drop)
        try reconciler.reconcile(Reconciler.Settings(), at: drop.now, isWhole: true)
        #expect(try found(drop) == changes)
    }

    @Test func `a comparison that is stopped leaves the last one, and the next begins anew`() throws {
        let drop = try LoadingDrop()
        let rows = (1000..<5500).map { "C\($0),Acme,1.00,USD\n" }
        try drop.batch(LoadingDrop.File("customers_with_open_balances", History.customers + rows.joined()))
        let reconciler = Reconciler(drop.ledger)
        #expect(try reconciler.reconcile(Reconciler.Settings(), at: drop.now) { true } == .left)
        #expect(try ReconciliationQueries(drop.ledger).summary() == nil)
        #expect(try reconciler.reconcile(Reconciler.Settings(), at: drop.now) == .all)
        #expect(try ReconciliationQueries(drop.ledger).summary()?.variances == 4500)
    }

    /// All that a comparison shows.
    private func found(_ drop: LoadingDrop) throws -> [String] {
        try drop.query("SELECT * FROM reconciliation_variances ORDER BY 1, 2")
            + drop.query("SELECT is_shown, customer_id, currency, high, low FROM variance ORDER BY 1, 2, 3")
            + drop.query("SELECT * FROM variance_total ORDER BY 1")
            + drop.query("SELECT customers, variances FROM reconciliation")
    }
}

/// Files of a drop whose figures change a little from hour to hour.
private struct History {
    static let customers = "customer_id,name,balance,currency\n"
    private static let currencies = ["USD", "EUR", "JPY"]

    private var state: UInt64
    private var balances: [Int] = []
    private var own: [Int] = []
    private var invoices: [Int: (customer: Int, currency: Int, balance: Int)] = [:]
    private var payments: [Int: (customer: Int, amount: Int, status: String, left: Int?)] = [:]
    private var memos: [Int: (customer: Int, amount: Int)] = [:]
    private var next = 1

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }

    /// A number below `limit`.
    mutating func draw(_ limit: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int(state % UInt64(limit))
    }

    /// Many files of every kind.
    mutating func whole() -> [LoadingDrop.File] {
        for _ in 0..<150 {
            balances.append(draw(5) == 0 ? draw(300) * 100 : 10000)
            own.append(draw(3))
        }
        for _ in 0..<500 { addInvoice() }
        for _ in 0..<120 { addPayment() }
        for _ in 0..<80 { addMemo() }
        return [
            customerFile, invoiceFile, paymentFile(Array(payments.keys)), memoFile(Array(memos.keys)),
            lines(of: "payment", Array(payments.keys.sorted().prefix(70))),
            lines(of: "credit_memo", Array(memos.keys.sorted().prefix(40))),
        ]
    }

    /// A few files with a few changes.
    mutating func some() -> [LoadingDrop.File] {
        var files: [LoadingDrop.File] = []
        if draw(2) == 0 {
            for _ in 0..<draw(6) { balances[draw(balances.count)] = draw(4) == 0 ? 0 : draw(400) * 100 }
            if draw(4) == 0 { own[draw(own.count)] = draw(3) }
            if draw(3) == 0 {
                balances.append(10000)
                own.append(draw(3))
            }
            files.append(customerFile)
        }
        if draw(3) > 0 {
            for _ in 0..<draw(8) {
                guard let id = invoices.keys.sorted().dropFirst(draw(invoices.count)).first else { continue }
                let (customer, balance) = (draw(balances.count), draw(90) * 100)
                switch draw(4) {
                case 0: invoices[id] = nil
                case 1: invoices[id]?.customer = customer
                default: invoices[id]?.balance = balance
                }
            }
            for _ in 0..<draw(5) { addInvoice() }
            files.append(invoiceFile)
        }
        if draw(2) == 0 {
            for _ in 0..<draw(3) { addPayment() }
            var some = Array(payments.keys.sorted().suffix(3))
            for _ in 0..<draw(5) {
                guard let id = payments.keys.sorted().dropFirst(draw(payments.count)).first else { continue }
                some.append(id)
                let (amount, left) = (100 + draw(400) * 100, draw(3) == 0 ? draw(50) * 100 : nil)
                let status = ["voided", "posted", "refunded"][draw(3)]
                payments[id]?.amount = amount
                payments[id]?.left = left
                if draw(4) == 0 { payments[id]?.status = status }
            }
            files.append(paymentFile(Array(Set(some))))
        }
        if draw(3) == 0 {
            for _ in 0..<draw(3) { addMemo() }
            files.append(memoFile(Array(memos.keys.sorted().suffix(4))))
        }
        if draw(2) == 0 { files.append(lines(of: "payment", pick(Array(payments.keys.sorted())))) }
        if draw(3) == 0 { files.append(lines(of: "credit_memo", pick(Array(memos.keys.sorted())))) }
        return files
    }

    private mutating func pick(_ all: [Int]) -> [Int] {
        var picked: Set<Int> = []
        for _ in 0...draw(5) { picked.insert(all[draw(all.count)]) }
        return picked.sorted()
    }

    private mutating func addInvoice() {
        let customer = draw(balances.count)
        let currency = draw(6) == 0 ? draw(3) : own[customer]
        invoices[next] = (customer, currency, 100 + draw(90) * 100)
        next += 1
    }

    private mutating func addPayment() {
        let payment = (customer: draw(balances.count), amount: 100 + draw(300) * 100)
        payments[next] = (payment.customer, payment.amount, "", nil)
        next += 1
    }

    private mutating func addMemo() {
        let memo = (customer: draw(balances.count), amount: 100 + draw(100) * 100)
        memos[next] = memo
        next += 1
    }

    /// Stubs are made for customers who stand in no file: one in ten has never been stated.
    private var customerFile: LoadingDrop.File {
        var text = Self.customers
        for index in balances.indices where balances[index] != 0 && (index % 10 != 3 || next > 900) {
            text += "C\(index),Name,\(amount(balances[index], own[index])),\(Self.currencies[own[index]])\n"
        }
        return LoadingDrop.File("customers_with_open_balances", text)
    }

    private var invoiceFile: LoadingDrop.File {
        var text = "invoice_id,invoice_number,customer_id,invoice_date,due_date,amount,balance,currency\n"
        for (id, row) in invoices.sorted(by: { $0.key < $1.key }) {
            let balance = amount(row.balance, row.currency)
            text +=
                "I\(id),N\(id),C\(row.customer),2025-01-01,2025-02-01,\(amount(90000, row.currency)),\(balance),"
            text += "\(Self.currencies[row.currency])\n"
        }
        return LoadingDrop.File("open_invoices", text)
    }

    private func paymentFile(_ ids: [Int]) -> LoadingDrop.File {
        var text =
            "payment_id,customer_id,payment_date,amount,currency,payment_method,status,unapplied_amount\n"
        for id in ids.sorted() {
            guard let row = payments[id] else { continue }
            let currency = own[row.customer]
            text +=
                "P\(id),C\(row.customer),2025-01-03,\(amount(row.amount, currency)),\(Self.currencies[currency]),"
            text += "wire,\(row.status),\(row.left.map { amount($0, currency) } ?? "")\n"
        }
        return LoadingDrop.File("payment_receipts", text)
    }

    private func memoFile(_ ids: [Int]) -> LoadingDrop.File {
        var text = "credit_memo_id,customer_id,credit_memo_date,amount,currency\n"
        for id in ids.sorted() {
            guard let row = memos[id] else { continue }
            let currency = own[row.customer]
            text +=
                "M\(id),C\(row.customer),2025-01-03,\(amount(row.amount, currency)),\(Self.currencies[currency])\n"
        }
        return LoadingDrop.File("credit_memo_receipts", text)
    }

    private mutating func lines(of kind: String, _ owners: [Int]) -> LoadingDrop.File {
        var text = "\(kind)_id,invoice_id,amount\n"
        let letter = kind == "payment" ? "P" : "M"
        for owner in owners {
            if draw(6) == 0 {
                text += "\(letter)\(owner),,0\n"
                continue
            }
            for _ in 0...draw(2) { text += "\(letter)\(owner),I\(1 + draw(500)),\(1 + draw(20))\n" }
        }
        return LoadingDrop.File("\(kind)_applications", text)
    }

    private func amount(_ cents: Int, _ currency: Int) -> String {
        currency == 2 ? "\(cents / 100)" : "\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100)"
    }
}
