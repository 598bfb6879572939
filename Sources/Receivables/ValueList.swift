/// Several values in one cell, joined by `|`.
enum ValueList {
    /// Reads a list: each value trimmed, empties and repeats dropped, the order kept.
    static func read(_ text: UnsafeRawBufferPointer) -> FieldOutcome {
        let bar = UInt8(ascii: "|")
        guard text.contains(bar) else { return .value(.text(text)) }
        var values: [UnsafeRawBufferPointer] = []
        for part in text.split(separator: bar) {
            let value = Cell.trimmed(UnsafeRawBufferPointer(rebasing: part))
            if !value.isEmpty, !values.contains(where: { $0.elementsEqual(value) }) { values.append(value) }
        }
        if values.isEmpty { return .value(.null) }
        let bytes = Array(values.joined(separator: [bar]))
        return bytes.elementsEqual(text) ? .value(.text(text)) : .value(.rewritten(bytes))
    }
}
