import CSQLite
import Foundation
import GRDB
import GRDBSQLite

/// An open file; what SQLite knows of must come first, and the system's own file follows.
///
/// What is written to a **log** is gathered until
///
/// - a commit is marked: the frame with the mark is written at once, behind all before it, as if nothing had been
///   gathered. Before the mark nobody else may read a frame;
/// - or SQLite wants the log synced, writes elsewhere, or reads what lies across an end of it.
///
/// A call that cannot hand on what was gathered before fails; the next one tries again.
/// The format: https://www.sqlite.org/fileformat2.html#walformat
///
/// What is written to a **database** is gathered only while a checkpoint copies the whole log into it: until the end of that
/// copying all others read these pages in the log. Then SQLite cuts the file to its size and syncs it, and learns from
/// these calls when something could not be handed on: the pages count as copied only if all went well. What could not be
/// handed on is forgotten; the log has it.
///
/// Nothing that is written to any other file waits.
///
/// What is read of a log while all of it is copied, or while the sums of its frames are made anew before a commit, is read
/// in larger pieces than SQLite asks for: nobody changes any of it meanwhile.
struct GatheredFile {
    var base = sqlite3_file()
    private let isLog: Bool
    /// What was gathered, from where on.
    private var bytes: UnsafeMutableRawPointer?
    private var start: Int64 = 0
    private var count = 0
    /// Whether a frame with a commit is being written, which must not wait.
    private var isCommitting = false
    /// Whether the whole log is being copied into this database.
    private var isCheckpointing = false
    /// How many checkpoints there were.
    private var checkpoints = 0
    /// The database of this log.
    private let database: UnsafeMutablePointer<GatheredFile>?
    private var ahead = ReadAhead()
    /// Whether the frames of a transaction are being read, and their headers written anew.
    private var isSummingUp = false
    /// How often that was so.
    private var sums = 0
    /// Why a checkpoint's pages were not all written, until SQLite has learned it.
    private var failure = SQLITE_OK

    /// For advice to the system alone; -1 where SQLite has not told it.
    private var descriptor: Int32 = -1
    private var behind = WriteBehind(-1)

    /// - Parameter database: That of a log.
    init(isLog: Bool, database: UnsafeMutablePointer<GatheredFile>? = nil) {
        self.isLog = isLog
        self.database = database
    }

    /// Opens the system's file.
    mutating func open(_ body: () -> Int32) -> Int32 {
        _ = ld_take_descriptor()
        let code = body()
        descriptor = ld_take_descriptor()
        behind = WriteBehind(descriptor)
        return code
    }

    /// Pieces end at multiples of this many bytes, so that the system keeps each as one.
    ///
    /// SQLite's file of the system takes at most 0x1FFFF in one call.
    private static let capacity = 0x10000
    private static let logHeader = 32
    private static let frameHeader = 24

    /// Where the system's file lies.
    static let offset = (MemoryLayout<GatheredFile>.stride + 15) & ~15

    static func system(_ file: UnsafeMutablePointer<sqlite3_file>) -> UnsafeMutablePointer<sqlite3_file> {
        (UnsafeMutableRawPointer(file) + offset).assumingMemoryBound(to: sqlite3_file.self)
    }

    /// Hands on what was gathered.
    private mutating func flush(_ file: UnsafeMutablePointer<sqlite3_file>) -> Int32 {
        guard count > 0 else { return SQLITE_OK }
        let code = Self.put(file, bytes, count, at: start)
        if code == SQLITE_OK { behind.wrote(count, at: start) }
        if code == SQLITE_OK || !isLog { count = 0 }
        return code
    }

