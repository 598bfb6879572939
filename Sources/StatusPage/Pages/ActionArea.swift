package import Ledger
import Threads

/// Deciding a file: release, discard, replay, each with a page before it that shows what it would change.
package struct ActionArea: Area {
    private let ledger: Ledger
    private let desk: any Desk

    package init(ledger: Ledger, desk: any Desk) {
        self.ledger = ledger
        self.desk = desk
    }

    package var templates: [String: String] {
        ["action": Self.question + DifferenceModel.template + Self.form]
    }

    package func addRoutes(to routes: inout Routes) {
        for action in Action.allCases {
            routes.get("/files/:file/\(action.rawValue)", for: .operator) { visit in
                try await confirm(action, visit)
            }
            routes.post("/files/:file/\(action.rawValue)", for: .operator) { visit in
                let file = try await find(visit)
                let order = action.order(
                    file.id,
                    reason: visit.form.line("reason", upTo: 500),
                    older: visit.form["older"] == "yes"
                )
                return visit.done(await desk.perform(order, by: visit.person.name), at: "/files/\(file.id)")
            }
        }
        routes.post("/poll", for: .operator) { visit in
            visit.done(await desk.perform(.poll, by: visit.person.name), at: "/")
        }
    }

    private enum Action: String, CaseIterable, Sendable {
        case release
        case discard
        case replay

        func order(_ file: Int64, reason: String?, older: Bool) -> Order {
            switch self {
            case .release: .release(file: file, reason: reason)
            case .discard: .discard(file: file, reason: reason)
            case .replay: .replay(file: file, older: older)
            }
        }

        var title: String {
            switch self {
            case .release: "Release"
            case .discard: "Discard"
            case .replay: "Replay"
            }
        }

        var meaning: String {
            switch self {
            case .release:
                "The file is applied although a guard has held it. What it no longer names is cleared, zeroed or deleted as its type has it."
            case .discard:
                "The file is not applied. The ledger stays as it is, and the file is moved to failed/ on the server."
            case .replay:
                "The file is loaded once more from the copy that was kept, against what the ledger holds today."
            }
        }
    }

    private func find(_ visit: Visit) async throws -> FileRow {
        let id = try visit.id("file")
        guard let file = try await onOwnThread({ try FileQueries(ledger).file(id) }) else {
            throw Refusal.unknown("file")
        }
        return file
    }

    /// Why the file is where it is, in words.
    private func reason(of file: FileRow) async throws -> String? {
        let guards = try await onOwnThread { try FileQueries(ledger).guards(of: [file]) }
        return guards[file.id] ?? file.reason.map { ReasonText.clause($0) ?? DisplayText($0).escaped }
    }

    private func confirm(_ action: Action, _ visit: Visit) async throws -> Reply {
        let file = try await find(visit)
        let isOlder = visit.query["older"] == "yes"
        let preview = await desk.preview(action.order(file.id, reason: nil, older: isOlder))
        let isHeld = file.state == "held"
        var obstacle: String?
        if action != .replay, !isHeld { obstacle = "The file is not held; it is \(file.state)." }
        if action == .replay, file.receivedAt == nil || file.state == "waiting" || file.state == "received" {
            obstacle = "The file was never loaded; it is \(file.state)."
        }
        var difference: Difference?
        var remark: String?
        switch preview {
        case .difference(let found):
            difference = found
            remark = Self.remark(on: found)
            if found.state == .failed { obstacle = obstacle ?? remark }
        case .refused(let reason): obstacle = obstacle ?? reason
        case .unknown(let reason): remark = reason
        case .nothing: break
        }
        let model = Model(
            file: file.id,
            name: DisplayText(file.name).escaped,
            type: file.type ?? "no type",
            chip: Chip.file(file.state),
            reason: try await reason(of: file),
            action: action.rawValue,
            title: action.title,
            meaning: action.meaning,
            hasDifference: difference != nil,
            difference: difference.map(DifferenceModel.init),
            remark: obstacle == nil ? remark : nil,
            obstacle: obstacle,
            mayGoOn: obstacle == nil,
            asksReason: action != .replay,
            offersOlder: action == .replay && preview.isRefusal && !isOlder,
            isOlder: isOlder,
            isDangerous: action != .replay
        )
        return visit.page("action", title: "\(action.title) file \(file.id)?", model)
    }

    /// What would become of the file.
    private static func remark(on difference: Difference) -> String {
        let state = difference.state.rawValue.replacing("_", with: " ")
        let reason = difference.reason.map { ": \(ReasonText.clause($0) ?? $0)" }
        return "The file would be \(state)\(reason ?? "")."
    }

    private struct Model: Sendable {
        let file: Int64
        let name: String
        let type: String
        let chip: Chip
        let reason: String?
        let action: String
        let title: String
        let meaning: String
        let hasDifference: Bool
        let difference: DifferenceModel?
        let remark: String?
        let obstacle: String?
        let mayGoOn: Bool
        let asksReason: Bool
        let offersOlder: Bool
        let isOlder: Bool
        let isDangerous: Bool
    }

    private static let question = """
        <p class="lead"><a href="/files/{{file}}">{{name}}</a> <span class="chip {{chip.kind}}">{{chip.word}}</span>{{#reason}} {{reason}}{{/reason}}</p>
        <p class="fine">File {{file}} · {{type}}</p>
        <p>{{meaning}}</p>
        {{#hasDifference}}<h2>What it would change</h2>{{/hasDifference}}

        """

    private static let form = """

        {{#remark}}<p>{{remark}}</p>{{/remark}}
        {{#obstacle}}<div class="note bad"><strong>It cannot be done.</strong> <span>{{obstacle}}</span></div>{{/obstacle}}
        {{#offersOlder}}<p><a href="/files/{{file}}/replay?older=yes">See what it would change as an older file, which clears nothing</a></p>{{/offersOlder}}
        {{#mayGoOn}}
        <form method="post" action="/files/{{file}}/{{action}}">
        <input type="hidden" name="token" value="{{frame.token}}">
        {{#isOlder}}<input type="hidden" name="older" value="yes">{{/isOlder}}
        {{#asksReason}}
        <label for="reason">Why, for those who ask later</label>
        <input id="reason" name="reason" type="text" maxlength="500" autocomplete="off">
        {{/asksReason}}
        <div class="actions">
        <button {{#isDangerous}}class="danger" {{/isDangerous}}type="submit">{{title}} file {{file}}</button>
        <a href="/files/{{file}}">Leave it as it is</a>
        </div>
        </form>
        {{/mayGoOn}}
        """
}

extension Preview {
    fileprivate var isRefusal: Bool {
        switch self {
        case .difference(let difference): difference.state == .failed
        case .refused: true
        case .unknown, .nothing: false
        }
    }
}
