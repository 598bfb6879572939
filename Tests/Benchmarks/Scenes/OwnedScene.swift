import TestSupport

/// Contacts, payments and the lines of payments, on a ledger that knows customers and invoices.
struct OwnedScene {
    let place: Place
    let book: Book
    private let drop: Drop

    init(_ place: Place, _ book: Book) throws {
        self.place = place
        self.book = book
        drop = Drop(place)
        try drop.layOut()
        try put([(.subsidiaries, .first), (.customers, .first), (.invoices, .first)])
        try drop.poll.run()
        try drop.keep(as: "parents")
        try put([(.contacts, .first), (.payments, .first), (.applications, .first)])
        try drop.poll.run()
        try drop.keep(as: "owned")
    }

    private static let types: [DataFile.Table: String] = [
        .subsidiaries: SubsidiaryRows.type, .customers: CustomerRows.type, .invoices: InvoiceRows.type,
        .contacts: ContactRows.type, .payments: PaymentRows.type, .applications: ApplicationRows.type,
    ]

    private func put(_ files: [(DataFile.Table, DataFile.Edition)]) throws {
        for (table, edition) in files {
            let day = edition == .first ? "2026-11-20" : "2026-11-21"
            try drop.put(try book.path(DataFile(table, edition)), Self.types[table] ?? "", day: day)
        }
    }

    func scene(rounds: Int) throws -> Scene {
        var contenders: [Contender] = []
        var comparisons: [Comparison] = []
        for table in [DataFile.Table.contacts, .payments, .applications] {
            for edition in [DataFile.Edition.first, .next] {
                let ours = try ledgerdrop(table, edition)
                let theirs = try LoadPeers(place: place, book: book).sqliteImport(DataFile(table, edition))
                contenders += [ours, theirs]
                comparisons.append(
                    Comparison(
                        id: "\(table.rawValue)-\(edition.rawValue)",
                        title: "\(Table.count(try book.contents(DataFile(table)).rows)) \(table.rawValue), "
                            + (edition == .first ? "first load" : "next day"),
                        ours: ours.name,
                        theirs: theirs.name,
                        quantity: .cpu
                    )
                )
            }
        }
        return Scene(
            id: "owned",
            title: "Contacts, payments and their lines, on a live ledger",
            rounds: rounds,
            contenders: contenders,
            comparisons: comparisons
        )
    }

    private func ledgerdrop(_ table: DataFile.Table, _ edition: DataFile.Edition) throws -> Contender {
        let contents = try book.contents(DataFile(table, edition))
        // Payments must be there before their lines, and none of the file may be.
        let isNew = edition == .first
        let counts =
            isNew
            ? "loaded|\(contents.rows)|\(contents.rows)|0|0|0|0|0"
            : "loaded|\(contents.rows)|0|\(contents.changed)|\(contents.rows - contents.changed)|0|0|0"
        let kept = isNew ? (table == .applications ? "payments" : "parents") : "owned"
        if isNew, table == .applications {
            try drop.layOut(from: "parents")
            try put([(.payments, .first)])
            try drop.poll.run()
            try drop.keep(as: "payments")
        }
        return Contender(
            name: "ledgerdrop, \(table.rawValue) \(edition.rawValue)",
            does:
                "`ledgerdrop poll`, everything of a run, on a ledger that knows the customers and \(Table.count(book.invoices)) invoices",
            fileBytes: contents.bytes,
            prepare: {
                try drop.layOut(from: kept)
                try put([(table, edition)])
                return drop.poll
            },
            judge: { performance in
                try drop.expect(newest: counts, slowly: performance.isFirst)
                return [:]
            }
        )
    }
}
