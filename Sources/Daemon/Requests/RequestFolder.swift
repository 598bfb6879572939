package import Foundation
import Glibc

/// The folder `requests/`, through which verbs and the daemon talk: one file asks, one beside it answers.
///
/// Only the drop's own user can enter it. A request appears whole, by rename, as `ID.request`; its answer likewise as
/// `ID.answer`, and the request is gone by then.
package struct RequestFolder: Sendable {
    /// No request or answer is read beyond this.
    private static let sizeLimit = 1 << 20
    /// Answers that nobody fetched are removed after a day.
    private static let answerLife: TimeInterval = 86400

    package let path: String

    /// - Throws: ``StateDirectoryFailure`` when the folder cannot be made.
    package init(in state: StateDirectory) throws(StateDirectoryFailure) {
        path = try state.folder("requests")
    }

    /// A request that waits for its answer.
    package struct Pending: Sendable {
        package let id: String
        /// `nil`: the file cannot be read as a request; it is answered all the same.
        package let request: Request?
    }

    /// Leaves a request.
    ///
    /// Returns the id under which the answer will come.
    package func leave(_ request: Request) throws -> String {
        let moment = String(Int64(Date.now.timeIntervalSince1970 * 1000))
        let id = "\(moment)-\(UUID().uuidString.lowercased())"
        try write(JSONEncoder().encode(request), to: "\(id).request")
        return id
    }

    /// The requests that are there, oldest first.
    package func pending() -> [Pending] {
        names(ending: ".request").compactMap { name in
            let file = "\(path)/\(name)"
            let bytes = try? GuardedFile.read(file, forbidding: .reading, upTo: Self.sizeLimit)
            let request = bytes.flatMap { try? JSONDecoder().decode(Request.self, from: Data($0)) }
            // One that somebody has answered since is no request any more; a second answer would hide the first.
            let isGone = request == nil && faccessat(AT_FDCWD, file, F_OK, AT_SYMLINK_NOFOLLOW) != 0
            return isGone ? nil : Pending(id: String(name.dropLast(8)), request: request)
        }
    }

    /// Answers a request, and only then forgets it.
    package func answer(_ id: String, _ answer: Answer) throws {
        try write(JSONEncoder().encode(answer), to: "\(id).answer")
        unlink("\(path)/\(id).request")
    }

    /// The answer to a request, if it is there; it is taken away.
    package func takeAnswer(_ id: String) throws -> Answer? {
        let file = "\(path)/\(id).answer"
        guard access(file, F_OK) == 0 else { return nil }
        let bytes = try GuardedFile.read(file, forbidding: .reading, upTo: Self.sizeLimit)
        let answer = try JSONDecoder().decode(Answer.self, from: Data(bytes))
        unlink(file)
        return answer
    }

    /// Where the rows of a difference are written.
    package func rowsPath(_ id: UUID) -> String { "\(path)/\(id.uuidString.lowercased()).rows" }

    /// Takes a request back that nobody has begun to serve.
    package func withdraw(_ id: String) {
        unlink("\(path)/\(id).request")
    }

    /// Removes answers that nobody fetched.
    package func prune() {
        for name in names(ending: ".answer") + names(ending: ".tmp") + names(ending: ".rows") {
            // One that has gone by now is what we want.
            let facts = try? FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")
            guard let written = facts?[.modificationDate] as? Date else { continue }
            if Date.now.timeIntervalSince(written) > Self.answerLife { unlink("\(path)/\(name)") }
        }
    }

    private func names(ending end: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { $0.hasSuffix(end) }.sorted()
    }

    private func write(_ content: Data, to name: String) throws(StateDirectoryFailure) {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW)
        guard folder >= 0 else { throw StateDirectoryFailure(path: path, code: errno) }
        defer { close(folder) }
        try AtomicFile.write(Array(content), to: name, in: folder, folder: path, mode: 0o600)
    }
}
