package import Ledger

/// What a drop's daemon does with its time.
///
/// Calls come from one loop, one after the other, but for ``serve(_:)``. After ``stop()`` an implementation MUST return
/// soon: it ends or rolls back the transaction in hand and leaves the rest for the next start. It MUST beat the ``Pulse``
/// for as long as it works.
package protocol DropWork: Sendable {
    /// Finishes the runs that were interrupted; called once, before anything else.
    func resume() async throws

    /// The newest slot at or before `now` that was served or skipped; `nil` before the first.
    func lastClosedSlot(atOrBefore now: Timestamp) throws -> Timestamp?

    /// Records slots that nobody serves.
    func skip(_ slots: Schedule.Skip, because reason: SlotLedger.SkipReason) throws

    /// Makes one run; what goes wrong with the customer's server or files is recorded, not thrown.
    func run(_ trigger: RunTrigger, slot: Timestamp) async throws

    /// Makes the run that an operator asks for.
    func poll(_ request: Request) async -> Answer

    /// Does what else an operator asks. MAY be called while a run is at work: each file is one transaction, and this one
    /// is done between two of them.
    func serve(_ request: Request) async -> Answer

    /// Does what is due between runs: disposals that are tried again.
    func tidy() async throws

    /// When ``tidy()`` has something to do next; `nil` when nothing is waited for.
    func nextTidy() throws -> Timestamp?

    /// Lets the work in hand end soon. Called once, from anywhere.
    func stop()
}
