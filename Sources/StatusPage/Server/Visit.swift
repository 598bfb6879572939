package import Ledger

/// One request, as an area sees it: signed in, checked, its text decoded.
///
/// Whatever a browser sent is still somebody's text: look things up by it, bind it, show it through a template.
package struct Visit: Sendable {
    /// The path as it was asked for, without the query.
    package private(set) var path: String
    /// The parts of the path that stand for something.
    private(set) var parameters: [String: String]
    /// What follows the question mark.
    package private(set) var query: Fields
    /// What the form holds, for orders.
    package private(set) var form: Fields
    /// Who asks.
    package private(set) var person: Person
    package let now: Timestamp
    /// The address of the connection's other end; `local` for a socket of this machine.
    let address: String
    /// `nil` before signing in.
    private(set) var session: Sessions.Opened?
    let frame: Frame

    /// Somebody who is signed in; an empty name is nobody.
    package struct Person: Sendable, Equatable {
        package let name: String
        package let role: Role

        static let nobody = Person(name: "", role: .viewer)
    }

    /// A part of the path.
    package func text(_ name: String) -> String { parameters[name] ?? "" }

    /// A part of the path that is an id.
    ///
    /// - Throws: A page that says that there is no such thing.
    package func id(_ name: String) throws(Refusal) -> Int64 {
        guard let text = parameters[name], let id = Fields.id(text) else { throw .notFound }
        return id
    }

    /// Whether the person may do what a role may.
    package func may(_ role: Role) -> Bool { !person.name.isEmpty && person.role >= role }

    /// A whole page: the template in the frame that all pages have.
    ///
    /// - Parameters:
    ///   - template: The name under which an area gave it.
    ///   - title: The page's heading and the window's title.
    ///   - model: What the template's names are looked up in; a value of ours whose members are text, numbers, flags
    ///     and lists.
    package func page(_ template: String, title: String, _ model: some Sendable, status: Int = 200) -> Reply {
        frame.page(template, title: title, model, for: self, status: status)
    }

    /// After an order: sends the browser to a page, which shows what was done on top.
    ///
    /// `path` is one of ours, never taken from the request.
    package func done(_ outcome: Outcome, at path: String) -> Reply {
        session?.leave(outcome)
        return .redirect(path)
    }
}

extension Visit {
    init(at now: Timestamp, from address: String, in frame: Frame) {
        path = ""
        parameters = [:]
        query = Fields()
        form = Fields()
        person = .nobody
        self.now = now
        self.address = address
        self.frame = frame
    }

    func at(_ target: Target) -> Visit {
        var visit = self
        visit.path = target.path
        visit.query = target.query
        return visit
    }

    func of(_ person: Person, _ session: Sessions.Opened) -> Visit {
        var visit = self
        visit.person = person
        visit.session = session
        return visit
    }

    func with(parameters: [String: String]) -> Visit {
        var visit = self
        visit.parameters = parameters
        return visit
    }

    func with(form: Fields) -> Visit {
        var visit = self
        visit.form = form
        return visit
    }
}
