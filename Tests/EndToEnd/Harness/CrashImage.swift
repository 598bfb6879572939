import Foundation
import TestSupport

/// What the library in `Tests/Faults` wrote down: every call that changed a file, in order, with its bytes.
struct Account: Sendable {
    struct Entry: Sendable {
        var kind: Faults.Kind
        var inode: UInt64
        var offset: Int
        var path: String
        var second: String
        var bytes: Range<Int>
    }

    let entries: [Entry]
    let raw: [UInt8]

    init(entries: [Entry], raw: [UInt8]) {
        self.entries = entries
        self.raw = raw
    }

    init(_ raw: [UInt8]) throws {
        var entries: [Entry] = []
        var next = 0
        while next + 32 <= raw.count {
            func number<Value: FixedWidthInteger>(_ offset: Int, as type: Value.Type) -> Value {
                raw.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: next + offset, as: type) }
            }
            let (kind, size) = (Int(number(0, as: UInt32.self)), Int(number(4, as: UInt32.self)))
            let (first, second) = (Int(number(24, as: UInt32.self)), Int(number(28, as: UInt32.self)))
            guard kind < Faults.Kind.allCases.count else {
                throw SystemError(message: "no account at \(next)")
            }
            let paths = next + 32
            entries.append(
                Entry(
                    kind: Faults.Kind.allCases[kind],
                    inode: number(8, as: UInt64.self),
                    offset: Int(number(16, as: UInt64.self)),
                    path: String(decoding: raw[paths..<paths + first], as: UTF8.self),
                    second: String(decoding: raw[paths + first..<paths + first + second], as: UTF8.self),
                    bytes: paths + first + second..<paths + first + second + size
                )
            )
            next = paths + first + second + size
        }
        self.entries = entries
        self.raw = raw
    }
}

/// What a disk may hold when the power fails at a point of an account.
///
/// Everything that a sync made durable is there. Of the rest any part may be: single sectors, sizes without their
/// bytes, names in any order. An fsync of a file does not make its name durable; that of its folder does.
struct CrashImage {
    private(set) var files: [String: [UInt8]] = [:]
    private(set) var folders: Set<String>

    private static let sector = 512

    /// A file, whatever it is called.
    private final class Content {
        var bytes: [UInt8]
        /// The entries that sync it, in order.
        var syncs: [Int] = []

        init(_ bytes: [UInt8] = []) { self.bytes = bytes }
    }

    /// - Parameters:
    ///   - morning: The files before the account, by path, with their inodes.
    ///   - folders: The folders before it.
    ///   - point: How many entries were done.
    ///   - root: The only folder that lost power; entries elsewhere are passed over.
    init(
        _ account: Account,
        morning: [String: (inode: UInt64, bytes: [UInt8])],
        folders: Set<String>,
        point: Int,
        root: String,
        random: inout SplitMix64
    ) {
        let entries = account.entries
        let isOurs = { (entry: Account.Entry) in entry.path.hasPrefix(root) }
        self.folders = folders
        // Which file each entry is about: inode numbers are used again after an unlink.
        var contents: [UInt64: Content] = [:]
        var names: [String: Content] = [:]
        for (path, file) in morning {
            let content = Content(file.bytes)
            contents[file.inode] = content
            names[path] = content
        }
        var about: [Int: Content] = [:]
        var folderSyncs: [String: [Int]] = [:]
        for (index, entry) in entries[..<point].enumerated() where isOurs(entry) {
            switch entry.kind {
            case .create:
                let content = Content()
                contents[entry.inode] = content
                about[index] = content
            case .write, .truncate: about[index] = contents[entry.inode]
            case .sync:
                if let content = contents[entry.inode] { content.syncs.append(index) }
                folderSyncs[entry.path, default: []].append(index)
            default: break
            }
        }
        // How much of what was not synced came through: nothing, all, or a part.
        let share = ([0, 0.1, 0.5, 0.9, 1] as [Double]).randomElement(using: &random) ?? 0.5
        func isLucky(_ random: inout SplitMix64) -> Bool { Double.random(in: 0..<1, using: &random) < share }

        // Names as the program saw them, beside those that the disk has.
        var seen = names
        for (index, entry) in entries[..<point].enumerated() where isOurs(entry) {
            let parents = [entry.path, entry.second].filter { !$0.isEmpty }.map(Self.parent)
            let isDurable = parents.allSatisfy { parent in
                (folderSyncs[parent]?.last ?? -1) > index
            }
            switch entry.kind {
            case .write, .truncate:
                guard let content = about[index] else { continue }
                let bytes = account.raw[entry.bytes]
                if (content.syncs.last ?? -1) > index {
                    Self.apply(entry, bytes, to: content)
                } else {
                    Self.applyPart(entry, bytes, to: content) { isLucky(&random) }
                }
            case .create:
                seen[entry.path] = about[index]
                if isDurable || isLucky(&random) { names[entry.path] = about[index] }
            case .rename:
                let content = seen.removeValue(forKey: entry.path)
                seen[entry.second] = content
                guard isDurable || isLucky(&random) else { continue }
                names[entry.path] = nil
                names[entry.second] = content
            case .link:
                seen[entry.second] = seen[entry.path]
                if isDurable || isLucky(&random) { names[entry.second] = seen[entry.path] }
            case .unlink:
                seen[entry.path] = nil
                if isDurable || isLucky(&random) { names[entry.path] = nil }
            case .mkdir:
                if isDurable || isLucky(&random) { self.folders.insert(entry.path) }
            case .sync, .open, .read: break
            }
        }
        // The index of the write-ahead log lives in memory.
        for (path, content) in names where !path.hasSuffix("-shm") && self.folders.contains(Self.parent(path))
        {
            files[path] = content.bytes
        }
    }

    private static func parent(_ path: String) -> String {
        path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
    }

    private static func apply(_ entry: Account.Entry, _ bytes: ArraySlice<UInt8>, to content: Content) {
        if entry.kind == .truncate {
            resize(content, to: entry.offset)
        } else {
            if content.bytes.count < entry.offset + bytes.count {
                resize(content, to: entry.offset + bytes.count)
            }
            content.bytes.replaceSubrange(entry.offset..<entry.offset + bytes.count, with: bytes)
        }
    }

    private static func applyPart(
        _ entry: Account.Entry,
        _ bytes: ArraySlice<UInt8>,
        to content: Content,
        if isLucky: () -> Bool
    ) {
        guard entry.kind == .write else {
            if isLucky() { resize(content, to: entry.offset) }
            return
        }
        // The size may come through without the bytes.
        if isLucky(), content.bytes.count < entry.offset + bytes.count {
            resize(content, to: entry.offset + bytes.count)
        }
        var done = 0
        while done < bytes.count {
            let place = entry.offset + done
            let count = min(sector - place % sector, bytes.count - done)
            if isLucky() {
                if content.bytes.count < place + count { resize(content, to: place + count) }
                let part = bytes[bytes.startIndex + done..<bytes.startIndex + done + count]
                content.bytes.replaceSubrange(place..<place + count, with: part)
            }
            done += count
        }
    }

    private static func resize(_ content: Content, to size: Int) {
        if content.bytes.count > size {
            content.bytes.removeSubrange(size...)
        } else {
            content.bytes += [UInt8](repeating: 0, count: size - content.bytes.count)
        }
    }
}
