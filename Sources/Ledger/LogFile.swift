import Foundation
import GRDBSQLite

/// SQLite's write-ahead log, with what one transaction appends to it handed to the system in large pieces.
///
/// SQLite writes a page of the log in two calls, 24 bytes and 4,096; a load of a million rows makes 200,000 such calls.
/// Here they are gathered until
///
/// - a commit is marked: the frame with the mark is written at once, behind all before it, as if nothing had been
///   gathered. Before the mark nobody else may read a frame;
/// - or SQLite wants the log synced, writes elsewhere, or reads what lies across an end of it.
///
/// A call that cannot hand on what was gathered before fails, and takes nothing; the next one tries again.
/// The format: https://www.sqlite.org/fileformat2.html#walformat
enum LogFile {
    /// Makes SQLite open every log this way from now on; all its other files stay as they are.
    static func install() throws { try installed.get() }

    /// What opening a file needs.
    private struct Context {
        let system: UnsafeMutablePointer<sqlite3_vfs>
        let methods: UnsafeMutablePointer<sqlite3_io_methods>
    }

    private static let installed = Result {
        guard let system = sqlite3_vfs_find(nil) else { throw CocoaError(.featureUnsupported) }
        // What is made here lives as long as the process, as SQLite wants it.
        let context = UnsafeMutablePointer<Context>.allocate(capacity: 1)
        let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        methods.initialize(to: GatheredFile.methods)
        context.initialize(to: Context(system: system, methods: methods))
        let ours = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        ours.initialize(to: system.pointee)
        ours.pointee.pNext = nil
        ours.pointee.zName = UnsafePointer(strdup("gathered-log"))
        ours.pointee.pAppData = UnsafeMutableRawPointer(context)
        ours.pointee.szOsFile = Int32(GatheredFile.offset) + system.pointee.szOsFile
        ours.pointee.xOpen = { vfs, name, file, flags, outFlags in
            guard let file, let context = vfs?.pointee.pAppData?.load(as: Context.self),
                let open = context.system.pointee.xOpen
            else { return SQLITE_MISUSE }
            if flags & SQLITE_OPEN_WAL == 0 { return open(context.system, name, file, flags, outFlags) }
            let gathered = UnsafeMutableRawPointer(file).assumingMemoryBound(to: GatheredFile.self)
            gathered.initialize(to: GatheredFile())
            let code = open(context.system, name, GatheredFile.system(file), flags, outFlags)
            // Without methods SQLite does not close what was not opened.
            if code == SQLITE_OK { gathered.pointee.base.pMethods = UnsafePointer(context.methods) }
            return code
        }
        guard sqlite3_vfs_register(ours, 1) == SQLITE_OK else { throw CocoaError(.featureUnsupported) }
    }
}

/// An open log; what SQLite knows of must come first, and the system's own file follows.
private struct GatheredFile {
    var base = sqlite3_file()
    /// What was gathered, from where on.
    private var bytes: UnsafeMutableRawPointer?
    private var start: Int64 = 0
    private var count = 0
    /// Whether a frame with a commit is being written, which must not wait.
    private var isCommitting = false

    /// SQLite's own files take no more in one call.
    private static let capacity = 0x1FFFF
    private static let logHeader = 32
    private static let frameHeader = 24

    /// Where the system's file lies.
    static let offset = (MemoryLayout<GatheredFile>.stride + 15) & ~15

    static func system(_ file: UnsafeMutablePointer<sqlite3_file>) -> UnsafeMutablePointer<sqlite3_file> {
        (UnsafeMutableRawPointer(file) + offset).assumingMemoryBound(to: sqlite3_file.self)
    }

    /// Hands on what was gathered; it stays gathered where that fails.
    mutating func flush(_ file: UnsafeMutablePointer<sqlite3_file>) -> Int32 {
        guard count > 0 else { return SQLITE_OK }
        let system = Self.system(file)
        guard let write = system.pointee.pMethods.pointee.xWrite else { return SQLITE_MISUSE }
        let code = write(system, bytes, Int32(count), start)
        if code == SQLITE_OK { count = 0 }
        return code
    }