    private static func put(
        _ file: UnsafeMutablePointer<sqlite3_file>,
        _ source: UnsafeRawPointer?,
        _ amount: Int,
        at place: Int64
    ) -> Int32 {
        let system = system(file)
        let methods = system.pointee.pMethods.pointee
        let code = methods.xWrite?(system, source, Int32(amount), place) ?? SQLITE_MISUSE
        guard code == ResultCode.SQLITE_IOERR_WRITE.rawValue else { return code }
        // SQLite knows of full disks alone; a quota that is used up is no less full.
        var reason: Int32 = 0
        let answer = methods.xFileControl?(system, SQLITE_FCNTL_LAST_ERRNO, &reason)
        return answer == SQLITE_OK && reason == EDQUOT ? SQLITE_FULL : code
    }

    /// Whether what is written now may wait.
    private mutating func mayWait(_ source: UnsafeRawPointer, _ amount: Int) -> Bool {
        guard isLog else { return isCheckpointing && amount <= Self.capacity }
        if amount == Self.frameHeader {
            // The size of the database after a commit; 0 in every other frame.
            isCommitting = source.loadUnaligned(fromByteOffset: 4, as: UInt32.self) != 0
            if isCommitting { isSummingUp = false }
        } else {
            isSummingUp = false
        }
        return !isCommitting && amount != Self.logHeader && amount <= Self.capacity
    }

    mutating func write(
        _ file: UnsafeMutablePointer<sqlite3_file>,
        _ source: UnsafeRawPointer,
        _ amount: Int,
        at place: Int64
    ) -> Int32 {
        let mayWait = mayWait(source, amount)
        if !mayWait || place < start || place > start + Int64(count) {
            let code = flush(file)
            guard code == SQLITE_OK else { return code }
            start = place
        }
        guard mayWait else { return Self.put(file, source, amount, at: place) }
        return gather(file, source, amount, at: place)
    }

    /// Takes what begins in, or right behind, what was gathered before.
    private mutating func gather(
        _ file: UnsafeMutablePointer<sqlite3_file>,
        _ source: UnsafeRawPointer,
        _ amount: Int,
        at place: Int64
    ) -> Int32 {
        let target = bytes ?? .allocate(byteCount: Self.capacity, alignment: 16)
        bytes = target
        var taken = 0
        while taken < amount {
            let offset = Int(place - start) + taken
            let room = Self.capacity - Int(start % Int64(Self.capacity)) - offset
            guard room > 0 else {
                let code = flush(file)
                guard code == SQLITE_OK else { return code }
                start = place + Int64(taken)
                continue
            }
            let part = min(amount - taken, room)
            (target + offset).copyMemory(from: source + taken, byteCount: part)
            count = max(count, offset + part)
            taken += part
        }
        return SQLITE_OK
    }

    mutating func read(
        _ file: UnsafeMutablePointer<sqlite3_file>,
        _ target: UnsafeMutableRawPointer,
        _ amount: Int,
        at place: Int64
    ) -> Int32 {
        if let bytes, place >= start, place + Int64(amount) <= start + Int64(count) {
            target.copyMemory(from: bytes + Int(place - start), byteCount: amount)
            return SQLITE_OK
        }
        if place < start + Int64(count), place + Int64(amount) > start {
            let code = flush(file)
            guard code == SQLITE_OK else { return code }
        }
        guard let phase = phase(amount) else { return Self.get(file, target, amount, at: place) }
        // Read apart from `self`, which the reading in advance has for itself.
        let (isCopied, descriptor) = (phase > 0, descriptor)
        return ahead.read(target, amount, at: place, phase: phase) { bytes, count, place in
            let code = Self.get(file, bytes, count, at: place)
            if isCopied, count > amount { Self.forget(count, at: place, of: descriptor) }
            return code
        }
    }

    private static func get(
        _ file: UnsafeMutablePointer<sqlite3_file>,
        _ target: UnsafeMutableRawPointer,
        _ amount: Int,
        at place: Int64
    ) -> Int32 {
        let system = system(file)
        return system.pointee.pMethods.pointee.xRead?(system, target, Int32(amount), place) ?? SQLITE_MISUSE
    }

