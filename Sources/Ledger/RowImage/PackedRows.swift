/// The rows of one stretch of a file as SQLite stores them, on their way from the thread that reads the file to the one
/// that writes the ledger.
///
/// `@unchecked Sendable`, because it is in one pair of hands at a time: whoever took it out of the ring between the threads
/// has it alone until it is put back, and the ring's lock lies between.
package final class PackedRows: @unchecked Sendable {
    /// How many rows it holds.
    package private(set) var count = 0
    /// How far the file was read when the stretch was full.
    package var bytesRead: Int64 = 0
    /// Whether every row so far was in the order of the indexes that need not be unique.
    package var isOrdered = true

    /// The pages that rows lie in, and after them those that wait to be used again.
    private(set) var pages: [PackedPage] = []
    /// How many pages rows lie in.
    private(set) var used = 0

    package init() {}

    package func empty() {
        count = 0
        used = 0
        isOrdered = true
    }

    /// Whether a row can lie in a page as a whole; the others are not for this way.
    package static func fits(header: Int, body: Int) -> Bool {
        PackedPage.sizeOfHead(header) + header + body <= PackedPage.mostRow
    }

    /// Adds rows that ``fits(header:body:)``.
    ///
    /// - Parameters:
    ///   - count: How many.
    ///   - id: The id of the first.
    ///   - row: Gives the parts of each, by its number.
    package func add(
        _ count: Int,
        from id: Int64,
        _ row: (Int) -> (header: UnsafeRawBufferPointer, body: UnsafeRawBufferPointer)
    ) {
        guard count > 0 else { return }
        var page = used == 0 ? nextPage() : pages[used &- 1]
        for number in 0..<count {
            let (header, body) = row(number)
            let id = id &+ Int64(number)
            if page.add(row: id, header: header, body: body) { continue }
            page = nextPage()
            _ = page.add(row: id, header: header, body: body)
        }
        self.count += count
    }

    private func nextPage() -> PackedPage {
        if used == pages.count { pages.append(PackedPage(.tableLeaf)) }
        used += 1
        pages[used - 1].empty()
        return pages[used - 1]
    }

    /// Makes its pages readable.
    package func close() {
        for page in pages[..<used] { page.close() }
    }
}

/// Into how many stretches a file is cut, each of which has at least one row that is stored.
///
/// Their number must be known before the first row: SQLite reads the top of a tree first.
package struct RowStretches: Sendable {
    package let count: Int
    private let bytes: Int64

    /// The most that one page can lead to.
    private static let most: Int64 = 9000

    /// - Parameters:
    ///   - size: The size of the file.
    ///   - least: How much of it is one stretch, unless that makes too many.
    package init(of size: Int64, least: Int64) {
        bytes = max(least, size / Self.most + 1, 1)
        // The last one has the rest: it is the only one that is not cut, and its rows may be few.
        count = Int(max(1, min(size / bytes, Self.most)))
    }

    /// Whether a stretch is to end before a row that begins here.
    package func ends(_ stretch: Int, before offset: Int64) -> Bool {
        stretch < count - 1 && offset >= Int64(stretch + 1) * bytes
    }

    /// Whether it is the one that ends with the file.
    package func isLast(_ stretch: Int) -> Bool { stretch == count - 1 }
}
