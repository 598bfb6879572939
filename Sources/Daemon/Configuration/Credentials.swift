import Foundation

/// The secrets of one drop, found by name.
///
/// A name is looked up in `$CREDENTIALS_DIRECTORY` as `drop_NAME`, where systemd lays what `LoadCredential=drop:…`
/// names, and else beside the configuration as `credentials/DROP/NAME`. A name that is an absolute path is that file.
package struct Credentials: Sendable {
    /// The largest secret that is read; a private key has a few kilobytes.
    private static let sizeLimit = 1 << 16

    private let directory: String?
    private let fallback: String

    /// - Parameters:
    ///   - drop: The drop's name.
    ///   - configuration: The path of the drop's configuration file.
    ///   - directory: The value of `$CREDENTIALS_DIRECTORY`.
    package init(
        drop: String,
        beside configuration: String,
        directory: String? = ProcessInfo.processInfo.environment["CREDENTIALS_DIRECTORY"]
    ) {
        self.directory = directory
        let folder = URL(fileURLWithPath: configuration).deletingLastPathComponent().path
        fallback = "\(folder)/credentials/\(drop)"
    }

    /// Reads a secret.
    ///
    /// - Throws: ``CredentialRefused`` when there is none of that name or others may read it too.
    package func secret(_ name: String) throws(CredentialRefused) -> Secret {
        let (path, forbidden) = place(of: name)
        do {
            return Secret(try GuardedFile.read(path, forbidding: forbidden, upTo: Self.sizeLimit))
        } catch {
            throw CredentialRefused(name: name, path: path, message: error.message)
        }
    }

    private func place(of name: String) -> (path: String, GuardedFile.Forbidden) {
        if name.hasPrefix("/") { return (name, .reading) }
        if let directory {
            let laid = "\(directory)/drop_\(name)"
            if FileManager.default.fileExists(atPath: laid) { return (laid, .readingByOthers) }
        }
        return ("\(fallback)/\(name)", .reading)
    }
}

/// Why a credential is not used; the configuration is refused with it.
package struct CredentialRefused: Error, Sendable, CustomStringConvertible {
    package let name: String
    package let path: String
    package let message: String

    package var description: String {
        name == path ? "\(path): \(message)" : "credential \(name): \(path): \(message)"
    }
}

/// A secret's bytes, which no log and no mirror shows.
package struct Secret: Sendable, CustomStringConvertible, CustomReflectable {
    /// As they stand in the file.
    package let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// A password: the text without the line end that an editor leaves behind it.
    package var text: String {
        var end = bytes.count
        while end > 0, bytes[end - 1] == 0x0A || bytes[end - 1] == 0x0D { end -= 1 }
        return String(decoding: bytes[..<end], as: UTF8.self)
    }

    package var description: String { "a secret" }

    package var customMirror: Mirror { Mirror(self, children: []) }
}
