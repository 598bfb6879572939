/// The first page: how the drop stands.
package struct OverviewArea: Area {
    private let desk: any Desk

    package init(desk: any Desk) { self.desk = desk }

    package var entry: NavigationEntry? { NavigationEntry("Overview", path: "/") }

    package var templates: [String: String] { ["overview": Self.template] }

    package func addRoutes(to routes: inout Routes) {
        routes.get("/") { [desk] visit in
            let vitals = await desk.vitals()
            return visit.page("overview", title: "Overview", Model(nextRun: vitals.nextRun))
        }
    }

    private struct Model: Sendable {
        let nextRun: String
    }

    private static let template = """
        <dl class="figures"><dt>Next run</dt><dd>{{nextRun}}</dd></dl>
        """
}
