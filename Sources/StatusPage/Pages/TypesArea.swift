import Ledger
import Receivables

/// `/types`: what can be dropped, with a template and a description of each type to download.
package struct TypesArea: Area {
    package init() {}

    package var entry: NavigationEntry? { NavigationEntry("Record types", path: "/types") }
    package var templates: [String: String] { ["types-list": Self.template] }

    package func addRoutes(to routes: inout Routes) {
        routes.get("/types") { visit in visit.page("types-list", title: "Record types", Self.model) }
        routes.get("/types/:type/template.csv") { visit in
            let type = try Self.type(visit)
            let line = type.template(all: visit.query["all"] == "yes") + "\r\n"
            return .download(.bytes(Array(line.utf8)), name: "\(type.name).csv")
        }
        routes.get("/types/:type/schema.json") { visit in
            let type = try Self.type(visit, needsHeader: false)
            return .download(
                .bytes(Array((TableSchema(type).value.json + "\n").utf8)),
                name: "\(type.name).schema.json",
                type: "application/json"
            )
        }
    }

    private static func type(_ visit: Visit, needsHeader: Bool = true) throws(Refusal) -> RecordType {
        guard let type = Catalogue.type(named: visit.text("type")), !(needsHeader && type.isFileOfBytes)
        else {
            throw .notFound
        }
        return type
    }

    struct Model: Sendable {
        let types: [Line]
    }

    struct Line: Sendable {
        let name: String
        let place: String
        let meaning: String
        let hasTemplate: Bool
        let columns: [ColumnLine]
    }

    struct ColumnLine: Sendable {
        let name: String
        let need: String
        let form: String
    }

    private static let model = Model(
        types: Catalogue.types.map { type in
            Line(
                name: type.name,
                place: type.isFileOfBytes ? "\(type.name)/" : "\(type.name)/pending/",
                meaning: type.meaning,
                hasTemplate: !type.isFileOfBytes,
                columns: type.columns.map { ColumnLine(name: $0.name, need: $0.need, form: $0.format.words) }
            )
        }
    )

    static let template = """
        <p>Each file holds one record type, begins with a line of column names and is dropped in the folder of its type. \
        The order of the columns is free.</p>
        <div class="cards wide">
        {{#types}}
        <section class="card" aria-labelledby="{{name}}">
        <h2 id="{{name}}">{{name}}</h2>
        <p>Dropped in <code>{{place}}</code>. {{meaning}}</p>
        <p class="actions">{{#hasTemplate}}<a class="button quiet" href="/types/{{name}}/template.csv" download>Template</a>
        <a href="/types/{{name}}/template.csv?all=yes" download>Template with every column</a>
        {{/hasTemplate}}<a href="/types/{{name}}/schema.json" download>Schema</a>
        <a href="/files?type={{name}}">Its files</a></p>
        {{#hasTemplate}}<details><summary>Columns</summary>
        <table class="stack"><caption>Columns of {{name}}</caption>
        <thead><tr><th scope="col">Column</th><th scope="col">Need</th><th scope="col">Form</th></tr></thead>
        <tbody>{{#columns}}<tr><th scope="row" class="mono">{{name}}</th><td data-label="Need">{{need}}</td>\
        <td data-label="Form">{{form}}</td></tr>
        {{/columns}}</tbody></table></details>{{/hasTemplate}}
        </section>
        {{/types}}
        </div>
        """
}

extension RecordType {
    /// What a file of this type does, in two sentences.
    fileprivate var meaning: String {
        switch absence {
        case .cleared: "It names every record that is still open; one that is missing from it is cleared."
        case .zeroed: "It names every record with a balance; one that is missing from it gets the balance 0."
        case .replacedPerOwner: "For each owner that it names, its rows replace those that were there."
        case .untouched:
            isFileOfBytes
                ? "Each file is one PDF; its name says to which invoice it belongs."
                : "It adds and changes records; one that is missing from it stays as it is."
        }
    }
}

extension Receivables.Column {
    /// How much the header and the rows owe us, in words.
    fileprivate var need: String {
        switch `class` {
        case .required: "required"
        case .owner: "one of its kind is required"
        case .standard: "may be left out"
        case .optional: "may be added"
        }
    }
}
