/// Where something lies in the inbox: names from the inbox's root down.
///
/// The root itself is the empty path. A path is built of names that have been looked at; what
/// ``RemoteName/isHostile`` refuses never becomes part of one.
package struct RemotePath: Hashable, Sendable {
    package let names: [RemoteName]

    /// The inbox itself.
    package static let root = RemotePath(names: [])

    private init(names: [RemoteName]) { self.names = names }

    /// The path of text such as `open_invoices/pending`; slashes at its ends do not count.
    ///
    /// - Returns: `nil` when one of its names is hostile.
    package init?(_ text: String) { self.init(bytes: Array(text.utf8)) }

    /// The path of bytes such as ``bytes`` gives.
    ///
    /// - Returns: `nil` when one of its names is hostile.
    package init?(bytes: [UInt8]) {
        var bytes = bytes[...]
        if bytes.first == 0x2F { bytes = bytes.dropFirst() }
        if bytes.last == 0x2F { bytes = bytes.dropLast() }
        let names = bytes.split(separator: 0x2F, omittingEmptySubsequences: false).map {
            RemoteName(Array($0))
        }
        guard !bytes.isEmpty else {
            self = .root
            return
        }
        guard !names.contains(where: \.isHostile) else { return nil }
        self.init(names: names)
    }

    /// The path of an entry of this folder.
    ///
    /// - Returns: `nil` when the name is hostile.
    package func appending(_ name: RemoteName) -> RemotePath? {
        name.isHostile ? nil : RemotePath(names: names + [name])
    }

    /// The last name; `nil` for the root.
    package var name: RemoteName? { names.last }

    /// The folder that this lies in; the root's is the root.
    package var parent: RemotePath { RemotePath(names: names.dropLast()) }

    /// The names with a slash between them.
    package var bytes: [UInt8] { Array(names.map(\.bytes).joined(separator: [0x2F])) }

    /// The path for people, without loss and on one line: see ``EscapedBytes``.
    package var text: String { EscapedBytes.text(bytes) }
}

extension RemotePath: Comparable {
    package static func < (left: RemotePath, right: RemotePath) -> Bool {
        left.names.lexicographicallyPrecedes(right.names)
    }
}

extension RemotePath: CustomStringConvertible {
    package var description: String { text }
}
