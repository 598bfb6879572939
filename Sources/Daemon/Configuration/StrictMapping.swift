import Yams

/// Reads one YAML mapping strictly: each key is taken by name, and what is left over is a problem.
///
/// Problems are gathered, never thrown, so that an operator sees all of them at once. A reader that found a problem
/// gets the default and goes on. YAML's own guesses (`yes`, `0x10`, `22:22` as a number) are never taken.
struct StrictMapping {
    /// In the order in which they were found.
    private(set) var problems: [ConfigurationProblem] = []

    private let file: String
    /// The dotted name of this mapping and a dot; empty for the whole file.
    private let prefix: String
    private let mark: Mark?
    private var left: [(key: Node, value: Node)] = []
    /// The keys that were asked for, for the hint at an unknown one.
    private var known: [String] = []

    /// - Parameters:
    ///   - node: The mapping; anything else is a problem, `nil` an empty mapping.
    ///   - file: What the operator calls the file.
    ///   - path: The dotted name of the mapping inside the file; empty at the top.
    init(_ node: Node?, file: String, path: String = "") {
        self.file = file
        prefix = path.isEmpty ? "" : path + "."
        mark = node?.mark
        guard let node else { return }
        guard let mapping = node.mapping else {
            let found = "expected keys and values, found \(node.kind)"
            problems.append(
                ConfigurationProblem(
                    file: file,
                    mark: node.mark,
                    message: path.isEmpty ? found : "\(path): \(found)"
                )
            )
            return
        }
        left = mapping.map { ($0.key, $0.value) }
    }

    /// The keys nobody has taken yet, in the order of the file.
    var keysLeft: [String] { left.compactMap(\.key.scalar?.string) }

    /// Takes every key that is left, with the place of the key itself.
    mutating func takeRest() -> [(name: String, key: Node, value: Node)] {
        defer { left = [] }
        return left.map { ($0.key.scalar?.string ?? "?", $0.key, $0.value) }
    }

    /// Takes a key's value, whatever it is.
    ///
    /// A key without a value is a problem: leaving the key out says the same and cannot be a slip.
    mutating func take(_ key: String) -> Node? {
        known.append(key)
        guard let index = left.firstIndex(where: { $0.key.scalar?.string == key }) else { return nil }
        let value = left.remove(at: index).value
        guard !value.isNothing else {
            refuse(key, at: value, "expected a value; leave the key out for the default")
            return nil
        }
        return value
    }

    /// Notes a problem with a key's value.
    mutating func refuse(_ key: String, at node: Node?, _ message: String) {
        problems.append(
            ConfigurationProblem(file: file, mark: node?.mark ?? mark, message: "\(prefix)\(key): \(message)")
        )
    }

    /// Takes a key's text and reads it.
    ///
    /// `expected` ends the sentence "expected …"; `read` gives `nil` for what is not a value.
    mutating func value<Value>(
        _ key: String,
        expected: String,
        read: (String) -> Value?
    ) -> Value? {
        guard let node = take(key) else { return nil }
        return value(of: node, key, expected: expected, read: read)
    }

    /// Reads the text of a node that was taken already.
    mutating func value<Value>(
        of node: Node,
        _ key: String,
        expected: String,
        read: (String) -> Value?
    ) -> Value? {
        guard let scalar = node.scalar else {
            refuse(key, at: node, "expected \(expected), found \(node.kind)")
            return nil
        }
        guard let value = read(scalar.string) else {
            refuse(key, at: node, "expected \(expected), found \(DisplayedValue(scalar.string))")
            return nil
        }
        return value
    }

    /// Takes a key's text and reads it, telling exactly what is wrong with it.
    mutating func checked<Value>(
        _ key: String,
        read: (String) -> Result<Value, InvalidValue>
    ) -> Value? {
        guard let node = take(key) else { return nil }
        guard let scalar = node.scalar else {
            refuse(key, at: node, "expected text, found \(node.kind)")
            return nil
        }
        switch read(scalar.string) {
        case .success(let value):
            return value
        case .failure(let invalid):
            refuse(key, at: node, invalid.message)
            return nil
        }
    }

    /// Notes that a key that must be there is not.
    mutating func require(_ key: String, _ isPresent: Bool, unlessRefusedSince count: Int) {
        guard !isPresent, problems.count == count else { return }
        refuse(key, at: nil, "is required")
    }

    /// Takes a mapping and reads it with `read`; absent is `nil`.
    mutating func section<Value>(_ key: String, read: (inout StrictMapping) -> Value) -> Value? {
        guard let node = take(key) else { return nil }
        return section(of: node, key, read: read)
    }

    /// Reads a mapping that was taken already.
    mutating func section<Value>(
        of node: Node,
        _ key: String,
        read: (inout StrictMapping) -> Value
    ) -> Value {
        var inner = StrictMapping(node, file: file, path: prefix + key)
        let value = read(&inner)
        inner.finish()
        problems += inner.problems
        return value
    }

    /// Takes a list and reads each of its entries; absent and empty are an empty list.
    mutating func list<Value>(_ key: String, read: (inout StrictMapping, Node) -> Value?) -> [Value] {
        guard let node = take(key) else { return [] }
        guard let sequence = node.sequence else {
            refuse(key, at: node, "expected a list, found \(node.kind)")
            return []
        }
        return sequence.compactMap { read(&self, $0) }
    }

    /// Turns every key that nobody took into a problem.
    mutating func finish() {
        for (key, _) in left {
            let name = key.scalar?.string ?? "?"
            let hint = nearest(to: name, in: known).map { "; did you mean \($0)?" } ?? ""
            refuse("\(DisplayedValue(bare: name))", at: key, "unknown key\(hint)")
        }
        left = []
    }
}

/// What is wrong with a value, as the rest of a problem's line.
package struct InvalidValue: Error, Sendable {
    package let message: String

    package init(_ message: String) {
        self.message = message
    }
}

extension Node {
    /// What an operator would call this node.
    var kind: String {
        switch self {
        case .scalar: "text"
        case .mapping: "keys and values"
        case .sequence: "a list"
        case .alias: "an alias"
        }
    }

    /// Whether the key stands there without a value; a quoted `"~"` is text.
    fileprivate var isNothing: Bool {
        guard let scalar, scalar.style == .plain else { return false }
        return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
    }

    /// The text of a plain, unquoted scalar, which alone may be a number or a flag.
    var plainText: String? {
        guard let scalar, scalar.style == .plain else { return nil }
        return scalar.string
    }
}
