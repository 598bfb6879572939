/// What happens to a stored record that an accepted file of its type does not name.
package enum Absence: Sendable, Equatable {
    /// Nothing.
    case untouched
    /// It is settled: its status becomes CLEARED and its balance 0.
    case cleared
    /// Its balance becomes 0, and its past-due balance where it has one; the record stays.
    case zeroed
    /// It is deleted if its owner is named in the file, otherwise untouched.
    case replacedPerOwner
}
