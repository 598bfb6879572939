import Ledger
import Testing

struct RecipientTests {
    @Test func `the configured list is taken over once`() throws {
        let desk = try Desk(recipients: ["a@x.example", "b@x.example"])
        let list = RecipientLedger(desk.ledger)
        #expect(try list.seed(["B@x.example", "a@x.example"], at: desk.time) == false)
        #expect(try list.remove("A@X.example", by: "alice", at: desk.time))
        #expect(try list.seed(["a@x.example", "b@x.example"], at: desk.time))
        #expect(try list.list().map(\.address) == ["b@x.example"])
        #expect(try list.remove("b@x.example", by: "alice", at: desk.time))
        _ = try list.seed(["a@x.example"], at: desk.time)
        #expect(try list.list().isEmpty)
        #expect(try desk.count(.recipientsChanged) == 4)
    }

    @Test func `an address is on the list once, and removing a stranger changes nothing`() throws {
        let desk = try Desk(recipients: ["a@x.example"])
        let list = RecipientLedger(desk.ledger)
        #expect(try list.add("A@x.example", by: "alice", at: desk.time) == false)
        #expect(try list.remove("c@x.example", by: "alice", at: desk.time) == false)
        #expect(try list.list().map(\.address) == ["a@x.example"])
    }
}
