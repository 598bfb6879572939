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
}
