import Glibc

/// The program's own code in memory.
enum ResidentCode {
    /// The number of files from which what is remembered of each needs so much memory that room is made for it.
    private static let many = 1000
    /// The size of a file from which its load needs so much memory that room is made for it.
    private static let large: Int64 = 4 << 20

    /// Lets go of the code of the stage before one that has very many files before it.
    static func letGo(forFiles files: Int) { if files >= many { letGo() } }

    /// Lets go of the code of the stage before one that goes on for long with a large file.
    static func letGo(forFileOf size: Int64) { if size >= large { letGo() } }

    /// Lets go of the code that is mapped; what is needed next comes back from the system's file cache.
    ///
    /// Starting up touches tens of megabytes of libraries of which a load needs few. Only mappings that never could be
    /// written are let go: they hold nothing but what their files hold.
    private static func letGo() {
        guard let maps = fopen("/proc/self/maps", "re") else { return }
        defer { fclose(maps) }
        var places: [Range<UInt>] = []
        var line: UnsafeMutablePointer<CChar>?
        var size = 0
        defer { free(line) }
        while getline(&line, &size, maps) > 0 {
            guard let text = line.map({ String(cString: $0) }), isCode(text),
                let place = range(of: text)
            else { continue }
            places.append(place)
        }
        for place in places {
            guard let start = UnsafeMutableRawPointer(bitPattern: place.lowerBound) else { continue }
            // Should it be refused, the memory stays as it was.
            _ = madvise(start, place.count, MADV_DONTNEED)
        }
    }

    /// Whether a mapping is code, or the constants with which a library's file begins.
    private static func isCode(_ line: String) -> Bool {
        line.contains(" /") && (line.contains(" r-xp ") || line.contains(" r--p 00000000 "))
    }

    /// The addresses at the start of a line: `START-END` in hexadecimal digits.
    private static func range(of line: String) -> Range<UInt>? {
        let bounds = line.prefix { $0 != " " }.split(separator: "-").compactMap { UInt($0, radix: 16) }
        guard bounds.count == 2, bounds[0] < bounds[1] else { return nil }
        return bounds[0]..<bounds[1]
    }
}
