/// The same work at two sizes: what a row costs must not grow with the file.
struct ScaleScene {
    private let small: LoadScene
    private let large: LoadScene

    init(_ place: Place, small: Int, large: Int) throws {
        self.small = try LoadScene(place, invoices: small)
        self.large = try LoadScene(place, invoices: large)
        try self.small.prepareCustomers()
        try self.large.prepareCustomers()
    }

    func scene(rounds: Int) throws -> Scene {
        let few = Table.count(small.book.invoices)
        let many = Table.count(large.book.invoices)
        let scale = Double(small.book.invoices) / Double(large.book.invoices)
        func pair(_ id: String, _ title: String, _ quantity: Quantity) -> Comparison {
            Comparison(
                id: id,
                title: title,
                ours: "ledgerdrop, \(many)",
                theirs: "ledgerdrop, \(few)",
                quantity: quantity,
                without: small.nothing.name,
                scale: scale
            )
        }
        let imported = Comparison(
            id: "scale-import",
            title: "first load, \(many)",
            ours: "ledgerdrop, \(many)",
            theirs: "sqlite3 .import, first",
            quantity: .cpu
        )
        var firstOfFew = try small.firstLoad(named: few)
        firstOfFew.repeats = 5
        var nothing = small.nothing
        nothing.repeats = 5
        return Scene(
            id: "scale",
            title: "First load of \(many) open invoices beside \(few)",
            rounds: rounds,
            contenders: [
                firstOfFew, try large.firstLoad(named: many), nothing,
                try large.peers.sqliteImport(.first),
            ],
            comparisons: [
                pair("scale", "cost per row at \(many) vs \(few)", .cpu),
                pair("scale-wall", "cost per row at \(many) vs \(few)", .wall), imported,
            ]
        )
    }
}
