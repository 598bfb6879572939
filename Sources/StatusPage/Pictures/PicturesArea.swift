import Ledger
import Receivables

/// `/pictures`: what people would rather look at than read; the same figures stand below each picture as a table.
package struct PicturesArea: Area {
    let source: PageSource

    package init(_ source: PageSource) { self.source = source }

    package var entry: NavigationEntry? { NavigationEntry("Pictures", path: "/pictures") }
    package var templates: [String: String] { ["pictures": PicturesModel.template] }

    package func addRoutes(to routes: inout Routes) {
        routes.get("/pictures") { [source] visit in
            let now = visit.now
            let model = try await source.ask { source in
                PicturesModel(source.figures.snapshot, try TypeStanding.all(source), now: now)
            }
            return visit.page("pictures", title: "Pictures", model)
        }
        routes.get("/pictures/days.svg") { [source] visit in
            .svg(
                DaysPicture(days: source.figures.snapshot?.activity.days ?? []).svg(
                    narrow: Self.isNarrow(visit)
                )
            )
        }
        routes.get("/pictures/rejects.svg") { [source] visit in
            .svg(PicturesModel.rejects(source.figures.snapshot).svg(narrow: Self.isNarrow(visit)))
        }
        routes.get("/pictures/freshness.svg") { [source] visit in
            let now = visit.now
            let standings = try await source.ask { try TypeStanding.all($0) }
            return .svg(PicturesModel.freshness(standings, now: now).svg(narrow: Self.isNarrow(visit)))
        }
        routes.get("/pictures/aging/:currency") { [source] visit in
            let name = visit.text("currency")
            guard
                let of = source.figures.snapshot?.invoices.currencies.first(where: {
                    "\($0.currency).svg" == name
                })
            else { throw Refusal.notFound }
            return .svg(PicturesModel.aging(of).svg(narrow: Self.isNarrow(visit)))
        }
    }

    private static func isNarrow(_ visit: Visit) -> Bool { visit.query["width"] == "narrow" }
}
