/// The closed list of words that a column may hold, in the spelling in which they are stored.
package struct Words: Sendable, Equatable, ExpressibleByArrayLiteral {
    /// The words in the order of the record type's page.
    package let all: [String]
    /// The same words as bytes, so that cells are compared without making strings.
    let bytes: [[UInt8]]

    package init(arrayLiteral elements: String...) {
        all = elements
        bytes = elements.map { Array($0.utf8) }
    }

    /// The place of the word that the text is, in any case; `nil` if it is none of them.
    func place(of text: UnsafeRawBufferPointer) -> Int? {
        bytes.firstIndex { word in
            guard word.count == text.count else { return false }
            for index in word.indices where word[index].lowercased != text[index].lowercased { return false }
            return true
        }
    }
}
