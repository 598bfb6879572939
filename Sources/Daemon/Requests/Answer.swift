/// What became of a request.
package struct Answer: Sendable, Codable, Equatable {
    /// The exit status of the verb.
    package var exit: ExitStatus
    /// What is printed on stdout: lines for people, and the same as JSON.
    package var text: String
    package var json: String
    /// What is printed on stderr; empty when there is nothing to complain about.
    package var problem: String

    package init(exit: ExitStatus = .ok, text: String = "", json: String = "{}", problem: String = "") {
        self.exit = exit
        self.text = text
        self.json = json
        self.problem = problem
    }
}
