import Ledger
import Receivables

/// `ledgerdrop template TYPE`: the one line that every file of a type begins with.
package struct Template: Report {
    private let type: RecordType
    private let all: Bool

    /// - Throws: ``CommandFailure`` for a name that is no record type.
    package init(of name: String, all: Bool) throws(CommandFailure) {
        guard let type = Catalogue.type(named: name) else {
            let types = Catalogue.types.map(\.name).joined(separator: ", ")
            throw CommandFailure(
                .noInput,
                "\(DisplayText(name).escaped) is no record type; there are \(types)"
            )
        }
        guard !type.isFileOfBytes else {
            throw CommandFailure(.noInput, "\(type.name) takes PDF files; they have no header")
        }
        self.type = type
        self.all = all
    }

    package var text: String {
        let line = type.template(all: all)
        return line.hasSuffix("\n") ? line : line + "\n"
    }

    package var json: String {
        let line = text.split(whereSeparator: \.isNewline).first ?? ""
        return JSONValue.list(line.split(separator: ",").map { .text(String($0)) }).json
    }
}
