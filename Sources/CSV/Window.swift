/// The decoded bytes in hand, in one piece: from the record in work to the last byte read.
struct Window: ~Copyable {
    /// Where the bytes begin.
    ///
    /// ``margin`` bytes behind the last one may be read, but mean nothing.
    private(set) var base: UnsafeMutableRawPointer
    /// How many bytes there are.
    var count = 0
    private var capacity: Int

    /// How far the splitter may look behind the last byte; no less than ``Record/padding``.
    static let margin = 64

    init(capacity: Int) {
        self.capacity = capacity
        // A record's fields lie in here, and promise that much behind them.
        precondition(Self.margin >= Record.padding)
        base = .allocate(byteCount: capacity + Self.margin, alignment: 64)
    }

    deinit {
        base.deallocate()
    }

    /// Forgets the first `length` bytes and moves the others to the front.
    mutating func drop(_ length: Int) {
        guard length > 0 else {
            return
        }
        count -= length
        base.copyMemory(from: base + length, byteCount: count)
    }

    /// Makes room for `length` further bytes, keeping those there are.
    mutating func reserve(_ length: Int) {
        guard capacity - count < length else {
            return
        }
        // Doubling keeps the work of copying linear.
        let grown = max(capacity * 2, count + length)
        let memory = UnsafeMutableRawPointer.allocate(byteCount: grown + Self.margin, alignment: 64)
        memory.copyMemory(from: base, byteCount: count)
        base.deallocate()
        base = memory
        capacity = grown
    }

    /// The room behind the last byte, at most `length` bytes of it.
    func room(_ length: Int) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: base + count, count: min(length, capacity - count))
    }

    /// The bytes, for a look.
    var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: base, count: count)
    }
}
