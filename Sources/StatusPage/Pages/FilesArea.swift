import Ledger
import Receivables

/// `/files`: every file that was ever seen, newest first, by type, state, day and name.
package struct FilesArea: Area {
    /// How many files stand on a page.
    private static let length = 50

    let source: PageSource

    package init(_ source: PageSource) { self.source = source }

    package var entry: NavigationEntry? { NavigationEntry("Files", path: "/files") }
    package var templates: [String: String] { ["files-list": Self.template] }

    package func addRoutes(to routes: inout Routes) {
        routes.get("/files") { [source] visit in
            let question = try FileQuestion(visit.query)
            let now = visit.now
            let model = try await source.ask { source in
                let page = try source.directory.page(
                    question.filter,
                    before: question.before,
                    limit: Self.length,
                    now: now
                )
                return Model(question, page, try FileQueries(source.ledger).guards(of: page.files), now: now)
            }
            return visit.page("files-list", title: "Files", model)
        }
    }

    struct Choice: Sendable {
        let value: String
        let word: String
        let isChosen: Bool
    }

    struct Model: Sendable {
        let name: String
        let since: String
        let needsPerson: Bool
        let types: [Choice]
        let states: [Choice]
        let files: [FileLine]
        let hasFiles: Bool
        let isFiltered: Bool
        /// The address of the next page, without its beginning.
        let next: String?
        let isLater: Bool
        let first: String

        init(
            _ question: FileQuestion,
            _ page: FileDirectory.Page,
            _ guards: [Int64: String],
            now: Timestamp
        ) {
            let filter = question.filter
            name = filter.name
            since = question.since ?? ""
            needsPerson = filter.needsPerson
            types = Catalogue.types.map {
                Choice(value: $0.name, word: $0.name, isChosen: $0.name == filter.type)
            }
            states = FileState.allCases.map {
                Choice(
                    value: $0.rawValue,
                    word: $0.rawValue.replacing("_", with: " "),
                    isChosen: $0.rawValue == filter.state
                )
            }
            files = page.files.map { FileLine($0, guard: guards[$0.id], now: now) }
            hasFiles = !files.isEmpty
            isFiltered = filter != FileFilter()
            next = page.next.map { question.address(before: $0) }
            isLater = question.before != .max
            first = question.address(before: nil)
        }
    }

    static let template = """
        <form class="filters" method="get" action="/files" role="search" aria-label="Files">
        <div><label for="f-name">Name contains</label><input id="f-name" name="name" type="search" value="{{name}}" \
        maxlength="255" autocomplete="off" spellcheck="false"></div>
        <div><label for="f-type">Type</label><select id="f-type" name="type"><option value="">every type</option>
        {{#types}}<option value="{{value}}"{{#isChosen}} selected{{/isChosen}}>{{word}}</option>
        {{/types}}</select></div>
        <div><label for="f-state">State</label><select id="f-state" name="state"><option value="">every state</option>
        {{#states}}<option value="{{value}}"{{#isChosen}} selected{{/isChosen}}>{{word}}</option>
        {{/states}}</select></div>
        <div><label for="f-since">Seen since</label><input id="f-since" name="since" type="date" value="{{since}}"></div>
        <div><label class="inline" for="f-needs"><input id="f-needs" name="needs" type="checkbox" value="person"\
        {{#needsPerson}} checked{{/needsPerson}}> needs a person</label></div>
        <div><button type="submit">Show</button></div>
        </form>
        {{#isFiltered}}<p><a href="/files">Show all files</a></p>{{/isFiltered}}
        {{#hasFiles}}
        <table class="stack named">
        <caption>Newest first</caption>
        <thead><tr><th scope="col">File</th><th scope="col">State</th><th scope="col">Type</th>\
        <th scope="col">Seen</th><th scope="col" class="num">Rows</th><th scope="col" class="num">Rejected</th></tr></thead>
        <tbody>
        {{#files}}<tr>
        <th scope="row" data-label="File"><a href="/files/{{id}}">{{name}}</a> <span class="fine">{{size}}</span></th>
        <td data-label="State"><span class="chip {{chip.kind}}">{{chip.word}}</span>{{#why}} <span class="fine">{{why}}</span>{{/why}}</td>
        <td data-label="Type">{{type}}</td>
        <td data-label="Seen">{{#seen}}<time datetime="{{iso}}">{{text}}</time> <span class="fine">{{age}}</span>{{/seen}}</td>
        <td data-label="Rows" class="num short">{{rows}}</td>
        <td data-label="Rejected" class="num short">{{rejected}}</td>
        </tr>
        {{/files}}
        </tbody>
        </table>
        {{/hasFiles}}
        {{^hasFiles}}
        <p class="empty">{{#isFiltered}}No file fits.{{/isFiltered}}\
        {{^isFiltered}}No file has been seen yet. What is dropped on the server shows here after the next run.{{/isFiltered}}</p>
        {{/hasFiles}}
        <nav class="pages" aria-label="Pages of files">
        {{#isLater}}<a href="{{first}}">Newest</a>{{/isLater}}
        {{#next}}<a rel="next" href="{{next}}">Older files</a>{{/next}}
        </nav>
        """
}

