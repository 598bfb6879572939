package import Ledger

/// The bytes behind a file, for whoever downloads them.
///
/// All of these find their file by its id; nothing that a request says becomes part of a path.
package protocol Copies: Sendable {
    /// The file as it came.
    ///
    /// - Throws: ``Refusal`` when the copy is no longer kept.
    func original(of file: FileRow) async throws -> Reply.Body

    /// The rejected and parked rows, byte for byte as the error report has them.
    ///
    /// - Throws: ``Refusal`` when they can no longer be made.
    func rejects(of file: FileRow) async throws -> Reply.Body

    /// What the file cleared or zeroed, as CSV that a spreadsheet may open.
    func cleared(by file: FileRow) async throws -> Reply.Body
}
