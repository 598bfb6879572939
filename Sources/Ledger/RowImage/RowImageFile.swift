import Foundation
import GRDB
import GRDBSQLite
import Synchronization

/// The file that SQLite reads a ``RowImage`` from.
///
/// It cannot be written, is never locked, and has neither a log nor a journal.
enum RowImageFile {
    private static let system = "row_image"

    /// The images that are open, by the names of their files.
    private static let open = Mutex<(last: Int, images: [String: RowImage])>((0, [:]))

    /// Makes the image readable as a further database of the connection.
    ///
    /// - Returns: The database's name.
    /// - Throws: ``LoadTransaction/TooManyAtOnce``, `DatabaseError`.
    static func attach(_ image: RowImage, to db: Database) throws -> String {
        try installed.get()
        let others = try names(in: db).count
        guard others < most else { throw LoadTransaction.TooManyAtOnce() }
        let name = "\(prefix)\(others)"
        let file = open.withLock { open in
            open.last += 1
            let file = "rows-\(open.last)"
            open.images[file] = image
            return file
        }
        do {
            try db.execute(sql: "ATTACH 'file:\(file)?vfs=\(system)' AS \(name)")
        } catch {
            _ = open.withLock { $0.images.removeValue(forKey: file) }
            throw error
        }
        return name
    }

    /// Forgets all images of a connection, which no transaction reads any more.
    static func detachAll(from db: Database) {
        for name in (try? names(in: db)) ?? [] { try? db.execute(sql: "DETACH \(name)") }
    }

    private static let prefix = "rows_"
    /// A connection has room for ten, in all.
    private static let most = 8

    private static func names(in db: Database) throws -> [String] {
        try String.fetchAll(db, sql: "SELECT name FROM pragma_database_list WHERE name GLOB '\(prefix)*'")
    }

    /// What SQLite keeps of an open file; what it knows of must come first.
    private struct File {
        var base = sqlite3_file()
        var image: Unmanaged<RowImage>
    }

    private static func image(_ file: UnsafeMutablePointer<sqlite3_file>) -> Unmanaged<RowImage> {
        UnsafeMutableRawPointer(file).assumingMemoryBound(to: File.self).pointee.image
    }

    private static let installed = Result {
        guard let system = sqlite3_vfs_find(nil) else { throw CocoaError(.featureUnsupported) }
        // What is made here lives as long as the process, as SQLite wants it.
        let methods = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
        methods.initialize(to: Self.methods)
        let ours = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        ours.initialize(to: system.pointee)
        ours.pointee.pNext = nil
        ours.pointee.zName = UnsafePointer(strdup(Self.system))
        ours.pointee.pAppData = UnsafeMutableRawPointer(methods)
        ours.pointee.szOsFile = Int32(MemoryLayout<File>.size)
        ours.pointee.xOpen = { vfs, name, file, _, outFlags in
            guard let file, let name, let methods = vfs?.pointee.pAppData,
                let image = RowImageFile.open.withLock({ $0.images[String(cString: name)] })
            else { return SQLITE_CANTOPEN }
            let base = sqlite3_file(pMethods: methods.assumingMemoryBound(to: sqlite3_io_methods.self))
            UnsafeMutableRawPointer(file).assumingMemoryBound(to: File.self)
                .initialize(to: File(base: base, image: .passRetained(image)))
            RowImageFile.open.withLock { _ = $0.images.removeValue(forKey: String(cString: name)) }
            // From a database that cannot be written SQLite does not copy rows as they are.
            outFlags?.pointee = SQLITE_OPEN_READWRITE
            return SQLITE_OK
        }
        ours.pointee.xAccess = { _, _, _, result in
            result?.pointee = 0
            return SQLITE_OK
        }
        ours.pointee.xFullPathname = { _, name, size, target in
            guard let name, let target, strlen(name) < Int(size) else { return SQLITE_CANTOPEN }
            strcpy(target, name)
            return SQLITE_OK
        }
        guard sqlite3_vfs_register(ours, 0) == SQLITE_OK else { throw CocoaError(.featureUnsupported) }
    }

    private static var methods: sqlite3_io_methods {
        var methods = sqlite3_io_methods()
        methods.iVersion = 1
        methods.xClose = { file in
            if let file { RowImageFile.image(file).release() }
            return SQLITE_OK
        }
        methods.xRead = { file, target, amount, place in
            guard let file, let target else { return SQLITE_MISUSE }
            let bytes = UnsafeMutableRawBufferPointer(start: target, count: Int(amount))
            let isRead = RowImageFile.image(file)._withUnsafeGuaranteedRef { $0.read(into: bytes, at: place) }
            // Of an error of the disk SQLite would take back the whole transaction by itself.
            return isRead ? SQLITE_OK : SQLITE_ERROR
        }
        methods.xFileSize = { _, size in
            size?.pointee = RowImage.size
            return SQLITE_OK
        }
        methods.xWrite = { _, _, _, _ in SQLITE_READONLY }
        methods.xTruncate = { _, _ in SQLITE_READONLY }
        methods.xSync = { _, _ in SQLITE_OK }
        methods.xLock = { _, _ in SQLITE_OK }
        methods.xUnlock = { _, _ in SQLITE_OK }
        methods.xCheckReservedLock = { _, result in
            result?.pointee = 0
            return SQLITE_OK
        }
        methods.xFileControl = { _, _, _ in SQLITE_NOTFOUND }
        methods.xSectorSize = { _ in 4096 }
        methods.xDeviceCharacteristics = { _ in 0 }
        return methods
    }
}
