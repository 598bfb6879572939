package import Ledger
import Receivables

/// "Validate before you send": a file goes up, its report comes back, and nothing is changed.
package struct CheckArea: Area {
    /// The largest file that is taken over the page, in bytes; larger ones go over the drop's own way.
    package static let limit = 64 << 20
    /// How many rows of each kind, and how many findings, a page shows.
    package static let scope = Difference.Scope(perKind: 50, showsValues: true, issues: 500)

    /// Tells what a file would become that came now: where its bytes lie, what its sender calls it, the record type.
    package typealias Check =
        @Sendable (_ path: String, _ name: String, _ type: String) async throws -> Difference

    private let limit: Int
    private let check: Check
    private let turnstile = OneByOne()

    /// - Parameters:
    ///   - fileBytes: The largest file that the drop takes at all.
    ///   - check: Says in its error's description, on one line, why a file cannot be looked at.
    package init(fileBytes: Int, check: @escaping Check) {
        limit = min(fileBytes, Self.limit)
        self.check = check
    }

    package var entry: NavigationEntry? { NavigationEntry("Check a file", path: "/check", for: .operator) }

    package var templates: [String: String] {
        ["check": Self.form, "check-report": Self.report + DifferenceModel.template]
    }

    package func addRoutes(to routes: inout Routes) {
        let form = CheckForm(limit: limit)
        routes.get("/check", for: .operator) { visit in visit.page("check", title: "Check a file", form) }
        routes.upload("/check", for: .operator, upTo: limit) { [check, turnstile] visit, upload in
            guard let name = visit.form["type"], let type = Catalogue.type(named: name) else {
                return visit.page(
                    "check",
                    title: "Check a file",
                    form.with("Choose a record type."),
                    status: 422
                )
            }
            guard await turnstile.enter() else {
                return visit.page(
                    "check",
                    title: "Check a file",
                    form.with("Another file is being checked. Try again in a moment."),
                    status: 503
                )
            }
            do {
                let difference = try await check(upload.path, upload.name, type.name)
                await turnstile.leave()
                return visit.page(
                    "check-report",
                    title: "Report on \(upload.name)",
                    CheckReport(difference, bytes: upload.bytes)
                )
            } catch {
                await turnstile.leave()
                return visit.page(
                    "check",
                    title: "Check a file",
                    form.with(
                        "The file could not be checked: \(DisplayText("\(error)", limit: 300).escaped)"
                    ),
                    status: 422
                )
            }
        }
    }

    private static let form = """
        <p class="lead">Validate before you send: the file is read as a drop would read it, and nothing is changed.</p>
        {{#problem}}<div class="note bad" role="alert"><strong>Not checked.</strong> <span>{{problem}}</span></div>{{/problem}}
        <form method="post" action="/check" enctype="multipart/form-data">
        <input type="hidden" name="token" value="{{frame.token}}">
        <label for="type">Record type</label>
        <select id="type" name="type" required>
        <option value="">Choose …</option>
        {{#types}}<option value="{{.}}">{{.}}</option>{{/types}}
        </select>
        <label for="file">File</label>
        <input type="file" id="file" name="file" required>
        <p class="fine">At most {{limit}}. The file is removed again once its report is made.</p>
        <div class="actions"><button type="submit">Check</button></div>
        </form>
        """

    private static let report = """
        <p class="lead"><span class="chip {{kind}}">{{state}}</span>{{#verdict}} {{verdict}}{{/verdict}}</p>
        <p class="fine"><a href="/types#{{type}}">{{type}}</a> · {{size}}</p>
        <p class="actions"><strong>Nothing was changed.</strong> <a href="/check">Check another file</a></p>
        """
}

/// What the form shows.
private struct CheckForm: Sendable {
    let types = Catalogue.types.map(\.name)
    let limit: String
    var problem: String?

    init(limit: Int) { self.limit = limit >= 1 << 20 ? "\(limit >> 20) MiB" : "\(limit) bytes" }

    func with(_ problem: String) -> CheckForm {
        var form = self
        form.problem = problem
        return form
    }
}

/// What the report shows beside the difference itself.
private struct CheckReport: Sendable {
    let kind: String
    let state: String
    /// Why, where there is a reason.
    let verdict: String?
    let type: String
    let size: String
    let difference: DifferenceModel

    init(_ difference: Difference, bytes: Int) {
        self.difference = DifferenceModel(difference)
        switch difference.state {
        case .loaded, .duplicate: kind = "good"
        case .loadedWithErrors, .held: kind = "warn"
        default: kind = "bad"
        }
        state = "would be " + difference.state.rawValue.replacing("_", with: " ")
        verdict = difference.reason.map { ReasonText.clause($0) ?? $0 }
        type = difference.type
        size = Shown.size(Int64(bytes))
    }
}

/// Lets one in and sends others away.
private actor OneByOne {
    private var isTaken = false

    func enter() -> Bool {
        guard !isTaken else { return false }
        isTaken = true
        return true
    }

    func leave() { isTaken = false }
}
