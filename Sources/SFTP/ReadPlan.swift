/// Which READs one download sends, and whether what came is the whole file.
///
/// A file of known size is read to one byte behind its end, so that a server that has more of it is found out without
/// another round trip. A file of unknown size is read until its end is met. The number of READs under way starts small,
/// which keeps small files cheap, and doubles with each answer.
struct ReadPlan {
    /// One READ.
    struct Piece: Hashable {
        var offset: UInt64
        var count: UInt32
    }

    /// What is known at the end.
    enum Verdict: Equatable {
        /// Not everything has been answered.
        case unfinished
        /// Every byte has come once, and no more.
        case whole
        /// The file is longer or shorter than it was said to be.
        case changed
    }

    private let size: UInt64?
    private let chunk: UInt32
    /// How many READs may be under way, if the window allows.
    private var depth = 8
    /// Where the pieces not yet asked for begin.
    private var front: UInt64 = 0
    /// Rests of pieces that were answered in part.
    private var rests: [Piece] = []
    private var underWay = 0
    private var covered = CoveredRanges()
    /// The lowest offset at which the server said that there is no more.
    private var end: UInt64?
    private var isSpoiled = false

    /// - Parameters:
    ///   - size: The size that was listed, if one was.
    ///   - chunk: The most bytes of one READ.
    init(size: UInt64?, chunk: UInt32) {
        self.size = size
        self.chunk = max(chunk, 1)
    }

    /// Whether every piece there is has been asked for.
    var isAsked: Bool { rests.isEmpty && !hasFront }

    /// The next READ to send, if one is due now; it counts as sent.
    ///
    /// - Parameter window: The most bytes to have under way now; two READs always may.
    mutating func next(within window: Int) -> Piece? {
        guard underWay < min(depth, max(2, window / Int(chunk))) else { return nil }
        if let rest = rests.popLast() {
            underWay += 1
            return rest
        }
        guard hasFront else { return nil }
        var count = chunk
        if let size {
            // The piece at the end asks for one byte more than there should be.
            let (left, overflow) = (size - front).addingReportingOverflow(1)
            if !overflow, left < UInt64(chunk) { count = UInt32(left) }
        }
        let piece = Piece(offset: front, count: count)
        let (behind, overflow) = front.addingReportingOverflow(UInt64(count))
        front = overflow ? UInt64.max : behind
        underWay += 1
        return piece
    }

    /// Notes that a piece was answered with `count` bytes, at most those asked for.
    ///
    /// - Returns: Whether the bytes belong to the file and are to be kept.
    mutating func received(_ piece: Piece, count: Int) -> Bool {
        underWay -= 1
        // As far as any window reaches.
        depth = min(depth * 2, 1 << 20)
        let (upper, overflow) = piece.offset.addingReportingOverflow(UInt64(count))
        guard !isSpoiled, !overflow, upper <= size ?? .max, covered.insert(piece.offset..<upper) else {
            isSpoiled = true
            return false
        }
        // Behind the size lies only the byte that should not be there: it is not asked for twice.
        let left = UInt64(piece.count) - UInt64(count)
        if left > 0, upper < size ?? .max, upper < end ?? .max {
            rests.append(Piece(offset: upper, count: UInt32(truncatingIfNeeded: left)))
        }
        return true
    }

    /// Notes that there is nothing at the offset of a piece.
    mutating func ended(_ piece: Piece) {
        underWay -= 1
        end = min(end ?? .max, piece.offset)
        if piece.offset < size ?? 0 { isSpoiled = true }
    }

    /// How long the file is, as far as it is known.
    var length: UInt64? { size ?? end }

    /// What can be said now.
    var verdict: Verdict {
        if isSpoiled { return .changed }
        guard underWay == 0, isAsked else { return .unfinished }
        guard let length else { return .unfinished }
        return covered.isExactly(length) ? .whole : .changed
    }

    private var hasFront: Bool {
        if isSpoiled { return false }
        if let size { return front <= size }
        return end == nil
    }
}
