import TestSupport

/// A program that does the work of a scene in its own way.
struct Contender {
    /// How the table calls it, such as `sqlite3 .import`; unique in its scene.
    let name: String
    /// What it does and, of a peer, what it does not do.
    let does: String
    /// Exit statuses with which it has done its work.
    var statuses: Set<Int> = [0]
    /// How often it runs in a round, where it takes so short that much disturbs it; the run in the middle counts.
    var repeats = 1
    /// The size of what it loads or fetches, for which memory is made ready; see ``ReadyMemory``.
    var fileBytes = 0
    /// Makes a fresh target and says what to run; not measured.
    let prepare: () throws -> Command
    /// Looks whether the work was done rightly, and reads the marks; not measured.
    let judge: (Performance) throws -> [String: Double]
}

/// A run that has just ended.
struct Performance {
    /// Whether this is the first round, in which the slow checks are made too.
    let isFirst: Bool
    /// When it began, in seconds since 1970.
    let began: Double
    /// What it wrote to its standard output and error.
    let said: String
}

/// One measured quantity of our program over that of another.
struct Comparison {
    /// What thresholds call it.
    let id: String
    /// How the table calls it.
    let title: String
    /// The name of the contender that is divided, and of that by which it is divided.
    let ours: String
    let theirs: String
    let quantity: Quantity
    /// What is taken off both before they are divided, by contender; the start of an interpreter, say.
    var without: String?
    /// Off which of the two it is taken.
    var withoutFrom: Deduction = .both
    /// By what the ratio is multiplied, where the two did unlike amounts of work.
    var scale = 1.0

    enum Deduction { case both, theirs }
}

/// Contenders that do the same work, and how they are compared.
///
/// In each round every contender runs once, so that what disturbs the machine disturbs all of them alike.
struct Scene {
    let id: String
    let title: String
    var rounds: Int
    var contenders: [Contender]
    var comparisons: [Comparison]
}
