package import Foundation

/// Delivers mail as files `NAME.eml` in one folder, for drops without a relay.
///
/// A name is made of the mail's identity and the recipient, so a repeat finds its file and changes nothing.
package struct FolderTransport: MailTransport {
    private let folder: URL

    /// - Parameter folder: Made at the first delivery, readable by us alone, when it is missing.
    package init(folder: URL) {
        self.folder = folder
    }

    package func deliver(_ message: MailMessage, to recipient: EmailAddress) async throws -> Delivery {
        try Task.checkCancellation()
        try FileManager.default.createDirectory(
            at: folder,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
        let name = Self.name(message.messageID, recipient)
        let delivered = Delivery(.delivered, .accepted, reply: "written to \(name)")
        let path = folder.appending(path: name).path
        if access(path, F_OK) == 0 { return delivered }
        try write(Data("Delivered-To: \(recipient.text)\r\n".utf8) + message.rendered(), to: path, by: name)
        return delivered
    }

    /// Temporary name, sync, rename, sync of the folder: a file of this name is whole or absent.
    private func write(_ bytes: Data, to path: String, by name: String) throws {
        let draft = folder.appending(path: ".\(name.prefix(240)).new").path
        // What a killed attempt left behind; made anew so that nobody else's file or link is written through.
        unlink(draft)
        let file = try check(open(draft, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600))
        do {
            defer { close(file) }
            var rest = bytes[...]
            while !rest.isEmpty {
                let written = rest.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
                if written < 0, errno == EINTR { continue }
                rest = rest.dropFirst(Int(try check(Int32(clamping: written))))
            }
            _ = try check(fsync(file))
        }
        _ = try check(rename(draft, path))
        let directory = try check(open(folder.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC))
        defer { close(directory) }
        _ = try check(fsync(directory))
    }

    /// A file name that no two pairs of identity and recipient share, at most 244 bytes long.
    static func name(_ id: String, _ recipient: EmailAddress) -> String {
        let whole = escaped(id) + "_" + escaped(recipient.text)
        guard whole.utf8.count > 220 else { return whole + ".eml" }
        // FNV-1a; the names are ours, so nobody looks for collisions.
        let hash = whole.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return whole.prefix(200) + "~" + String(hash, radix: 16) + ".eml"
    }

    private static func escaped(_ text: String) -> String {
        text.utf8.enumerated().map { index, byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "@"), UInt8(ascii: "-"):
                String(Unicode.Scalar(byte))
            case UInt8(ascii: ".") where index > 0: "."
            default: "%" + String(byte, radix: 16, uppercase: true)
            }
        }.joined()
    }

    private func check(_ result: Int32) throws -> Int32 {
        guard result >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        return result
    }
}
