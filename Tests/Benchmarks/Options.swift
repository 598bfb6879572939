import TestSupport

/// What the benchmark was asked for.
struct Options {
    static let help = """
        deploy/bench [--rounds N] [--only PATTERN] [--sizes N,N] [--quick] [--check] [--json FILE] [--data FOLDER] [--list]

          --rounds N      rounds of each scene; 5 unless told, 3 for the 4,000,000 rows, 7 for splitting
          --only PATTERN  only scenes whose id contains one of these words, divided by commas; --list shows the ids
          --sizes N,N     sizes of the loads, in invoices; 10000,100000,1000000 unless told
          --quick         small sizes and two rounds, to see that everything works; its figures mean little
          --check         ends with 1 when a threshold's "reach" is missed or has no figure, and names each
          --json FILE     writes the figures there
          --data FOLDER   where generated files are kept, and where contenders work
          --list          shows the ids of the scenes

        EXIT STATUS
          0   every contender did its work rightly (and with --check: every reach was met)
          1   --check: a reach was missed
          64  the command line is wrong
          70  a contender failed or did its work wrongly
        """

    var rounds: Int?
    var patterns: [String] = []
    var sizes: [Int]?
    var isQuick = false
    var checks = false
    var lists = false
    var json: String?
    var places: [String: String] = [:]

    /// - Throws: ``SystemError`` with the word that was not understood.
    init(_ words: some Sequence<String>) throws {
        var words = words.makeIterator()
        func value(of option: String) throws -> String {
            guard let value = words.next() else { throw SystemError(message: "\(option) wants a value") }
            return value
        }
        while let word = words.next() {
            switch word {
            case "--rounds": rounds = try Self.number(value(of: word))
            case "--only": patterns += try value(of: word).split(separator: ",").map(String.init)
            case "--sizes":
                sizes = try value(of: word).split(separator: ",").map { try Self.number(String($0)) }
            case "--quick": isQuick = true
            case "--check": checks = true
            case "--list": lists = true
            case "--json": json = try value(of: word)
            case "--ledgerdrop", "--duckdb-python", "--peers", "--data", "--thresholds":
                places[word] = try value(of: word)
            default: throw SystemError(message: "\(word) is no option")
            }
        }
        guard !(checks && isQuick) else {
            throw SystemError(message: "--quick gives no figures that could be checked")
        }
    }

    /// Whether a scene was asked for.
    func wants(_ id: String) -> Bool { patterns.isEmpty || patterns.contains { id.contains($0) } }

    private static func number(_ text: String) throws -> Int {
        guard let number = Int(text), number > 0 else { throw SystemError(message: "\(text) is no number") }
        return number
    }
}
