package import Ledger

/// `ledgerdrop files`: the files that were seen, newest first.
package struct FilesReport: Report {
    private let files: [FileRow]
    private let now: Timestamp

    package init(_ files: [FileRow], now: Timestamp) {
        self.files = files
        self.now = now
    }

    package var text: String {
        var table = TextTable(
            ["id", "type", "name", "size", "seen", "rows", "rejected", "parked", "state", "reason"],
            numbers: [0, 3, 5, 6, 7]
        )
        for file in files {
            table.add([
                "\(file.id)", file.type ?? "-", DisplayText(file.name).escaped, Shown.size(file.size),
                Shown.time(file.firstSeenAt, now: now), file.total.map { "\($0)" } ?? "",
                file.rejected.map { "\($0)" } ?? "", file.parked.map { "\($0)" } ?? "", file.state,
                file.reason ?? "",
            ])
        }
        return table.text
    }

    package var json: String { JSONValue.list(files.map(\.jsonValue)).json }
}
