/// Why a file is left alone because of its name; the raw value is the reason shown to users.
package enum IgnoredName: String, Sendable {
    /// It begins with a dot.
    case hidden = "hidden_name"
    /// It is still being written, or an editor's copy.
    case temporary = "temporary_name"
    /// It does not end as files of its directory do.
    case otherExtension = "not_csv_name"

    /// Why a name is ignored.
    ///
    /// - Parameters:
    ///   - name: The file's name, without its directory.
    ///   - type: The type of the directory; `nil` in the flat layout, where both tables and PDFs are taken.
    /// - Returns: `nil` if the name may be taken.
    package static func reason(for name: String, in type: RecordType?) -> IgnoredName? {
        let plain = name.lowercased()
        if plain.hasPrefix(".") { return .hidden }
        if plain.hasPrefix("~") || plain.hasPrefix("_tmp") { return .temporary }
        if temporarySuffixes.contains(where: plain.hasSuffix) { return .temporary }
        let isTable = plain.hasSuffix(".csv")
        let isDocument = plain.hasSuffix(".pdf")
        let isTaken =
            switch type?.isFileOfBytes {
            case true: isDocument
            case false: isTable
            case nil: isTable || isDocument
            }
        return isTaken ? nil : .otherExtension
    }

    private static let temporarySuffixes = [
        ".filepart", ".tmp", ".part", ".partial", ".incomplete", ".writing", ".crdownload", ".swp",
    ]
}
