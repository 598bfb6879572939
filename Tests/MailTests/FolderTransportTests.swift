import Foundation
import TestSupport
import Testing

@testable import Mail

struct FolderTransportTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func `a mail becomes one file that only its owner can read`() async throws {
        let target = folder.url.appending(path: "mail")
        let delivery = try await FolderTransport(folder: target).deliver(
            .digest(),
            to: .valid("ops@acme.example")
        )
        #expect(delivery.outcome == .delivered)
        let name = "17.4f0c@acme.example_ops@acme.example.eml"
        #expect(try names(target) == [name])
        let file = target.appending(path: name)
        let content = try Data(contentsOf: file)
        #expect(
            try content == Data("Delivered-To: ops@acme.example\r\n".utf8) + MailMessage.digest().rendered()
        )
        let mode = try FileManager.default.attributesOfItem(atPath: file.path)[.posixPermissions] as? Int
        #expect(mode == 0o600)
    }

    @Test func `what a killed attempt left behind is replaced, and a link is not followed`() async throws {
        let victim = folder.url.appending(path: "victim")
        try Data("keep".utf8).write(to: victim)
        let target = folder.url.appending(path: "mail")
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: false)
        let draft = target.appending(path: ".17.4f0c@acme.example_ops@acme.example.eml.new")
        try FileManager.default.createSymbolicLink(at: draft, withDestinationURL: victim)
        _ = try await FolderTransport(folder: target).deliver(.digest(), to: .valid("ops@acme.example"))
        #expect(try names(target) == ["17.4f0c@acme.example_ops@acme.example.eml"])
        #expect(try Data(contentsOf: victim) == Data("keep".utf8))
    }

    @Test func `a folder that cannot be written to is thrown`() async throws {
        let file = folder.url.appending(path: "file")
        try Data().write(to: file)
        await #expect(throws: (any Error).self) {
            try await FolderTransport(folder: file).deliver(.digest(), to: .valid("ops@acme.example"))
        }
    }

    @Test func `names stay inside the folder, apart from each other, and short`() throws {
        let ops = try EmailAddress.valid("ops@x")
        let ids = ["../../etc/passwd", "a/b", "a%2Fb", "", ".x", "a\0b"]
        let long = [String(repeating: "ü", count: 900), String(repeating: "ü", count: 901)]
        let names = (ids + long).map { FolderTransport.name($0, ops) }
        #expect(Set(names).count == names.count)
        #expect(
            names.allSatisfy {
                $0.utf8.count <= 244 && !$0.contains("/") && !$0.hasPrefix(".") && !$0.contains("\0")
            }
        )
    }

    private func names(_ folder: URL) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path)
    }
}
