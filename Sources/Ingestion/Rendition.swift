/// Values as text that is the same in every process, with all that is in them.
package enum Rendition {
    /// Renders a value.
    ///
    /// Neither the names of types nor addresses are in it: those of private types change with each start. What has no
    /// order of its own is sorted, and every part tells its length, so that no two values look alike.
    package static func text(_ value: Any) -> String {
        let mirror = Mirror(reflecting: value)
        guard !mirror.children.isEmpty else {
            let text = "\(value)"
            return "\(text.utf8.count):\(text)"
        }
        let parts = mirror.children.map { "\($0.label ?? "-")=\(text($0.value))" }
        let isUnordered = mirror.displayStyle == .dictionary || mirror.displayStyle == .set
        return "\(parts.count)(\((isUnordered ? parts.sorted() : parts).joined(separator: " ")))"
    }
}
