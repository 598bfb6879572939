import GRDB

/// Rows of one file set aside in parts, each small enough to be taken into memory on its own.
///
/// The hash of its owner decides in which part a row lies, so that all rows of an owner meet there. What does not fit
/// into a few megabytes waits in a temporary table: memory does not grow with the file.
package final class PartedRows {
    /// How much is held in memory.
    package struct Limits: Sendable {
        /// How large a part is meant to be.
        package var part = 1 << 20
        /// What may wait in memory before it is written away.
        package var waiting = 2 << 20
        /// Beyond this size a part is not taken into memory: most of it is one owner's.
        package var oversize = 8 << 20

        package init() {}
    }

    /// A row that was set aside; what it points to is valid inside the call that showed it.
    package struct Row {
        /// The hash of the row's key.
        package var keyHash: UInt64
        package var place: RecordPlace
        package var owner: UnsafeRawBufferPointer
        /// The record as decoded, without its line end.
        package var bytes: UnsafeRawBufferPointer
    }

    /// Where in its part a row lies; rows that were set aside later lie further behind.
    package struct Reference: Sendable {
        /// The hash of the row's owner.
        package var owner: UInt64
        package var offset: Int
    }

    /// A part in memory.
    package struct Part {
        package var references: [Reference]
        fileprivate var memory: UnsafeRawBufferPointer

        package func row(_ reference: Reference) -> Row { PartedRows.row(at: reference.offset, in: memory) }
    }

    /// What stands before the owner and the record in the memory of a part.
    private struct Head {
        var owner: UInt64
        var keyHash: UInt64
        var record: Int64
        var line: Int64
        var byteOffset: Int64
        var ownerLength: Int32
        var length: Int32
    }

    /// How many parts there are.
    package let count: Int
    private let bits: UInt64
    private let limits: Limits
    private let db: Database
    private let writing: RawStatement
    private let reading: RawStatement
    /// What is not written away yet, by part.
    private var waiting: [[UInt8]]
    private var waitingBytes = 0
    /// How much there is of each part, in memory and in the table.
    private var sizes: [Int]
    private var chunks: Int64 = 0
    private var memory: [UInt8] = []

    /// - Parameter bytes: How much will be set aside at most, or about.
    init(_ db: Database, expecting bytes: Int64, limits: Limits) throws {
        self.db = db
        self.limits = limits
        var bits: UInt64 = 0
        // A row takes some half more than its bytes.
        while bits < 9, bytes + bytes / 2 > Int64(limits.part) << Int64(bits) { bits += 1 }
        self.bits = bits
        count = 1 << Int(bits)
        waiting = Array(repeating: [], count: count)
        sizes = Array(repeating: 0, count: count)
        try db.cachedStatement(sql: "DELETE FROM temp.parted").execute()
        writing = try RawStatement(
            db,
            sql: "INSERT INTO temp.parted (part, chunk, bytes) VALUES (?, ?, ?)"
        )
        reading = try RawStatement(db, sql: "SELECT bytes FROM temp.parted WHERE part = ? ORDER BY chunk")
    }

    package func append(
        owner: UnsafeRawBufferPointer,
        hash: UInt64,
        keyHash: UInt64,
        at place: RecordPlace,
        bytes: UnsafeRawBufferPointer
    ) throws {
        let head = Head(
            owner: hash,
            keyHash: keyHash,
            record: place.record,
            line: place.line,
            byteOffset: place.byteOffset,
            ownerLength: Int32(owner.count),
            length: Int32(bytes.count)
        )
        // The upper bits decide, so that the parts follow one another in the order of the hashes.
        let part = bits == 0 ? 0 : Int(truncatingIfNeeded: hash >> (64 - bits))
        withUnsafeBytes(of: head) { waiting[part].append(contentsOf: $0) }
        waiting[part].append(contentsOf: owner)
        waiting[part].append(contentsOf: bytes)
        let size = MemoryLayout<Head>.size + owner.count + bytes.count
        sizes[part] += size
        waitingBytes += size
        if waitingBytes > limits.waiting { try writeAway() }
    }

    private func writeAway() throws {
        for part in waiting.indices where !waiting[part].isEmpty {
            writing.bind(Int64(part), at: 1)
            writing.bind(chunks, at: 2)
            try waiting[part].withUnsafeBytes { bytes in
                writing.bind(lentBlob: bytes, at: 3)
                try writing.run()
            }
            chunks += 1
            waiting[part].removeAll(keepingCapacity: true)
        }
        waitingBytes = 0
    }

    /// The hashes of owners that belong into a part.
    package func hashes(of part: Int) -> ClosedRange<UInt64> {
        guard bits > 0 else { return 0...UInt64.max }
        let first = UInt64(part) << (64 - bits)
        return first...first | (UInt64.max >> bits)
    }

    /// Whether a part is too large to be taken into memory; then ``forEachRow(of:_:)`` shows its rows.
    package func isOversize(_ part: Int) -> Bool { sizes[part] > limits.oversize }

    /// Takes a part into memory, its rows in the order of their owners' hashes and then as they were set aside.
    package func withPart(_ part: Int, _ body: (Part) throws -> Void) throws {
        memory.removeAll(keepingCapacity: true)
        memory.reserveCapacity(sizes[part])
        try forEachChunk(of: part) { memory.append(contentsOf: $0) }
        try memory.withUnsafeBytes { memory in
            var references: [Reference] = []
            Self.walk(memory) { offset, owner in
                references.append(Reference(owner: owner, offset: offset))
            }
            references.sort { $0.owner == $1.owner ? $0.offset < $1.offset : $0.owner < $1.owner }
            try body(Part(references: references, memory: memory))
        }
    }

    /// Shows the rows of a part as they were set aside, without taking all of it into memory.
    package func forEachRow(of part: Int, _ body: (Row) throws -> Void) throws {
        try forEachChunk(of: part) { chunk in
            try Self.walk(chunk) { offset, _ in try body(Self.row(at: offset, in: chunk)) }
        }
    }

    private func forEachChunk(of part: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
        if chunks > 0 {
            defer { reading.reset() }
            reading.bind(Int64(part), at: 1)
            while try reading.step() { try body(reading.bytes(0)) }
        }
        try waiting[part].withUnsafeBytes { try body($0) }
    }

    private static func walk(
        _ memory: UnsafeRawBufferPointer,
        _ body: (_ offset: Int, _ owner: UInt64) throws -> Void
    ) rethrows {
        var offset = 0
        while offset < memory.count {
            let head = memory.loadUnaligned(fromByteOffset: offset, as: Head.self)
            try body(offset, head.owner)
            offset += MemoryLayout<Head>.size + Int(head.ownerLength) + Int(head.length)
        }
    }

    private static func row(at offset: Int, in memory: UnsafeRawBufferPointer) -> Row {
        let head = memory.loadUnaligned(fromByteOffset: offset, as: Head.self)
        let owner = offset + MemoryLayout<Head>.size
        let bytes = owner + Int(head.ownerLength)
        return Row(
            keyHash: head.keyHash,
            place: RecordPlace(record: head.record, line: head.line, byteOffset: head.byteOffset),
            owner: UnsafeRawBufferPointer(rebasing: memory[owner..<bytes]),
            bytes: UnsafeRawBufferPointer(rebasing: memory[bytes..<bytes + Int(head.length)])
        )
    }

    /// Forgets all rows.
    package func clear() throws {
        for part in waiting.indices { waiting[part] = [] }
        memory = []
        if chunks > 0 { try db.cachedStatement(sql: "DELETE FROM temp.parted").execute() }
    }
}

extension LoadTransaction {
    /// - Parameter bytes: How much will be set aside at most, or about.
    package func partRows(expecting bytes: Int64, limits: PartedRows.Limits) throws -> PartedRows {
        try PartedRows(db, expecting: bytes, limits: limits)
    }
}
