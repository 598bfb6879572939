/// Brings the bytes of a source into the window, decoded.
struct Feed<Source: ByteSource>: ~Copyable {
    /// What the file is written in; known once it is open.
    private(set) var form = Form.utf8
    private(set) var isOpen = false
    private(set) var bytesRead = 0
    /// The most bytes that are read.
    let limit: Int
    private var source: Source
    private let encoding: Encoding
    private let chunk: Int
    /// Bytes of the file that wait to be decoded; not used for UTF-8, which is read into the window itself.
    private var waiting = Window(capacity: 0)

    init(_ source: Source, encoding: Encoding, limit: Int, chunk: Int) {
        self.source = source
        self.encoding = encoding
        self.limit = limit
        self.chunk = chunk
    }

    /// Whether more was read than may be.
    var isTooLarge: Bool { bytesRead > limit }

    /// The room that the window should have for a chunk, so that ``fill(_:)`` need not make it.
    var roomNeeded: Int {
        switch form {
        case .utf8: isOpen ? chunk : max(chunk, Opening.length)
        default: chunk * Transcoder.growth
        }
    }

    /// Looks at the first bytes and settles the form.
    ///
    /// - Returns: Where the first record starts: in the file, and in the window.
    mutating func open(into window: inout Window) throws(CSVFailure) -> (offset: Int, skipped: Int) {
        while window.count < Opening.length {
            let count = try source.read(into: window.room(max(chunk, Opening.length)))
            window.count += count
            bytesRead += count
            if count == 0 {
                break
            }
        }
        let opening = try Opening(window.bytes, configured: encoding)
        form = opening.form
        isOpen = true
        let skipped: Int
        switch form {
        case .utf8:
            skipped = opening.markLength
        default:
            waiting.reserve(window.count)
            waiting.room(window.count).copyMemory(from: window.bytes)
            waiting.count = window.count
            waiting.drop(opening.markLength)
            window.count = 0
            decode(isLast: false, into: &window)
            skipped = 0
        }
        try Opening.refuseDocument(UnsafeRawBufferPointer(rebasing: window.bytes[skipped...]))
        return (opening.markLength, skipped)
    }

    /// Reads and decodes a chunk.
    ///
    /// - Returns: Whether there was one.
    mutating func fill(_ window: inout Window) throws(CSVFailure) -> Bool {
        window.reserve(roomNeeded)
        guard case .utf8 = form else {
            return try fillDecoded(&window)
        }
        let count = try source.read(into: window.room(chunk))
        window.count += count
        bytesRead += count
        return count > 0
    }

    private mutating func fillDecoded(_ window: inout Window) throws(CSVFailure) -> Bool {
        waiting.reserve(chunk)
        let count = try source.read(into: waiting.room(chunk))
        waiting.count += count
        bytesRead += count
        decode(isLast: count == 0, into: &window)
        return count > 0
    }

    private mutating func decode(isLast: Bool, into window: inout Window) {
        window.reserve(waiting.count * Transcoder.growth)
        let target = window.base + window.count
        let (used, written) = Transcoder(form: form).decode(waiting.bytes, isLast: isLast, to: target)
        window.count += written
        waiting.drop(used)
    }
}
