/// The kind of line end a file has, decided by the first one outside quotes.
enum LineEnd {
    case undecided
    /// LF and CRLF, freely mixed.
    case lf
    case cr

    /// How many line ends of this kind stand in bytes; while it is undecided, of the kind that is there.
    func count(in bytes: Slice<UnsafeRawBufferPointer>) -> Int {
        let feeds = bytes.count { $0 == Byte.lf }
        let returns = bytes.count { $0 == Byte.cr }
        return self == .cr || (self == .undecided && feeds == 0) ? returns : feeds
    }
}
