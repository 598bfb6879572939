import GRDB
import GRDBSQLite
import Glibc
import Receivables
import Synchronization

/// A prepared statement that is bound and stepped through SQLite's own interface, for what happens once a row.
///
/// GRDB prepares and owns the statement; it stays alive as long as this object. Text is bound without a copy, so its
/// bytes must stay where they are until the statement was stepped.
///
/// A connection keeps what it has prepared: to prepare all that a load needs costs more than to load a small file.
final class RawStatement {
    private let statement: Statement
    private let handle: OpaquePointer
    private let db: Database
    /// Whether the connection keeps the statement for the next that asks for the same.
    private let isLent: Bool

    /// - Parameter isCommon: Whether other loads are likely to ask for the same.
    init(_ db: Database, sql: String, isCommon: Bool = true) throws {
        self.db = db
        let kept =
            try isCommon && Self.shelf.withLock { $0.mayKeep(sql) } ? db.cachedStatement(sql: sql) : nil
        // Two that are at work at the same time cannot be one.
        if let kept, Self.shelf.withLock({ $0.lend(kept) }) {
            statement = kept
            isLent = true
        } else {
            statement = try db.makeStatement(sql: sql)
            isLent = false
        }
        handle = statement.sqliteStatement
    }

    deinit {
        guard isLent else { return }
        // The next finds it as if it were new, and nothing is read from it any more.
        sqlite3_reset(handle)
        sqlite3_clear_bindings(handle)
        Self.shelf.withLock { $0.takeBack(statement) }
    }

    private static let shelf = Mutex(Shelf())

    /// Which statements connections keep, and which of them are in use.
    private struct Shelf {
        /// A file may have any of its type's columns: not every choice of columns is worth the memory.
        private static let most = 256

        private var texts: Set<String> = []
        private var lent: Set<ObjectIdentifier> = []

        mutating func mayKeep(_ sql: String) -> Bool {
            if texts.contains(sql) { return true }
            guard texts.count < Self.most else { return false }
            texts.insert(sql)
            return true
        }

        /// Returns whether nobody else has it.
        mutating func lend(_ statement: Statement) -> Bool {
            lent.insert(ObjectIdentifier(statement)).inserted
        }

        mutating func takeBack(_ statement: Statement) { lent.remove(ObjectIdentifier(statement)) }
    }

    func reset() {
        sqlite3_reset(handle)
    }

    /// - Returns: Whether there is a row.
    func step() throws -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW:
            return true
        case SQLITE_DONE:
            return false
        default:
            throw DatabaseError(
                resultCode: ResultCode(rawValue: sqlite3_extended_errcode(db.sqliteConnection)),
                message: db.lastErrorMessage
            )
        }
    }

    /// Runs a statement that gives no rows, and makes it ready for the next.
    func run() throws {
        defer { reset() }
        _ = try step()
    }

    func bind(_ value: FieldValue, at place: Int) {
        switch value {
        case .null: sqlite3_bind_null(handle, Int32(place))
        case .integer(let number): bind(number, at: place)
        case .text(let bytes): bind(text: bytes, at: place)
        case .rewritten(let bytes): bind(text: bytes, at: place)
        }
    }

    func bind(_ number: Int64?, at place: Int) {
        if let number {
            sqlite3_bind_int64(handle, Int32(place), number)
        } else {
            sqlite3_bind_null(handle, Int32(place))
        }
    }

    /// Binds text without copying it.
    func bind(text bytes: UnsafeRawBufferPointer, at place: Int) {
        guard let address = bytes.baseAddress, !bytes.isEmpty else { return bind(text: [], at: place) }
        sqlite3_bind_text(
            handle,
            Int32(place),
            address.assumingMemoryBound(to: CChar.self),
            Int32(bytes.count),
            nil
        )
    }

    func bind(text bytes: [UInt8], at place: Int) {
        bytes.withUnsafeBytes { buffer in
            let address = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
            // SQLite takes a null address for NULL, so an empty text needs one of its own.
            if let address, !buffer.isEmpty {
                sqlite3_bind_text(handle, Int32(place), address, Int32(buffer.count), Self.copied)
            } else {
                sqlite3_bind_text(handle, Int32(place), "", 0, Self.copied)
            }
        }
    }

    func bind(blob bytes: [UInt8], at place: Int) {
        bytes.withUnsafeBytes { bind(blob: $0, at: place) }
    }

    /// Binds a copy of the bytes.
    func bind(blob bytes: UnsafeRawBufferPointer, at place: Int) {
        if let address = bytes.baseAddress, !bytes.isEmpty {
            sqlite3_bind_blob(handle, Int32(place), address, Int32(bytes.count), Self.copied)
        } else {
            sqlite3_bind_zeroblob(handle, Int32(place), 0)
        }
    }

    /// Binds the bytes without copying them.
    func bind(lentBlob bytes: UnsafeRawBufferPointer, at place: Int) {
        guard let address = bytes.baseAddress, !bytes.isEmpty else { return bind(blob: bytes, at: place) }
        sqlite3_bind_blob(handle, Int32(place), address, Int32(bytes.count), nil)
    }

    func isNull(_ column: Int) -> Bool { sqlite3_column_type(handle, Int32(column)) == SQLITE_NULL }

    func integer(_ column: Int) -> Int64? {
        isNull(column) ? nil : sqlite3_column_int64(handle, Int32(column))
    }

    func text(_ column: Int) -> String? {
        isNull(column) ? nil : String(decoding: bytes(column), as: UTF8.self)
    }

    /// The bytes of a text or blob; valid until the next step or reset.
    func bytes(_ column: Int) -> UnsafeRawBufferPointer {
        let address = sqlite3_column_blob(handle, Int32(column))
        return UnsafeRawBufferPointer(start: address, count: Int(sqlite3_column_bytes(handle, Int32(column))))
    }

    /// Whether the column of the row at hand holds exactly this value.
    func holds(_ value: FieldValue, in column: Int) -> Bool {
        switch value {
        case .null: isNull(column)
        case .integer(let number): integer(column) == number
        case .text(let text): holds(text, in: column)
        case .rewritten(let text): text.withUnsafeBytes { holds($0, in: column) }
        }
    }

    private func holds(_ text: UnsafeRawBufferPointer, in column: Int) -> Bool {
        guard !isNull(column), case let stored = bytes(column), stored.count == text.count else {
            return false
        }
        guard let stored = stored.baseAddress, let address = text.baseAddress else { return true }
        return memcmp(stored, address, text.count) == 0
    }

    /// SQLITE_TRANSIENT: SQLite makes its own copy.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}
