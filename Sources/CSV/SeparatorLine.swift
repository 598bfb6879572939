/// The delimiter that a first line like `sep=;` declares for the rest of the file.
///
/// - Parameter head: The bytes of the file's first record, without its line end, as any delimiter gives them.
/// - Returns: One of `,` `;` tab `|`, or nothing if the record is not such a line.
package func sniffSeparatorLine(head: UnsafeRawBufferPointer) -> UInt8? {
    guard head.count == 5, head.prefix(3).elementsEqual("sep".utf8, by: { $0 | 0x20 == $1 }) else {
        return nil
    }
    return head[3] == UInt8(ascii: "=") && ",;\t|".utf8.contains(head[4]) ? head[4] : nil
}
