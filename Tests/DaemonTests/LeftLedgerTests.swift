import Foundation
import Testing

@testable import Daemon

struct LeftLedgerTests {
    private let folder = TemporaryFolder()

    private func write(_ text: String) throws {
        try Data(text.utf8).write(to: URL(fileURLWithPath: folder.path + "/ledger.sqlite"))
    }

    @Test func `a ledger is as it was left, once, and only until it is touched`() throws {
        let state = try StateDirectory(path: folder.path)
        #expect(!LeftLedger.take(in: state))
        try write("one")
        LeftLedger.leave(in: state)
        #expect(LeftLedger.take(in: state))
        #expect(!LeftLedger.take(in: state), "a process that was killed has left nothing")
        LeftLedger.leave(in: state)
        try write("other")
        #expect(!LeftLedger.take(in: state))
    }
}
