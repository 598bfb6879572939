import TestSupport

/// Cutting a file into records and fields, and nothing else.
struct SplitScene {
    let place: Place
    let book: Book

    func scene(rounds: Int) throws -> Scene {
        let file = DataFile(.invoices)
        let contents = try book.contents(file)
        let path = try book.path(file)
        let peers = LoadPeers(place: place, book: book)
        var contenders = [
            Contender(
                name: "shipped splitter",
                does: """
                    the shipped CSV reader driven by the benchmark, since no verb only splits; counts records, fields and their \
                    bytes; start included
                    """,
                prepare: { Command(place.benchmarks, "split", path) },
                judge: { performance in
                    let fields = (contents.rows + 1) * InvoiceRows.header.count
                    guard performance.said.hasPrefix("\(contents.rows + 1)|\(fields)|") else {
                        throw SystemError(message: "counted \(performance.said)")
                    }
                    return [:]
                }
            )
        ]
        var comparisons: [Comparison] = []
        if place.duckDBPython != nil {
            let start = peers.pythonStart()
            contenders += [
                Contender(
                    name: "DuckDB count",
                    does:
                        "DuckDB 1.4.4 in Python, `SELECT count(*) FROM read_csv(...)`; zsv is not packaged for Debian",
                    prepare: { try peers.duckDB("count", path) },
                    judge: { performance in
                        guard performance.said == "\(contents.rows)\n" else {
                            throw SystemError(message: "counted \(performance.said)")
                        }
                        return [:]
                    }
                ), start,
            ]
            for (quantity, suffix) in [(Quantity.cpu, ""), (.wall, "-wall")] {
                comparisons.append(
                    Comparison(
                        id: "split-\(book.invoices)\(suffix)",
                        title: "splitting alone, \(Table.count(book.invoices))",
                        ours: "shipped splitter",
                        theirs: "DuckDB count",
                        quantity: quantity,
                        without: start.name,
                        withoutFrom: .theirs
                    )
                )
            }
        }
        return Scene(
            id: "split",
            title: "Splitting \(Table.count(contents.bytes)) bytes, \(Table.count(book.invoices)) records",
            rounds: rounds,
            contenders: contenders,
            comparisons: comparisons
        )
    }
}
