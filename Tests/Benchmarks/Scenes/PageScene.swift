import Foundation
import TestSupport

/// The status page of a daemon with much in its ledger beside one with little, and the former while it loads.
struct PageScene {
    let place: Place
    let files: Int
    let invoices: Int
    /// How often each page is asked for.
    let requests: Int

    private struct Told: Decodable {
        struct Times: Decodable {
            let median: Double
            let p99: Double
        }

        struct Page: Decodable {
            let small: Times
            let large: Times
            /// Of the large one, all pages in turn.
            let alone: Times
            let loading: Times
        }

        let pages: [String: Page]
    }

    func play(_ stage: Stage) throws -> SceneAccount {
        stage.tell("The status page: \(Table.count(files)) files and \(Table.count(invoices)) invoices")
        let text = try Command(
            place.python,
            "\(place.peers)/page.py",
            place.ledgerdrop,
            place.fresh("page"),
            "\(files)",
            "\(invoices)",
            "\(requests)"
        ).run()
        let told = try JSONDecoder().decode(Told.self, from: Data(text.utf8))
        for (name, page) in told.pages.sorted(by: { $0.key < $1.key }) {
            let times = [page.small, page.large, page.alone, page.loading].map { times in
                "\(Self.shown(times.median)) / \(Self.shown(times.p99))"
            }
            stage.tell(
                "  \(name): \(times.joined(separator: ", ")) ms (median / p99: little, much, much in turn, loading)"
            )
        }
        func figure(_ id: String, _ title: String, _ ratio: (Told.Page) -> Double) -> ComparisonAccount? {
            guard let worst = told.pages.max(by: { ratio($0.value) < ratio($1.value) }) else { return nil }
            return Spread([ratio(worst.value)]).map { spread in
                ComparisonAccount(
                    id: id,
                    title: "\(title); the worst page: \(worst.key)",
                    compares: "every page, \(requests) requests each, in turn on one machine",
                    quantity: "ratio of times",
                    unit: "times",
                    value: spread,
                    rounds: 1
                )
            }
        }
        return SceneAccount(
            id: "page",
            title: "The status page with \(Table.count(files)) files and \(Table.count(invoices)) invoices",
            contenders: [],
            comparisons: [
                figure(
                    "page-size-median",
                    "median against 420 files, which fill a page of each list, and 1,000 invoices"
                ) {
                    $0.large.median / $0.small.median
                },
                figure("page-size-p99", "99th percentile against 420 files and 1,000 invoices") {
                    $0.large.p99 / $0.small.p99
                },
                figure("page-load-median", "median while a load runs against none") {
                    $0.loading.median / $0.alone.median
                },
                figure("page-load-p99", "99th percentile while a load runs against none") {
                    $0.loading.p99 / $0.alone.p99
                },
            ].compactMap { $0 }
        )
    }

    private static func shown(_ milliseconds: Double) -> String { String(format: "%.2f", milliseconds) }
}
