import Ledger
import Mustache

/// What all pages have in common: templates, the layout, the navigation, how refusals look.
struct Frame: Sendable {
    let drop: String
    let version: String
    /// Where the style sheet lies; its name changes with what is in it.
    let stylePath: String
    private let library: MustacheLibrary
    private let entries: [NavigationEntry]

    /// - Throws: ``TemplateRefused`` for a template that is broken or could pass text through unescaped.
    init(drop: String, version: String, areas: [any Area]) throws {
        self.drop = drop
        self.version = version
        stylePath = "/page-\(Digests.hex(Digests.sha256(Array(StyleSheet.text.utf8))).prefix(12)).css"
        entries = areas.compactMap(\.entry)
        var library = MustacheLibrary()
        try Self.add("layout", Layout.text, to: &library)
        for area in areas {
            for (name, text) in area.templates {
                guard library.getTemplate(named: name) == nil else {
                    throw TemplateRefused(name: name, problem: "there are two of that name")
                }
                // What ends in -part is put into others; all else stands in the layout.
                let isPart = name.hasSuffix("-part")
                try Self.add(
                    name,
                    isPart ? text : "{{<layout}}{{$content}}\(text){{/content}}{{/layout}}",
                    to: &library
                )
            }
        }
        self.library = library
    }

    private static func add(_ name: String, _ text: String, to library: inout MustacheLibrary) throws {
        // Each of these lets text through as it is, or changes what the others mean.
        for mark in ["{{{", "{{&", "{{%", "{{=", "{{>*"] where text.contains(mark) {
            throw TemplateRefused(name: name, problem: "\(mark) is not allowed")
        }
        do {
            try library.register(text, named: name)
        } catch {
            throw TemplateRefused(name: name, problem: "\(error)")
        }
    }

    /// A whole page.
    func page(_ template: String, title: String, _ model: some Sendable, for visit: Visit, status: Int)
        -> Reply
    {
        let section = visit.path.split(separator: "/").first
        let frame = LayoutModel(
            drop: drop,
            version: version,
            title: title,
            style: stylePath,
            token: visit.session?.token ?? "",
            person: visit.person.name.isEmpty ? nil : visit.person.name,
            role: visit.person.role.rawValue,
            entries: visit.person.name.isEmpty
                ? []
                : entries.filter { visit.may($0.role) }.map { entry in
                    LayoutModel.Entry(
                        title: entry.title,
                        path: entry.path,
                        current: entry.path.split(separator: "/").first == section ? "page" : nil
                    )
                },
            note: visit.session?.takeOutcome().map(LayoutModel.Note.init)
        )
        let text = library.render(Document(frame: frame, page: model), withTemplate: template)
        return .html(text ?? "", status: status)
    }

    /// How a refusal looks: a page, or JSON for programs.
    func refusal(_ refusal: Refusal, for visit: Visit, isProgram: Bool) -> Reply {
        var reply: Reply
        if isProgram {
            let error: [(key: String, value: JSONValue)] = [
                ("status", .integer(Int64(refusal.status))), ("title", .text(refusal.title)),
                ("message", .text(refusal.message)),
            ]
            reply = .json(JSONValue.json(of: [("error", .object(error))]), status: refusal.status)
        } else {
            let model = RefusalModel(
                status: refusal.status,
                message: refusal.message,
                offersSignIn: refusal.status == 401
            )
            reply = page("refusal", title: refusal.title, model, for: visit, status: refusal.status)
        }
        reply.headers += refusal.headers
        reply.ends = refusal.ends
        return reply
    }
}

/// Why the page does not start: a template of ours is wrong.
package struct TemplateRefused: Error, Sendable, CustomStringConvertible {
    let name: String
    let problem: String

    package var description: String { "template \(name): \(problem)" }
}

/// What a template is rendered with: the layout sees `frame`, what stands in it sees `page`.
private struct Document {
    let frame: LayoutModel
    let page: Any
}

struct RefusalModel: Sendable {
    let status: Int
    let message: String
    let offersSignIn: Bool
}
