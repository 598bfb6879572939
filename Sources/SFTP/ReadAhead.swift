/// How many bytes of one file to have on their way: what the line holds in one round trip, and no more.
///
/// More only waits in the server, and OpenSSH's moves all that waits for each packet it sends: with 16 MiB asked for
/// ahead on loopback a fetch took three times as long as with 2 MiB. Too little leaves a long line
/// empty: at 40 ms only 16 MiB fill it (`reference/sftp.md`, 1.3).
struct ReadAhead {
    /// In bytes a millisecond: 3.2 Gbit/s, the fastest line that is to be filled.
    private static let line = 400_000
    /// In bytes; enough for any line that answers within 5 ms.
    private static let least = 2 << 20

    /// The shortest time between a request and its reply: those that wait for others' bytes take longer.
    private var roundTrip: Duration?

    /// Notes how long a request waited for its reply.
    mutating func answered(after time: Duration) {
        roundTrip = min(roundTrip ?? time, time)
    }

    /// The bytes to have on their way; as long as nothing was answered, as few as ever.
    ///
    /// - Parameter most: What the connection's window holds, in bytes.
    func bytes(upTo most: Int) -> Int {
        let held = Int(roundTrip?.milliseconds ?? 0).multipliedReportingOverflow(by: Self.line)
        return min(max(held.overflow ? most : held.partialValue, Self.least), most)
    }
}
