import Foundation
import GRDB
import GRDBSQLite
import Testing

@testable import Ledger

/// What a checkpoint writes into a database is gathered, and SQLite learns when it could not be written.
struct CheckpointWritesTests {
    private static let page = 4096

    /// A database file of ours over one in memory, as SQLite would have it, while a checkpoint is at work.
    ///
    /// - Parameter isWhole: Whether the checkpoint copies the log to its end.
    private func withDatabase(
        isWhole: Bool = true,
        _ body: (UnsafeMutablePointer<sqlite3_file>, FileInMemory) throws -> Void
    ) rethrows {
        let memory = FileInMemory(frames: 9, attempted: isWhole ? 9 : 8)
        let size = GatheredFile.offset + MemoryLayout<FileInMemory.Handle>.stride
        let raw = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: 16)
        let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 2)
        defer {
            raw.deallocate()
            methods.deallocate()
        }
        (methods + 0).initialize(to: GatheredMethods.all)
        (methods + 1).initialize(to: FileInMemory.methods)
        raw.initializeMemory(as: GatheredFile.self, to: GatheredFile(isLog: false))
        let file = raw.assumingMemoryBound(to: sqlite3_file.self)
        file.pointee.pMethods = UnsafePointer(methods)
        var base = sqlite3_file()
        base.pMethods = UnsafePointer(methods + 1)
        (raw + GatheredFile.offset)
            .initializeMemory(
                as: FileInMemory.Handle.self,
                to: FileInMemory.Handle(base: base, memory: Unmanaged.passUnretained(memory).toOpaque())
            )
        try withExtendedLifetime(memory) { try body(file, memory) }
        _ = file.pointee.pMethods.pointee.xClose?(file)
    }

    private func write(_ pages: Range<Int>, to file: UnsafeMutablePointer<sqlite3_file>) -> [Int32] {
        pages.map { number in
            let bytes = [UInt8](repeating: UInt8(number), count: Self.page)
            return file.pointee.pMethods.pointee
                .xWrite?(file, bytes, Int32(Self.page), Int64(number * Self.page)) ?? SQLITE_MISUSE
        }
    }

    private func control(_ code: Int32, _ file: UnsafeMutablePointer<sqlite3_file>) {
        _ = file.pointee.pMethods.pointee.xFileControl?(file, code, nil)
    }

    private func sync(_ file: UnsafeMutablePointer<sqlite3_file>) -> Int32 {
        file.pointee.pMethods.pointee.xSync?(file, SQLITE_SYNC_NORMAL) ?? SQLITE_MISUSE
    }

    private static func content(_ pages: Range<Int>) -> [UInt8] {
        pages.flatMap { [UInt8](repeating: UInt8($0), count: page) }
    }

    @Test func `pages that follow each other are written together, up to a multiple of 64 kB`() {
        withDatabase { file, memory in
            control(SQLITE_FCNTL_CKPT_START, file)
            #expect(write(3..<40, to: file).allSatisfy { $0 == SQLITE_OK })
            #expect(write(50..<52, to: file).allSatisfy { $0 == SQLITE_OK })
            control(SQLITE_FCNTL_CKPT_DONE, file)
            #expect(memory.writes == [13, 16, 8, 2].map { $0 * Self.page })
            #expect(Array(memory.bytes[(3 * Self.page)..<(40 * Self.page)]) == Self.content(3..<40))
            #expect(Array(memory.bytes[(50 * Self.page)...]) == Self.content(50..<52))
            #expect(sync(file) == SQLITE_OK)
        }
    }

    @Test func `a page that waits is read as it was written`() {
        withDatabase { file, memory in
            control(SQLITE_FCNTL_CKPT_START, file)
            _ = write(1..<4, to: file)
            var bytes = [UInt8](repeating: 0, count: Self.page)
            let code = file.pointee.pMethods.pointee
                .xRead?(file, &bytes, Int32(Self.page), Int64(2 * Self.page))
            #expect(code == SQLITE_OK)
            #expect(bytes == Self.content(2..<3))
            #expect(memory.writes.isEmpty)
        }
    }

    @Test func `nothing waits where SQLite would not learn of a failure`() {
        withDatabase(isWhole: false) { file, memory in
            control(SQLITE_FCNTL_CKPT_START, file)
            _ = write(1..<4, to: file)
            #expect(memory.writes == [Self.page, Self.page, Self.page])
        }
        withDatabase { file, memory in
            _ = write(1..<3, to: file)
            #expect(memory.writes == [Self.page, Self.page])
        }
    }

    @Test func `the last pages could not be written: the sync fails, and they are never written later`() {
        withDatabase { file, memory in
            control(SQLITE_FCNTL_CKPT_START, file)
            _ = write(1..<4, to: file)
            memory.isFull = true
            control(SQLITE_FCNTL_CKPT_DONE, file)
            memory.isFull = false
            #expect(sync(file) == SQLITE_FULL)
            #expect(sync(file) == SQLITE_OK)
            #expect(memory.writes.isEmpty)
        }
    }

    @Test func `pages in the middle could not be written: the write that finds out fails`() {
        withDatabase { file, memory in
            control(SQLITE_FCNTL_CKPT_START, file)
            memory.isFull = true
            let codes = write(0..<17, to: file)
            #expect(codes.dropLast().allSatisfy { $0 == SQLITE_OK })
            #expect(codes.last == SQLITE_FULL)
            control(SQLITE_FCNTL_CKPT_DONE, file)
            #expect(memory.writes.isEmpty)
        }
    }

    @Test(arguments: [
        (EDQUOT, SQLITE_FULL), (EIO, ResultCode.SQLITE_IOERR_WRITE.rawValue),
        (EROFS, ResultCode.SQLITE_IOERR_WRITE.rawValue),
    ])
    func `a quota that is used up is a full disk, and no other error is`(reason: Int32, wanted: Int32) {
        withDatabase { file, memory in
            memory.refusal = reason
            #expect(write(0..<1, to: file) == [wanted])
            memory.refusal = nil
            #expect(write(0..<1, to: file) == [SQLITE_OK])
        }
    }
}

