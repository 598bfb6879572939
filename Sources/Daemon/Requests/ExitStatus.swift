/// Why a command ended, in the numbers of `sysexits.h` (`operations.md` 11).
package enum ExitStatus: Int32, Sendable, Codable, Error, Comparable {
    case ok = 0
    /// The command line is wrong.
    case usage = 64
    /// Done, but files failed or were held, or rows were rejected or parked.
    case dataError = 65
    /// No such file, run or record type, or its spool copy is pruned.
    case noInput = 66
    /// The SFTP or SMTP server cannot be reached.
    case unavailable = 69
    /// A fault of ours.
    case software = 70
    /// An output could not be created.
    case cannotCreate = 73
    /// Read or write error, or the ledger is damaged.
    case inputOutput = 74
    /// Held by another, busy, or no answer in time.
    case temporary = 75
    /// The server broke the protocol.
    case protocolError = 76
    /// Host key or authentication refused.
    case noPermission = 77
    /// The configuration is invalid.
    case configuration = 78

    /// Of several the one furthest down the table counts.
    package static func < (one: ExitStatus, other: ExitStatus) -> Bool { one.rawValue < other.rawValue }
}
