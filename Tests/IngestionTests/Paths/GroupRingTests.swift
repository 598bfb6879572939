import Foundation
import Ledger
import Synchronization
import Testing

@testable import Ingestion

/// The groups that go round between the thread that reads and the one that writes.
struct GroupRingTests {
    private struct Fault: Error {}

    private static func ring() -> GroupRing<PackedRows, Int> {
        GroupRing(groups: [PackedRows(), PackedRows()])
    }

    @Test(.timeLimit(.minutes(5))) func `groups arrive in their order, then the outcome`() throws {
        let ring = Self.ring()
        let thread = Thread {
            for number in 1...100 {
                guard let group = ring.takeFree() else { break }
                group.bytesRead = Int64(number)
                ring.putFull(group)
            }
            ring.finish(.success(7))
        }
        thread.start()
        var seen: [Int64] = []
        while let group = try ring.takeFull() {
            seen.append(group.bytesRead)
            ring.putFree(group)
        }
        #expect(seen == Array(1...100))
        #expect(try ring.end() == 7)
        #expect(try ring.takeFull() == nil)
    }

    @Test(.timeLimit(.minutes(5))) func `a filler that waits for room is woken when nobody wants more`()
        throws
    {
        let ring = Self.ring()
        let filled = Mutex(0)
        let thread = Thread {
            while let group = ring.takeFree() {
                filled.withLock { $0 += 1 }
                ring.putFull(group)
            }
            ring.finish(.success(filled.withLock { $0 }))
        }
        thread.start()
        // Both groups are here: the filler has none left, whenever it runs.
        _ = try ring.takeFull()
        _ = try ring.takeFull()
        #expect(try ring.end() == 2)
    }

    @Test(.timeLimit(.minutes(5))) func `the failure of the filler comes behind its groups`() throws {
        let ring = Self.ring()
        let thread = Thread {
            if let group = ring.takeFree() { ring.putFull(group) }
            ring.finish(.failure(Fault()))
        }
        thread.start()
        #expect(try ring.takeFull() != nil)
        #expect(throws: Fault.self) { try ring.takeFull() }
        #expect(throws: Fault.self) { try ring.end() }
    }
}
