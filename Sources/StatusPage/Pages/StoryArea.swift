import Ledger
import Receivables

/// `/files/ID`: what happened to one file, step by step, what was wrong with it, and what it did.
package struct StoryArea: Area {
    /// How many findings stand on a page.
    private static let issues = 100
    /// How many cleared records stand on a page.
    private static let cleared = 100

    let source: PageSource

    package init(_ source: PageSource) { self.source = source }

    package var templates: [String: String] {
        ["story-file": StoryModel.template, "story-cleared": ClearedModel.template]
    }

    package func addRoutes(to routes: inout Routes) {
        routes.get("/files/:file") { [source] visit in
            let id = try visit.id("file")
            var cursor: IssueCursor?
            if let text = visit.query["issues"] {
                guard let read = IssueCursor(text) else {
                    throw Refusal.badRequest("A page of findings begins at a finding.")
                }
                cursor = read
            }
            let (now, mayDecide, after) = (visit.now, visit.may(.operator), cursor)
            let model = try await source.ask { source in
                let file = try source.file(id)
                return StoryModel(
                    try StoryQueries(source.ledger).outline(of: file),
                    issues: try IssuePages(source.ledger).issues(
                        of: id,
                        after: after,
                        limit: Self.issues + 1
                    ),
                    length: Self.issues,
                    isLater: after != nil,
                    schedule: source.schedule(),
                    mayDecide: mayDecide,
                    now: now
                )
            }
            return visit.page("story-file", title: model.name, model)
        }
        routes.get("/files/:file/cleared") { [source] visit in
            let id = try visit.id("file")
            let after = visit.query.id("after") ?? 0
            if visit.query["after"] != nil, visit.query.id("after") == nil {
                throw Refusal.badRequest("A page begins at the number of a record.")
            }
            let model = try await source.ask { source in
                let file = try source.file(id)
                return ClearedModel(
                    file,
                    try ClearedQueries(source.ledger).records(
                        of: file,
                        after: after,
                        limit: Self.cleared + 1
                    ),
                    length: Self.cleared,
                    isLater: after > 0
                )
            }
            return visit.page("story-cleared", title: "What \(model.name) cleared", model)
        }
        addDownloads(to: &routes)
    }

    private func addDownloads(to routes: inout Routes) {
        routes.get("/files/:file/original") { [source] visit in
            let id = try visit.id("file")
            let file = try await source.ask { try $0.file(id) }
            let isPDF = file.type.flatMap { Catalogue.type(named: $0) }?.isFileOfBytes == true
            return .download(
                try await source.copies.original(of: file),
                name: isPDF ? "file-\(id).pdf" : "file-\(id).csv",
                type: isPDF ? "application/pdf" : "text/csv"
            )
        }
        routes.get("/files/:file/rejects") { [source] visit in
            let id = try visit.id("file")
            let file = try await source.ask { try $0.file(id) }
            return .download(try await source.copies.rejects(of: file), name: "file-\(id).errors.csv")
        }
        routes.get("/files/:file/cleared.csv") { [source] visit in
            let id = try visit.id("file")
            let file = try await source.ask { try $0.file(id) }
            return .download(try await source.copies.cleared(by: file), name: "file-\(id).cleared.csv")
        }
    }
}
