import Ingestion
import Intake
import Ledger

/// `ledgerdrop errors FILE`: the rejected rows of a file, to be mended and dropped again.
package struct ErrorsVerb: Sendable {
    private let configuration: Configuration
    private let ledger: Ledger
    private let file: Int64

    /// Finds the file.
    ///
    /// - Throws: ``CommandFailure`` when there is none of that name.
    package init(_ file: String, _ configuration: Configuration) throws {
        self.configuration = configuration
        let reader = try DropReader(configuration)
        self.file = try reader.id(of: file)
        ledger = reader.ledger
    }

    /// Gives the report as CSV, piece by piece; blocks.
    ///
    /// - Throws: ``CommandFailure`` when there is nothing to report from, and what `sink` throws.
    package func write(to sink: ([UInt8]) throws -> Void) throws {
        let folder = "\(configuration.stateDirectory)/spool"
        let report = ErrorReport(
            ledger: ledger,
            spool: try Spool(folder: folder),
            settings: RunSettings(configuration)
        )
        do {
            _ = try report.write(file, to: sink)
        } catch let failure as ErrorReportFailure {
            throw Self.refusal(failure, file)
        }
    }

    /// The issues themselves.
    package func issues() throws -> any Report {
        IssuesReport(issues: try FileQueries(ledger).issues(of: file, limit: .max))
    }

    private static func refusal(_ failure: ErrorReportFailure, _ file: Int64) -> CommandFailure {
        switch failure {
        case .noSuchFile: CommandFailure(.noInput, "\(file): no file of this id")
        case .pruned: CommandFailure(.noInput, "the spool copy of \(file) is pruned; let it be sent again")
        case .unreadable(let code):
            CommandFailure(.inputOutput, "the spool copy of \(file): \(Errno.text(code))")
        case .changedMeaning:
            CommandFailure(
                .inputOutput,
                "under today's settings the copy of \(file) is no longer the CSV that was loaded"
            )
        }
    }
}

/// Every issue of a file with its place.
struct IssuesReport: Report {
    let issues: [IssueRow]

    var text: String {
        issues.map { "\($0.text)\n" }.joined()
    }

    var json: String { JSONValue.list(issues.map(\.jsonValue)).json }
}

extension IssueRow {
    /// `88: due_date: …`, the part of a diagnostic behind the file's name.
    var text: String {
        let place = line.map { "\($0): " } ?? ""
        let kind = severity == "warning" ? "warning: " : ""
        let named = column.map { "\(DisplayText($0).escaped): " } ?? ""
        return place + kind + named + DisplayText("\(message) (\(code))", limit: 2048).escaped
    }
}
