import GRDB
import GRDBSQLite
package import Receivables

/// Gives the rows of one bulk load, one after the other.
package protocol RowSource: AnyObject {
    /// Goes on to the next row.
    ///
    /// May write to the ledger, but not into the table that is loaded.
    ///
    /// - Returns: Its values, which stay where they are until the next call; `nil` at the end.
    /// - Throws: Whatever ends the load; all of it is rolled back.
    func next() throws -> UnsafePointer<FlatValue>?
}

/// Rows from outside as a table that SQLite can read once, so that one statement writes them all.
///
/// SQLite asks for row after row and column after column through the C functions below. They run on the connection's
/// thread, inside the statement, and find everything in the cursor. A source that fails makes the statement fail.
final class RowStream {
    static let name = "row_stream"

    private let connection: OpaquePointer
    private let source: any RowSource
    private let width: Int
    /// What the source threw; SQLite carries only a code.
    private(set) var failure: (any Error)?

    /// Makes the table known to the connection, as long as this object lives and ``close()`` was not called.
    ///
    /// - Parameter width: The number of values of each row.
    init(_ db: Database, source: any RowSource, width: Int) throws {
        guard let connection = db.sqliteConnection else { throw DatabaseError(resultCode: .SQLITE_MISUSE) }
        self.connection = connection
        self.source = source
        self.width = width
        // Never freed, some 200 bytes for each first load: SQLite was seen to call it after the load had ended. Which
        // statement still held the table then was not found.
        let module = UnsafeMutablePointer<sqlite3_module>.allocate(capacity: 1)
        module.initialize(to: Self.callbacks)
        let context = Unmanaged.passUnretained(self).toOpaque()
        let code = sqlite3_create_module_v2(connection, Self.name, module, context, nil)
        guard code == SQLITE_OK else { throw DatabaseError(resultCode: ResultCode(rawValue: code)) }
    }

    /// Makes the connection forget the table; the statement that read it is gone by now.
    func close() {
        sqlite3_create_module_v2(connection, Self.name, nil, nil, nil)
    }

    /// The table as SQLite sees it; what it knows of must come first.
    private struct Table {
        var base = sqlite3_vtab()
        var stream: UnsafeRawPointer
    }

    /// A reading of it; what SQLite knows of must come first.
    private struct Cursor {
        var base = sqlite3_vtab_cursor()
        var stream: UnsafeRawPointer
        var row: UnsafePointer<FlatValue>?
    }

    private func advance() -> (row: UnsafePointer<FlatValue>?, code: Int32) {
        do {
            return (try source.next(), SQLITE_OK)
        } catch {
            failure = error
            return (nil, SQLITE_ERROR)
        }
    }

    private static func stream(_ context: UnsafeRawPointer) -> RowStream {
        Unmanaged<RowStream>.fromOpaque(context).takeUnretainedValue()
    }

    private static func go(_ cursor: UnsafeMutablePointer<sqlite3_vtab_cursor>?) -> Int32 {
        guard let cursor = UnsafeMutableRawPointer(cursor)?.assumingMemoryBound(to: Cursor.self) else {
            return SQLITE_MISUSE
        }
        let (row, code) = stream(cursor.pointee.stream).advance()
        cursor.pointee.row = row
        return code
    }

    /// The functions that SQLite calls.
    ///
    /// Without a function to make a table there is just the one with the module's name.
    private static var callbacks: sqlite3_module {
        var module = sqlite3_module()
        module.xConnect = { connection, context, _, _, table, _ in
            guard let context else { return SQLITE_MISUSE }
            let columns = (0..<RowStream.stream(context).width).map { "c\($0)" }.joined(separator: ", ")
            let code = sqlite3_declare_vtab(connection, "CREATE TABLE x (\(columns))")
            guard code == SQLITE_OK else { return code }
            let made = UnsafeMutablePointer<Table>.allocate(capacity: 1)
            made.initialize(to: Table(stream: UnsafeRawPointer(context)))
            table?.pointee = UnsafeMutableRawPointer(made).assumingMemoryBound(to: sqlite3_vtab.self)
            return SQLITE_OK
        }
        module.xDisconnect = { table in
            UnsafeMutableRawPointer(table)?.assumingMemoryBound(to: Table.self).deallocate()
            return SQLITE_OK
        }
        module.xBestIndex = { _, plan in
            plan?.pointee.estimatedCost = 1
            return SQLITE_OK
        }
        module.xOpen = { table, cursor in
            guard let table = UnsafeMutableRawPointer(table)?.assumingMemoryBound(to: Table.self) else {
                return SQLITE_MISUSE
            }
            let made = UnsafeMutablePointer<Cursor>.allocate(capacity: 1)
            made.initialize(to: Cursor(stream: table.pointee.stream))
            cursor?.pointee = UnsafeMutableRawPointer(made).assumingMemoryBound(to: sqlite3_vtab_cursor.self)
            return SQLITE_OK
        }
        module.xClose = { cursor in
            UnsafeMutableRawPointer(cursor)?.assumingMemoryBound(to: Cursor.self).deallocate()
            return SQLITE_OK
        }
        module.xFilter = { cursor, _, _, _, _ in RowStream.go(cursor) }
        module.xNext = { cursor in RowStream.go(cursor) }
        module.xEof = { cursor in
            UnsafeMutableRawPointer(cursor)?.assumingMemoryBound(to: Cursor.self).pointee.row == nil ? 1 : 0
        }
        module.xColumn = { cursor, context, column in
            guard let row = UnsafeMutableRawPointer(cursor)?.assumingMemoryBound(to: Cursor.self).pointee.row
            else { return SQLITE_MISUSE }
            let value = row[Int(column)]
            if let text = value.text {
                // No copy: the text stays where it is until the next row.
                let address = text.baseAddress?.assumingMemoryBound(to: CChar.self)
                sqlite3_result_text(context, address, Int32(truncatingIfNeeded: text.count), nil)
            } else if let number = value.integer {
                sqlite3_result_int64(context, number)
            }
            return SQLITE_OK
        }
        module.xRowid = { _, id in
            id?.pointee = 0
            return SQLITE_OK
        }
        return module
    }
}
