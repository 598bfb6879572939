import Ledger

/// How a load goes about what may have to be taken back, and what earlier attempts of it have shown.
///
/// Nearly nothing is ever taken back. A savepoint makes SQLite copy every page that is changed, for the case that it is;
/// so a load that stands alone in its transaction goes without, and begins anew when it must.
struct LoadCourse {
    /// Why the file is not applied, found by an attempt that was taken back.
    var verdict: Result<FileLoad.Applied, FileRefusal>?
    /// Why no quick way is tried any more.
    var detour: Detour?
    /// Whether other loads share the transaction, so that only a part of it can be taken back.
    private(set) var isShared = false

    /// That of a load whose transaction is taken back as a whole, with other loads in it.
    static var rehearsal: LoadCourse {
        var course = LoadCourse()
        course.isShared = true
        return course
    }

    /// Thrown to take back all of a load's transaction and begin again.
    struct Restart: Error {
        var course: LoadCourse
    }

    /// Does something that may turn out to be unwanted.
    ///
    /// - Parameters:
    ///   - body: Returns whether its changes are kept.
    ///   - otherwise: How the load begins again where it cannot go on.
    /// - Throws: ``Restart``, and whatever `body` throws.
    func attempt(
        _ transaction: LoadTransaction,
        _ body: () throws -> Bool,
        otherwise: () -> LoadCourse
    ) throws {
        if isShared { return try transaction.attempt(body) }
        guard try body() else { throw Restart(course: otherwise()) }
    }
}
