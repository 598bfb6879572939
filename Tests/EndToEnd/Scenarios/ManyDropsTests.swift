import Foundation
import TestSupport
import Testing

/// What an operator of many drops asks.
@Suite(.timeLimit(.minutes(5)))
struct ManyDropsTests {
    @Test func `status --all has a line for each configuration, also for one that cannot be read`()
        async throws
    {
        let drop = try await EndToEndDrop.start()
        try await drop.put(DroppedFile("", in: "contacts/pending", name: "empty.csv"))
        try await drop.poll(65)
        try drop.folder.write("name: [", to: "etc/broken.yaml", mode: 0o600)
        let fresh = try drop.folder.text("etc/acme.yaml").replacing("/state", with: "/other")
        try drop.folder.write(fresh, to: "etc/new.yaml", mode: 0o600)
        try drop.folder.write("not ours", to: "etc/README")
        let all = try await drop.runBare("status", "--all", "--folder", drop.folder.path("etc"))
        #expect(all.status == 78)
        let lines = all.output.split(separator: "\n")
        try #require(lines.count == 3, "\(all.output)")
        #expect(lines[0].hasPrefix("acme · not alive: no daemon is running · last run "))
        #expect(lines[0].hasSuffix("needs you: 1 failing"))
        #expect(lines[1].hasPrefix("broken · cannot be read: "))
        #expect(lines[2].hasPrefix("new · cannot be read: ") && lines[2].contains("there is no ledger yet"))
    }

    @Test func `a name that was never seen is told as such, as text and as JSON`() async throws {
        let drop = try await EndToEndDrop.start()
        try await drop.put(.customers("C1,Acme,1.00,USD", name: "customers-2026-11-21.csv"))
        try await drop.poll()
        let text = try await drop.run("explain", "customers-2026-11-22.csv.filepart")
        #expect(text.status == 66)
        #expect(text.errors.contains("no file of this name or id was ever seen"))
        #expect(text.errors.contains("a file of this name is never taken: temporary_name"))
        let json = try await drop.run("explain", "customers-2026-11-22.csv", "--format", "json")
        #expect(json.status == 66)
        let told = try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any]
        #expect(told?["seen"] as? Bool == false)
        #expect(told?["near"] as? [String] == ["customers-2026-11-21.csv"])
        #expect(told?["last_listing_entries"] as? Int == 1)
        #expect(told?["never_taken"] == nil)
    }
}