    /// What a log is being read for, as long as nothing of it changes: a number for each time; `nil` for anything else.
    private mutating func phase(_ amount: Int) -> Int? {
        guard isLog else { return nil }
        if database?.pointee.isCheckpointing == true { return database?.pointee.checkpoints }
        // Right behind the frame with the mark: the sums follow, over whole frames.
        let isFrame = amount > Self.frameHeader && (amount - Self.frameHeader).nonzeroBitCount == 1
        if isCommitting, isFrame, !isSummingUp {
            isSummingUp = true
            sums += 1
        }
        isSummingUp = isSummingUp && isFrame
        return isSummingUp ? -sums : nil
    }

    mutating func close(_ file: UnsafeMutablePointer<sqlite3_file>) -> Int32 {
        // What is left was never committed, or is in the log.
        _ = flush(file)
        bytes?.deallocate()
        bytes = nil
        ahead.forget()
        let system = Self.system(file)
        return system.pointee.pMethods.pointee.xClose?(system) ?? SQLITE_MISUSE
    }

    // MARK: Checkpoints

    /// How much of a log stays for the next transactions; what lies behind is cut off.
    static let keptLog: Int64 = 64 << 20

    /// Lets the system's cache go of a piece of the log that a checkpoint has in memory; its pages then take those of the
    /// database.
    private static func forget(_ count: Int, at place: Int64, of descriptor: Int32) {
        guard descriptor >= 0, place > keptLog else { return }
        // With the page that the piece before ended in.
        let start = place - 4096
        _ = posix_fadvise(descriptor, off_t(start), off_t(place + Int64(count) - start), POSIX_FADV_DONTNEED)
    }

    mutating func control(
        _ file: UnsafeMutablePointer<sqlite3_file>,
        _ code: Int32,
        _ argument: UnsafeMutableRawPointer?
    ) -> Int32 {
        if !isLog {
            if code == SQLITE_FCNTL_CKPT_START { beginCheckpoint(file) }
            if code == SQLITE_FCNTL_CKPT_DONE { endCheckpoint(file) }
        }
        let system = Self.system(file)
        return system.pointee.pMethods.pointee.xFileControl?(system, code, argument) ?? SQLITE_MISUSE
    }

    private mutating func beginCheckpoint(_ file: UnsafeMutablePointer<sqlite3_file>) {
        failure = SQLITE_OK
        isCheckpointing = Self.copiesWholeLog(file)
        checkpoints += 1
    }

    private mutating func endCheckpoint(_ file: UnsafeMutablePointer<sqlite3_file>) {
        isCheckpointing = false
        failure = flush(file)
        // Another connection has appended to the log meanwhile: then SQLite counts the pages as copied without a further
        // call, and the end of the process is all that keeps the ledger whole.
        if failure != SQLITE_OK, !Self.copiesWholeLog(file) { abort() }
    }

    /// Whether the checkpoint that is at work copies the log to its end, and so syncs the database afterwards.
    ///
    /// https://www.sqlite.org/walformat.html#the_wal_index_file_format
    private static func copiesWholeLog(_ file: UnsafeMutablePointer<sqlite3_file>) -> Bool {
        let system = system(file)
        var index: UnsafeMutableRawPointer?
        let code = system.pointee.pMethods.pointee.xShmMap?(system, 0, 32768, 0, &index)
        guard code == SQLITE_OK, let index else { return false }
        let frames = index.load(fromByteOffset: 16, as: UInt32.self)
        let attempted = index.load(fromByteOffset: 128, as: UInt32.self)
        return frames == attempted
    }

    /// Hands on what was gathered, and says what went wrong also before.
    mutating func handOver(_ file: UnsafeMutablePointer<sqlite3_file>) -> Int32 {
        isSummingUp = false
        defer { failure = SQLITE_OK }
        return failure == SQLITE_OK ? flush(file) : failure
    }

    static func of(_ file: UnsafeMutablePointer<sqlite3_file>) -> UnsafeMutablePointer<GatheredFile> {
        UnsafeMutableRawPointer(file).assumingMemoryBound(to: GatheredFile.self)
    }
}