    mutating func write(
        _ file: UnsafeMutablePointer<sqlite3_file>,
        _ source: UnsafeRawPointer,
        _ amount: Int,
        at place: Int64
    ) -> Int32 {
        if amount == Self.frameHeader {
            // The size of the database after a commit; 0 in every other frame.
            isCommitting = source.loadUnaligned(fromByteOffset: 4, as: UInt32.self) != 0
        }
        let mustNotWait = isCommitting || amount == Self.logHeader || amount > Self.capacity
        let inside = place - start
        if mustNotWait || inside < 0 || inside > Int64(count) || inside + Int64(amount) > Int64(Self.capacity)
        {
            let code = flush(file)
            guard code == SQLITE_OK else { return code }
            start = place
        }
        guard !mustNotWait else {
            let system = Self.system(file)
            return system.pointee.pMethods.pointee.xWrite?(system, source, Int32(amount), place)
                ?? SQLITE_MISUSE
        }
        let target = bytes ?? .allocate(byteCount: Self.capacity, alignment: 16)
        bytes = target
        let offset = Int(place - start)
        (target + offset).copyMemory(from: source, byteCount: amount)
        count = max(count, offset + amount)
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
        let system = Self.system(file)
        return system.pointee.pMethods.pointee.xRead?(system, target, Int32(amount), place) ?? SQLITE_MISUSE
    }

    mutating func close(_ file: UnsafeMutablePointer<sqlite3_file>) -> Int32 {
        // What is left was never committed.
        _ = flush(file)
        bytes?.deallocate()
        bytes = nil
        let system = Self.system(file)
        return system.pointee.pMethods.pointee.xClose?(system) ?? SQLITE_MISUSE
    }

    /// The functions that SQLite calls; a log needs none of the later versions.
    static var methods: sqlite3_io_methods {
        var methods = sqlite3_io_methods()
        methods.iVersion = 1
        methods.xClose = { file in
            guard let file else { return SQLITE_MISUSE }
            return GatheredFile.of(file).pointee.close(file)
        }
        methods.xRead = { file, target, amount, place in
            guard let file, let target else { return SQLITE_MISUSE }
            return GatheredFile.of(file).pointee.read(file, target, Int(amount), at: place)
        }
        methods.xWrite = { file, source, amount, place in
            guard let file, let source else { return SQLITE_MISUSE }
            return GatheredFile.of(file).pointee.write(file, source, Int(amount), at: place)
        }
        methods.xTruncate = { file, size in
            GatheredFile.flushed(file) { system in system.pointee.pMethods.pointee.xTruncate?(system, size) }
        }
        methods.xSync = { file, flags in
            GatheredFile.flushed(file) { system in system.pointee.pMethods.pointee.xSync?(system, flags) }
        }
        methods.xFileSize = { file, size in
            GatheredFile.flushed(file) { system in system.pointee.pMethods.pointee.xFileSize?(system, size) }
        }
        methods.xLock = { file, level in
            GatheredFile.passed(file) { system in system.pointee.pMethods.pointee.xLock?(system, level) }
        }
        methods.xUnlock = { file, level in
            GatheredFile.passed(file) { system in system.pointee.pMethods.pointee.xUnlock?(system, level) }
        }
        methods.xCheckReservedLock = { file, result in
            GatheredFile.passed(file) { system in
                system.pointee.pMethods.pointee.xCheckReservedLock?(system, result)
            }
        }
        methods.xFileControl = { file, code, argument in
            GatheredFile.passed(file) { system in
                system.pointee.pMethods.pointee.xFileControl?(system, code, argument)
            }
        }
        methods.xSectorSize = { file in
            GatheredFile.passed(file) { system in system.pointee.pMethods.pointee.xSectorSize?(system) }
        }
        methods.xDeviceCharacteristics = { file in
            GatheredFile.passed(file) { system in
                system.pointee.pMethods.pointee.xDeviceCharacteristics?(system)
            }
        }
        return methods
    }

    private static func of(_ file: UnsafeMutablePointer<sqlite3_file>) -> UnsafeMutablePointer<GatheredFile> {
        UnsafeMutableRawPointer(file).assumingMemoryBound(to: GatheredFile.self)
    }

    /// Asks the system's file, once it has everything.
    private static func flushed(
        _ file: UnsafeMutablePointer<sqlite3_file>?,
        _ ask: (UnsafeMutablePointer<sqlite3_file>) -> Int32?
    ) -> Int32 {
        guard let file else { return SQLITE_MISUSE }
        let code = of(file).pointee.flush(file)
        return code == SQLITE_OK ? ask(system(file)) ?? SQLITE_MISUSE : code
    }

    /// Asks the system's file.
    private static func passed(
        _ file: UnsafeMutablePointer<sqlite3_file>?,
        _ ask: (UnsafeMutablePointer<sqlite3_file>) -> Int32?
    ) -> Int32 {
        file.flatMap { ask(system($0)) } ?? SQLITE_MISUSE
    }
}
