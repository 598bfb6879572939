import Daemon
import Foundation
import GRDB
import Ledger
import Testing

struct StatusLogTests {
    private let folder = TemporaryFolder()
    private let time = Timestamp(milliseconds: 1_795_000_000_123)

    private func state() throws -> (StateDirectory, Ledger) {
        let directory = try StateDirectory(path: folder.path + "/acme")
        let ledger = try Ledger.open(
            path: directory.path(of: "ledger.sqlite"),
            drop: Drop(name: "acme", inboxURL: "file:///srv/drop"),
            owner: "test",
            time: time
        )
        return (directory, ledger)
    }

    private func append(_ events: [Event], to ledger: Ledger) throws {
        try ledger.pool.write { db in for event in events { try db.append(event, at: time) } }
    }

    private func numbers() throws -> [Int64] {
        try folder.text("acme/status.log").split(separator: "\n").map { line in
            let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            return try #require((object as? [String: Any])?["seq"] as? NSNumber).int64Value
        }
    }

    @Test func `an event is a line with the keys of the table on top and the rest in detail`() {
        let event = StoredEvent(
            seq: 88213,
            at: "2026-11-21T10:00:36.412Z",
            event: "file.loaded_with_errors",
            run: 1840,
            file: 9007,
            detail:
                #"{"near_miss":["due_dat"],"state":"loaded_with_errors","name":"in\u001bv.csv","rows_total":3,"x":null}"#
        )
        #expect(
            StatusLine.json(event, drop: "acme")
                == #"{"seq":88213,"at":"2026-11-21T10:00:36.412Z","event":"file.loaded_with_errors","level":"warning","#
                + #""schema":1,"drop":"acme","run":1840,"file":9007,"name":"in\u001bv.csv","state":"loaded_with_errors","#
                + #""rows_total":3,"detail":{"near_miss":["due_dat"]}}"#
        )
    }

    @Test func `a long name is cut and a large detail left out`() throws {
        let name = String(repeating: "a", count: 300)
        let long = JSONValue.json(of: [
            ("name", .text(name)), ("small", 1), ("large", .text(String(repeating: "b", count: 20_000))),
        ])
        let line = StatusLine.json(
            StoredEvent(seq: 1, at: "t", event: "file.failed", detail: long),
            drop: "acme"
        )
        #expect(line.utf8.count < StatusLine.limit)
        let object = try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        #expect((object["name"] as? String)?.count == 255)
        #expect(object["name_cut"] as? Bool == true)
        let detail = try #require(object["detail"] as? [String: Any])
        #expect(detail["small"] as? Int == 1)
        #expect(detail["cut"] as? Bool == true)
        #expect(detail["large"] == nil)
    }

    @Test func `a restart goes on where the log ends, without gap or repetition`() async throws {
        let (directory, ledger) = try state()
        try append([Event(.daemonStarted), Event(.runStarted, run: 1)], to: ledger)
        try await StatusLog(in: directory, of: ledger).catchUp()
        try append([Event(.runFinished, run: 1)], to: ledger)
        let second = try StatusLog(in: directory, of: ledger)
        try await second.catchUp()
        try await second.catchUp()
        #expect(try numbers() == [1, 2, 3])
    }

    @Test(arguments: [
        "{\"seq\":3,\"at\":\"20", "{\"seq\":3}", "\u{0}\u{0}\u{0}\n", "{\"seq\":9,\"torn\n{\"seq\":", "\n\n",
    ])
    func `a torn tail is cut, and what it told is told again`(tail: String) async throws {
        let (directory, ledger) = try state()
        try append([Event(.daemonStarted), Event(.runStarted, run: 1)], to: ledger)
        try await StatusLog(in: directory, of: ledger).catchUp()
        let log = URL(fileURLWithPath: directory.path(of: "status.log"))
        try (try Data(contentsOf: log) + Data(tail.utf8)).write(to: log)
        try append([Event(.runFinished, run: 1)], to: ledger)
        try await StatusLog(in: directory, of: ledger).catchUp()
        #expect(try numbers() == [1, 2, 3])
    }

    @Test func `a kill between two bytes of any line leaves a log that mends itself`() async throws {
        let (directory, ledger) = try state()
        try append(
            [Event(.daemonStarted), Event(.runStarted, run: 1), Event(.runFinished, run: 1)],
            to: ledger
        )
        try await StatusLog(in: directory, of: ledger).catchUp()
        let whole = try Data(contentsOf: URL(fileURLWithPath: directory.path(of: "status.log")))
        for length in stride(from: 1, to: whole.count, by: 7) {
            try whole.prefix(length).write(to: URL(fileURLWithPath: directory.path(of: "status.log")))
            // The number is written after the line, so a kill there leaves an older one.
            try? FileManager.default.removeItem(atPath: directory.path(of: "status.seq"))
            try await StatusLog(in: directory, of: ledger).catchUp()
            #expect(try Data(contentsOf: URL(fileURLWithPath: directory.path(of: "status.log"))) == whole)
        }
    }

    @Test func `a hole that a power loss left is told again from there`() async throws {
        let (directory, ledger) = try state()
        try append([Event(.daemonStarted), Event(.runStarted, run: 1)], to: ledger)
        try await StatusLog(in: directory, of: ledger).catchUp()
        let durable = try Data(contentsOf: URL(fileURLWithPath: directory.path(of: "status.log")))
        let number = try Data(contentsOf: URL(fileURLWithPath: directory.path(of: "status.seq")))
        let more = (2...9).map { Event(.runStarted, run: $0) }
        try append(more, to: ledger)
        try await StatusLog(in: directory, of: ledger).catchUp()
        var log = try Data(contentsOf: URL(fileURLWithPath: directory.path(of: "status.log")))
        let whole = log
        for index in durable.count + 300..<durable.count + 600 { log[index] = 0 }
        try log.write(to: URL(fileURLWithPath: directory.path(of: "status.log")))
        try number.write(to: URL(fileURLWithPath: directory.path(of: "status.seq")))
        try await StatusLog(in: directory, of: ledger).catchUp()
        #expect(try Data(contentsOf: URL(fileURLWithPath: directory.path(of: "status.log"))) == whole)
    }

    @Test func `after rotation the new file goes on, also when the daemon starts on it`() async throws {
        let (directory, ledger) = try state()
        try append([Event(.daemonStarted), Event(.runStarted, run: 1)], to: ledger)
        let log = try StatusLog(in: directory, of: ledger)
        try await log.catchUp()
        rename(directory.path(of: "status.log"), directory.path(of: "status.log.1"))
        try await log.reopen()
        try append([Event(.runFinished, run: 1)], to: ledger)
        try await log.catchUp()
        #expect(try numbers() == [3])
        rename(directory.path(of: "status.log"), directory.path(of: "status.log.2"))
        try append([Event(.daemonStopped)], to: ledger)
        try await StatusLog(in: directory, of: ledger).catchUp()
        #expect(try numbers() == [4])
    }
}