/// One file in a list.
struct FileLine: Sendable {
    let id: Int64
    let name: String
    let type: String
    let chip: Chip
    /// The reason in words.
    let why: String?
    let size: String
    let seen: When?
    let rows: String
    let rejected: String

    /// `guard`: why it is held.
    init(_ file: FileRow, guard hold: String? = nil, now: Timestamp) {
        id = file.id
        name = DisplayText(file.name).escaped
        type = file.type.map { DisplayText($0).escaped } ?? "unknown type"
        chip = Chip.file(file.state)
        why =
            hold
            ?? file.reason.map { ReasonText.clause($0) ?? DisplayText($0.replacing("_", with: " ")).escaped }
        size = Shown.size(file.size)
        seen = When(file.firstSeenAt, now: now)
        // Nothing of a held file is applied, and nothing of it is counted.
        let total = file.state == FileState.held.rawValue ? nil : file.total
        rows = total.map(Count.text) ?? ""
        let refused = (file.rejected ?? 0) + (file.parked ?? 0)
        rejected = total == nil ? "" : Count.text(refused)
    }
}

/// A filter as it stands in an address.
struct FileQuestion: Sendable {
    var filter = FileFilter()
    /// Only files with a lower id.
    var before = Int64.max
    /// `YYYY-MM-DD`.
    var since: String?

    /// - Throws: ``Refusal`` for what is no filter of ours.
    init(_ query: Fields) throws(Refusal) {
        if let type = query["type"] {
            guard Catalogue.type(named: type) != nil else {
                throw .badRequest("There is no record type of that name.")
            }
            filter.type = type
        }
        if let state = query["state"] {
            guard FileState(rawValue: state) != nil else {
                throw .badRequest("There is no state of that name.")
            }
            filter.state = state
        }
        if let since = query["since"] {
            guard let day = Day(since) else { throw .badRequest("A day is written like 2026-11-21.") }
            self.since = since
            filter.since = Int64(day.number) * 86_400_000
        }
        if query["needs"] != nil {
            guard query["needs"] == "person" else {
                throw .badRequest("A file can need nothing but a person.")
            }
            filter.needsPerson = true
        }
        if let name = query["name"] {
            guard name.utf8.count <= 1024 else { throw .badRequest("A name has at most 255 characters.") }
            filter.name = name.trimmingBlanks
        }
        if query["before"] != nil {
            guard let id = query.id("before") else {
                throw .badRequest("A page begins at the number of a file.")
            }
            before = id
        }
    }

    /// The address of the same question from another file on.
    func address(before: Int64?) -> String {
        var parts: [String] = []
        if !filter.name.isEmpty { parts.append("name=\(encodedForQuery(filter.name))") }
        if let type = filter.type { parts.append("type=\(type)") }
        if let state = filter.state { parts.append("state=\(state)") }
        if let since { parts.append("since=\(since)") }
        if filter.needsPerson { parts.append("needs=person") }
        if let before { parts.append("before=\(before)") }
        return parts.isEmpty ? "/files" : "/files?" + parts.joined(separator: "&")
    }
}

extension String {
    /// The text without blanks at its ends.
    fileprivate var trimmingBlanks: String {
        let start = drop { $0.isWhitespace }
        return start.lastIndex { !$0.isWhitespace }.map { String(start[...$0]) } ?? ""
    }
}
