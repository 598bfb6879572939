import Ledger

/// One address of the API: what it is asked with, what it answers, and how that looks.
struct Endpoint: Sendable {
    struct Parameter: Sendable {
        let name: String
        let shape: Shape
        let meaning: String
    }

    /// Below the API's root; a part in braces stands for anything: `/files/{file}`.
    let path: String
    let summary: String
    var parts: [Parameter] = []
    var query: [Parameter] = []
    let shape: Shape
    let answer: @Sendable (Visit, PageSource) async throws -> JSONValue

    /// The path as routes are written.
    var route: String { path.replacing("{", with: ":").replacing("}", with: "") }

    /// The path with its parameters as the description has it.
    var description: (key: String, value: JSONValue) {
        var operation: [(key: String, value: JSONValue)] = [("summary", .text(summary))]
        let parameters =
            parts.map { Self.parameter($0, in: "path") } + query.map { Self.parameter($0, in: "query") }
        if !parameters.isEmpty { operation.append(("parameters", .list(parameters))) }
        operation.append(
            (
                "responses",
                .object([
                    (
                        "200",
                        .object([("description", "What was asked for."), ("content", Self.content(shape))])
                    ),
                    (
                        "default",
                        .object([
                            ("description", "Why there is no answer."),
                            ("content", Self.content(.named("Error"))),
                        ])
                    ),
                ])
            )
        )
        return (API.root + path, .object([("get", .object(operation))]))
    }

    private static func content(_ shape: Shape) -> JSONValue {
        .object([("application/json", .object([("schema", shape.schema)]))])
    }

    private static func parameter(_ parameter: Parameter, in place: String) -> JSONValue {
        .object([
            ("name", .text(parameter.name)), ("in", .text(place)), ("required", .flag(place == "path")),
            ("description", .text(parameter.meaning)), ("schema", parameter.shape.schema),
        ])
    }
}
