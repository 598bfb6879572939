import Ledger

/// The description of the API, made from the very endpoints that answer it.
struct OpenAPI: Sendable {
    let endpoints: [Endpoint]

    var value: JSONValue {
        .object([
            ("openapi", "3.1.0"),
            (
                "info",
                .object([
                    ("title", "Ledgerdrop"), ("version", "1"),
                    (
                        "description",
                        """
                        What one drop has received and what became of it. Nothing is changed by this API. A member that does not \
                        apply is absent, null is never written, and members may be added. Lists begin with the newest and are \
                        continued from the id or mark that the answer before names.
                        """
                    ),
                ])
            ),
            ("servers", .list([.object([("url", "/")])])),
            ("security", .list([.object([("session", .list([]))])])),
            ("paths", .object(endpoints.map(\.description) + Self.own)),
            (
                "components",
                .object([
                    ("schemas", .object(APIShapes.all.map { ($0.name, $0.shape.schema) })),
                    (
                        "securitySchemes",
                        .object([
                            (
                                "session",
                                .object([
                                    ("type", "apiKey"), ("in", "cookie"), ("name", .text(API.cookie)),
                                    ("description", "The session of somebody who is signed in to the page."),
                                ])
                            )
                        ])
                    ),
                ])
            ),
        ])
    }

    /// Where this description itself lies.
    private static var own: [(key: String, value: JSONValue)] {
        [("json", "application/json"), ("yaml", "application/yaml")].map { name, type in
            (
                "\(API.root)/openapi.\(name)",
                .object([
                    (
                        "get",
                        .object([
                            ("summary", "This description."),
                            (
                                "responses",
                                .object([
                                    (
                                        "200",
                                        .object([
                                            ("description", "OpenAPI 3.1."),
                                            (
                                                "content",
                                                .object([
                                                    (
                                                        type,
                                                        .object([("schema", .object([("type", "object")]))])
                                                    )
                                                ])
                                            ),
                                        ])
                                    )
                                ])
                            ),
                        ])
                    )
                ])
            )
        }
    }

    /// The same as YAML: JSON's texts are YAML's too, so only the frame differs.
    var yaml: String { Self.yaml(value, depth: 0) + "\n" }

    private static func yaml(_ value: JSONValue, depth: Int) -> String {
        let indent = "\n" + String(repeating: "  ", count: depth)
        switch value {
        case .object(let members) where !members.isEmpty:
            let lines = members.map {
                "\(JSONValue.text($0.key).json):\(separated($0.value, depth: depth + 1))"
            }
            return lines.joined(separator: indent)
        case .list(let values) where !values.isEmpty:
            return values.map { "- \(yaml($0, depth: depth + 1))" }.joined(separator: indent)
        default: return value.json
        }
    }

    /// A member's value: below its name where it is a frame itself, else behind it.
    private static func separated(_ value: JSONValue, depth: Int) -> String {
        let isFrame =
            switch value {
            case .object(let members): !members.isEmpty
            case .list(let values): !values.isEmpty
            default: false
            }
        return isFrame
            ? "\n" + String(repeating: "  ", count: depth) + yaml(value, depth: depth) : " " + value.json
    }
}