/// A file of the system's, in memory; it notes each write, and its disk can be full.
private final class FileInMemory {
    /// What SQLite knows of must come first.
    struct Handle {
        var base: sqlite3_file
        var memory: UnsafeMutableRawPointer
    }

    var bytes: [UInt8] = []
    /// The length of each write.
    var writes: [Int] = []
    var isFull = false
    /// The error number of the system with which each write fails.
    var refusal: Int32?
    /// The index of the log, which says how much of the log there is and how much a checkpoint copies.
    private let index: UnsafeMutableRawPointer

    init(frames: UInt32, attempted: UInt32) {
        index = .allocate(byteCount: 32768, alignment: 8)
        index.initializeMemory(as: UInt8.self, repeating: 0, count: 32768)
        index.storeBytes(of: frames, toByteOffset: 16, as: UInt32.self)
        index.storeBytes(of: attempted, toByteOffset: 128, as: UInt32.self)
    }

    deinit { index.deallocate() }

    private static func of(_ file: UnsafeMutablePointer<sqlite3_file>) -> FileInMemory {
        let handle = UnsafeMutableRawPointer(file).load(as: Handle.self)
        return Unmanaged<FileInMemory>.fromOpaque(handle.memory).takeUnretainedValue()
    }

    static var methods: sqlite3_io_methods {
        var methods = sqlite3_io_methods()
        methods.iVersion = 2
        methods.xClose = { _ in SQLITE_OK }
        methods.xSync = { _, _ in SQLITE_OK }
        methods.xFileControl = { file, code, argument in
            guard code == SQLITE_FCNTL_LAST_ERRNO, let file, let argument else { return SQLITE_NOTFOUND }
            argument.storeBytes(of: FileInMemory.of(file).refusal ?? 0, as: Int32.self)
            return SQLITE_OK
        }
        methods.xWrite = { file, source, amount, place in
            guard let file, let source else { return SQLITE_MISUSE }
            let memory = FileInMemory.of(file)
            guard !memory.isFull else { return SQLITE_FULL }
            guard memory.refusal == nil else { return ResultCode.SQLITE_IOERR_WRITE.rawValue }
            let end = Int(place) + Int(amount)
            if memory.bytes.count < end {
                memory.bytes += [UInt8](repeating: 0, count: end - memory.bytes.count)
            }
            let new = UnsafeRawBufferPointer(start: source, count: Int(amount))
            memory.bytes.replaceSubrange(Int(place)..<end, with: new)
            memory.writes.append(Int(amount))
            return SQLITE_OK
        }
        methods.xShmMap = { file, _, _, _, memory in
            guard let file else { return SQLITE_MISUSE }
            memory?.pointee = FileInMemory.of(file).index
            return SQLITE_OK
        }
        return methods
    }
}
