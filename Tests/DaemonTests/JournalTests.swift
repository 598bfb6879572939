import Daemon
import Foundation
import Glibc
import Ledger
import Logging
import Testing

/// Entries in the journal's own form, received by a socket of the test's.
struct JournalTests {
    private let folder = TemporaryFolder()
    private let descriptor: Int32

    init() throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let name = Array("\(folder.path)/journal".utf8) + [0]
        try #require(name.count <= MemoryLayout.size(ofValue: address.sun_path))
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: name) }
        let bound = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        try #require(bound == 0)
    }

    private func received() -> [String] {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT))
        return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
            .split(separator: "\n").map(String.init)
    }

    @Test func `an event is an entry with a level, an identity and fields`() {
        let journal = Journal(path: "\(folder.path)/journal")
        var logger = Logger(label: "test") { _ in JournalLog(tellsPriority: false, journal: journal) }
        logger[metadataKey: "drop"] = "acme"
        logger.warning(
            "file.failed",
            metadata: ["file": "7", "name": "a\nPRIORITY=0", "reason": "empty_file"]
        )
        let entry = received()
        #expect(entry.contains("PRIORITY=4"))
        #expect(entry.filter { $0.hasPrefix("PRIORITY=") }.count == 1)
        #expect(entry.contains("MESSAGE_ID=\(Journal.id(of: .fileFailed))"))
        #expect(entry.contains("LEDGERDROP_DROP=acme"))
        #expect(entry.contains("LEDGERDROP_FILE=7"))
        #expect(entry.contains("LEDGERDROP_REASON=empty_file"))
        #expect(entry.contains("LEDGERDROP_NAME=a\\u000aPRIORITY=0"))
        #expect(entry.contains { $0.hasPrefix("MESSAGE=file.failed drop=acme file=7 ") })
        logger.error("disk is full")
        #expect(!received().contains { $0.hasPrefix("MESSAGE_ID=") })
    }

    @Test func `every event has an identity of its own, the same for ever`() {
        let ids = EventName.allCases.map(Journal.id)
        #expect(Set(ids).count == ids.count)
        #expect(ids.allSatisfy { $0.count == 32 && $0.allSatisfy(\.isHexDigit) })
        #expect(Journal.id(of: .fileLoaded) == Journal.id(of: .fileLoaded))
    }

    @Test func `only a stream that is ours makes entries`() {
        #expect(Journal.ofStandardError(environment: [:]) == nil)
        #expect(Journal.ofStandardError(environment: ["JOURNAL_STREAM": "1:2"]) == nil)
        #expect(Journal(path: "/nowhere").write("x", priority: 4, identity: nil, fields: []) == false)
    }
}
