import CSQLite
import Foundation
import GRDBSQLite

/// SQLite's files, of which some take what is written to them in larger pieces than SQLite gives.
///
/// SQLite writes page after page: into the write-ahead log in two calls for each, and from there into the database in one
/// more. A load of a million rows makes 300,000 such calls, and the system has more work with each than with its bytes.
enum GatheredFiles {
    /// Makes SQLite open every file as a ``GatheredFile`` from now on; only logs and databases gather anything.
    static func install() throws { try installed.get() }

    /// What opening a file needs.
    private struct Context {
        let system: UnsafeMutablePointer<sqlite3_vfs>
        let methods: UnsafeMutablePointer<sqlite3_io_methods>
    }

    private static let installed = Result {
        guard let system = sqlite3_vfs_find(nil) else { throw CocoaError(.featureUnsupported) }
        // Without it no file gets advice, and all else is the same.
        _ = ld_note_descriptors()
        // What is made here lives as long as the process, as SQLite wants it.
        let context = UnsafeMutablePointer<Context>.allocate(capacity: 1)
        let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        methods.initialize(to: GatheredMethods.all)
        context.initialize(to: Context(system: system, methods: methods))
        let ours = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        ours.initialize(to: system.pointee)
        ours.pointee.pNext = nil
        ours.pointee.zName = UnsafePointer(strdup("gathered"))
        ours.pointee.pAppData = UnsafeMutableRawPointer(context)
        ours.pointee.szOsFile = Int32(GatheredFile.offset) + system.pointee.szOsFile
        ours.pointee.xOpen = { vfs, name, file, flags, outFlags in
            guard let file, let context = vfs?.pointee.pAppData?.load(as: Context.self),
                let open = context.system.pointee.xOpen
            else { return SQLITE_MISUSE }
            let isLog = flags & SQLITE_OPEN_WAL != 0
            let gathered = UnsafeMutableRawPointer(file).assumingMemoryBound(to: GatheredFile.self)
            // SQLite knows the database of a log by the very text of its name.
            let database = isLog ? name.flatMap { sqlite3_database_file_object($0) } : nil
            gathered.initialize(to: GatheredFile(isLog: isLog, database: database.map(GatheredFile.of)))
            let code = gathered.pointee.open {
                open(context.system, name, GatheredFile.system(file), flags, outFlags)
            }
            // Without methods SQLite does not close what was not opened.
            if code == SQLITE_OK { gathered.pointee.base.pMethods = UnsafePointer(context.methods) }
            return code
        }
        guard sqlite3_vfs_register(ours, 1) == SQLITE_OK else { throw CocoaError(.featureUnsupported) }
    }
}
