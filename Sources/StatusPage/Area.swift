package import Ledger

/// A part of the page: its routes, its templates, its place in the navigation.
package protocol Area: Sendable {
    /// Shown at the top of every page; `nil` for an area that others link to.
    var entry: NavigationEntry? { get }

    /// Mustache by name; the name begins with the area's own. They are parsed at start, and one that could pass text
    /// through unescaped is refused.
    var templates: [String: String] { get }

    /// Adds what the area answers.
    func addRoutes(to routes: inout Routes)
}

extension Area {
    package var entry: NavigationEntry? { nil }
    package var templates: [String: String] { [:] }
}

/// A link at the top of every page.
package struct NavigationEntry: Sendable {
    package var title: String
    package var path: String
    /// Who sees it.
    package var role: Role

    package init(_ title: String, path: String, for role: Role = .viewer) {
        self.title = title
        self.path = path
        self.role = role
    }
}
