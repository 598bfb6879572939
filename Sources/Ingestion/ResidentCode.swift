import CLinux

/// The program's own code in memory: starting up touches tens of megabytes of libraries, of which a load needs few.
enum ResidentCode {
    /// The number of files from which what is remembered of each needs so much memory that room is made for it.
    private static let many = 1000
    /// The size of a file from which its load needs so much memory that room is made for it.
    private static let large: Int64 = 4 << 20

    /// Lets go of the code of the stage before one that has very many files before it.
    static func letGo(forFiles files: Int) { if files >= many { ld_release_code() } }

    /// Lets go of the code of the stage before one that goes on for long with a large file.
    static func letGo(forFileOf size: Int64) { if size >= large { ld_release_code() } }
}
