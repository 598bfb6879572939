import Intake
import Ledger
import Synchronization

/// The signs with which a sender says that a file is complete.
struct FetchMarkers: Sendable {
    /// A marker larger than this is not read.
    static let limit: Int64 = 16 << 20

    let marker: RunSettings.Marker
    let inbox: any Inbox

    /// The files for which a marker vouches; `nil` when no markers are used.
    func vouched(among entries: [ListedEntry]) async throws -> Set<[UInt8]>? {
        switch marker {
        case .none: return nil
        case .done, .sha256:
            let suffix = Array((marker.suffix ?? "").utf8)
            return Set(
                entries.filter { $0.entry.kind == .file }.map(\.pathBytes)
                    .filter { $0.count > suffix.count && $0.suffix(suffix.count).elementsEqual(suffix) }
                    .map { Array($0.dropLast(suffix.count)) }
            )
        case .manifest:
            let manifests = entries.map(\.entry).filter {
                $0.kind == .file && $0.name == RemoteName(RunSettings.manifestName)
            }
            return Set(try await lines(of: manifests).map(\.path))
        }
    }

    /// The hashes that markers promise for members of a batch, by path; 64 hex digits in lower case.
    ///
    /// A promise that cannot be read is an empty one, which no file keeps.
    func hashes(for members: [Member]) async throws -> [[UInt8]: String] {
        let paths = members.compactMap { RemotePath(bytes: $0.path) }
        switch marker {
        case .none, .done: return [:]
        case .sha256:
            let suffix = Array((marker.suffix ?? "").utf8)
            var promised = Dictionary(paths.map { ($0.bytes, "") }, uniquingKeysWith: { first, _ in first })
            let files = try await look(at: paths.compactMap { RemotePath(bytes: $0.bytes + suffix) })
            for (entry, bytes) in try await read(files) {
                guard let path = entry.path else { continue }
                promised[Array(path.bytes.dropLast(suffix.count))] = Self.hash(at: bytes[...]) ?? ""
            }
            return promised
        case .manifest:
            let folders = Set(paths.map(\.parent))
            let files = try await look(
                at: folders.compactMap { $0.appending(RemoteName(RunSettings.manifestName)) }
            )
            let lines = try await lines(of: files)
            return Dictionary(
                lines.compactMap { line in line.hash.map { (line.path, $0) } },
                uniquingKeysWith: { _, later in later }
            )
        }
    }

    private func lines(of manifests: [InboxEntry]) async throws -> [(path: [UInt8], hash: String?)] {
        var found: [(path: [UInt8], hash: String?)] = []
        for (entry, bytes) in try await read(manifests) {
            for line in bytes.split(whereSeparator: { $0 == 0x0A || $0 == 0x0D }) {
                let hash = Self.hash(at: line)
                // `sha256sum` puts two blanks, or a blank and a star, between hash and name.
                let name = hash == nil ? line : line.dropFirst(64).drop { $0 == 0x20 || $0 == 0x2A }
                if let path = entry.directory.appending(RemoteName(Array(name))) {
                    found.append((path.bytes, hash))
                }
            }
        }
        return found
    }

    private func look(at paths: [RemotePath]) async throws -> [InboxEntry] {
        try await inbox.look(at: paths).compactMap { entry in entry.flatMap { $0.kind == .file ? $0 : nil } }
    }

    private func read(_ entries: [InboxEntry]) async throws -> [(InboxEntry, [UInt8])] {
        var read: [(InboxEntry, [UInt8])] = []
        let small = entries.filter { $0.size ?? 0 <= Self.limit }
        guard !small.isEmpty else { return [] }
        try await inbox.fetch(
            small,
            into: { entry in MarkerSink(size: Int(clamping: min(entry.size ?? 0, Self.limit))) },
            finished: { entry, result in
                if case .success(let sink) = result { read.append((entry, sink.bytes)) }
            }
        )
        return read
    }

    /// The hash that a line begins with.
    private static func hash(at line: ArraySlice<UInt8>) -> String? {
        let digits = line.prefix(64)
        guard digits.count == 64,
            digits.allSatisfy({
                (0x30...0x39).contains($0) || (0x41...0x46).contains($0) || (0x61...0x66).contains($0)
            }),
            line.dropFirst(64).first.map({ $0 <= 0x20 }) ?? true
        else { return nil }
        return String(decoding: digits, as: UTF8.self).lowercased()
    }
}

/// A small file in memory.
private final class MarkerSink: ByteSink {
    private let held: Mutex<[UInt8]>

    init(size: Int) { held = Mutex([UInt8](repeating: 0, count: size)) }

    var bytes: [UInt8] { held.withLock { $0 } }

    func write(_ bytes: RawSpan, at offset: Int64) throws {
        let chunk = bytes.withUnsafeBytes { Array($0) }
        held.withLock { held in
            guard let start = Int(exactly: offset), start >= 0, start <= held.count else { return }
            let count = min(chunk.count, held.count - start)
            held.replaceSubrange(start..<start + count, with: chunk.prefix(count))
        }
    }
}
