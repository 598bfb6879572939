import Foundation

/// Holds a body against a schema: each member documented, each required one there, each value of its type.
struct ShapeCheck {
    let schemas: [String: Any]

    func problems(_ value: Any, _ schema: [String: Any], at place: String) -> [String] {
        if let reference = schema["$ref"] as? String {
            let name = reference.split(separator: "/").last.map(String.init) ?? ""
            guard let named = schemas[name] as? [String: Any] else { return ["\(place): no schema \(name)"] }
            return problems(value, named, at: place)
        }
        switch schema["type"] as? String {
        case "object": return object(value, schema, at: place)
        case "array":
            guard let values = value as? [Any], let items = schema["items"] as? [String: Any] else {
                return ["\(place): no list"]
            }
            return values.enumerated().flatMap { problems($1, items, at: "\(place)[\($0)]") }
        case "integer": return value is Int && !isFlag(value) ? [] : ["\(place): no integer"]
        case "boolean": return isFlag(value) ? [] : ["\(place): no flag"]
        case "string":
            guard let text = value as? String else { return ["\(place): no text"] }
            if let words = schema["enum"] as? [String], !words.contains(text) { return ["\(place): \(text)"] }
            if let pattern = schema["pattern"] as? String,
                text.range(of: pattern, options: .regularExpression) == nil
            {
                return ["\(place): \(text) is not as \(pattern)"]
            }
            if schema["format"] as? String == "date-time", !text.hasSuffix("Z") {
                return ["\(place): \(text)"]
            }
            return []
        default: return ["\(place): the schema has no type"]
        }
    }

    private func isFlag(_ value: Any) -> Bool {
        (value as? NSNumber).map {
            String(cString: $0.objCType) == "c" || String(cString: $0.objCType) == "B"
        } ?? false
    }

    private func object(_ value: Any, _ schema: [String: Any], at place: String) -> [String] {
        guard let members = value as? [String: Any] else { return ["\(place): no object"] }
        if let each = schema["additionalProperties"] as? [String: Any] {
            return members.flatMap { problems($0.value, each, at: "\(place).\($0.key)") }
        }
        // One that says nothing of its members may have any.
        guard schema["properties"] != nil else { return [] }
        let known = schema["properties"] as? [String: [String: Any]] ?? [:]
        var found: [String] = []
        for name in schema["required"] as? [String] ?? [] where members[name] == nil {
            found.append("\(place): \(name) is missing")
        }
        for (name, member) in members {
            if let schema = known[name] {
                found += problems(member, schema, at: "\(place).\(name)")
            } else {
                found.append("\(place): \(name) is not documented")
            }
        }
        return found
    }
}
