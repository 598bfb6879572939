import Glibc
import Ledger
import Synchronization

/// A form with a file in it (RFC 7578), read as it comes; the file goes to the disk.
final class MultipartForm: Sendable {
    private static let headerLimit = 8 << 10
    private static let textLimit = 64 << 10
    private static let fieldLimit = 64

    private enum Stage {
        /// Before, in, and behind what stands between two boundaries.
        case delimiter
        case headers
        case field(String)
        case file
        /// What stands before the first boundary, which nobody means.
        case preamble
        case end
    }

    private struct State {
        var stage = Stage.preamble
        // So that the first boundary stands behind a line's end like all others.
        var buffer: [UInt8] = [0x0D, 0x0A]
        var fields = Fields()
        var fieldCount = 0
        var text: [UInt8] = []
        var textBytes = 0
        var fileName: String?
        var fileBytes = 0
        var descriptor: Int32 = -1
    }

    private let state: Mutex<State>
    private let delimiter: [UInt8]
    private let path: String

    /// The boundary that a form's content type names; `nil` when it is no such form.
    static func boundary(of type: String) -> String? {
        guard type.lowercased().hasPrefix("multipart/form-data") else { return nil }
        for part in type.split(separator: ";").dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1)
            guard pair.count == 2, pair[0].drop(while: { $0 == " " }).lowercased() == "boundary" else {
                continue
            }
            let text = pair[1].filter { $0 != "\"" }
            return (1...70).contains(text.utf8.count) ? text : nil
        }
        return nil
    }

    /// `folder`: where the file lies until ``remove()``.
    init(boundary: String, folder: String) throws {
        delimiter = Array("\r\n--\(boundary)".utf8)
        path = "\(folder)/upload-\(Digests.hex(Digests.random(16)))"
        state = Mutex(State())
    }

    deinit { remove() }

    /// Removes the file.
    func remove() {
        state.withLock { state in
            guard state.descriptor >= 0 else { return }
            close(state.descriptor)
            state.descriptor = -1
            unlink(path)
        }
    }

    /// Reads on.
    ///
    /// - Throws: ``Refusal`` for what is no such form; `UploadFailure` when the file cannot be written.
    func take(_ bytes: some Collection<UInt8>) throws {
        try state.withLock { state in
            state.buffer += bytes
            while try step(&state) {}
        }
    }

    /// What was sent.
    ///
    /// - Throws: ``Refusal`` when it does not end, or has no file of at most `limit` bytes in it.
    func finish(upTo limit: Int) throws -> (Fields, Upload) {
        try state.withLock { state in
            guard case .end = state.stage else { throw Refusal.badRequest("The form is not complete.") }
            guard let name = state.fileName, state.descriptor >= 0 else {
                throw Refusal.badRequest("There is no file in it.")
            }
            guard state.fileBytes <= limit else { throw Refusal.tooLarge(limit) }
            return (state.fields, Upload(name: name, path: path, bytes: state.fileBytes))
        }
    }

    /// Returns whether there may be more to do with what is there.
    private func step(_ state: inout State) throws -> Bool {
        switch state.stage {
        case .end:
            // Browsers send nothing behind it.
            state.buffer = []
            return false
        case .preamble, .field, .file:
            return try content(&state)
        case .delimiter:
            guard state.buffer.count >= 2 else { return false }
            switch (state.buffer[0], state.buffer[1]) {
            case (0x2D, 0x2D): state.stage = .end
            case (0x0D, 0x0A): state.stage = .headers
            default: throw Refusal.badRequest("The form's parts cannot be told apart.")
            }
            state.buffer.removeFirst(2)
            return true
        case .headers:
            guard let end = Self.index(of: [0x0D, 0x0A, 0x0D, 0x0A], in: state.buffer) else {
                guard state.buffer.count <= Self.headerLimit else {
                    throw Refusal.badRequest("A part's headers are too long.")
                }
                return false
            }
            let headers = String(decoding: state.buffer[..<end], as: UTF8.self)
            state.buffer.removeFirst(end + 4)
            try begin(headers, &state)
            return true
        }
    }

    private func content(_ state: inout State) throws -> Bool {
        let end = Self.index(of: delimiter, in: state.buffer)
        // Its last bytes may be the beginning of a boundary.
        let sure = end ?? max(0, state.buffer.count - delimiter.count + 1)
        switch state.stage {
        case .field: try keep(state.buffer[..<sure], &state)
        case .file:
            state.fileBytes += sure
            try write(state.buffer[..<sure], to: state.descriptor)
        default: break
        }
        guard end != nil else {
            state.buffer.removeFirst(sure)
            return false
        }
        state.buffer.removeFirst(sure + delimiter.count)
        if case .field(let name) = state.stage {
            guard let text = String(validating: state.text, as: UTF8.self) else {
                throw Refusal.badRequest("It holds bytes that are no text.")
            }
            state.fields.add(text, to: name)
            state.text = []
        }
        state.stage = .delimiter
        return true
    }

    private func keep(_ bytes: ArraySlice<UInt8>, _ state: inout State) throws(Refusal) {
        state.textBytes += bytes.count
        guard state.textBytes <= Self.textLimit else { throw .tooLarge(Self.textLimit) }
        state.text += bytes
    }

    private func begin(_ headers: String, _ state: inout State) throws {
        var name: String?
        var file: String?
        for line in headers.split(separator: "\r\n") where line.lowercased().hasPrefix("content-disposition:")
        {
            name = Self.parameter("name", in: line)
            file = Self.parameter("filename", in: line)
        }
        state.fieldCount += 1
        guard let name, state.fieldCount <= Self.fieldLimit else {
            throw Refusal.badRequest("A part of the form has no name.")
        }
        guard let file else {
            state.stage = .field(name)
            return
        }
        guard state.descriptor < 0 else { throw Refusal.badRequest("There is more than one file in it.") }
        state.descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0o600)
        guard state.descriptor >= 0 else { throw UploadFailure(code: errno) }
        let last = file.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last ?? ""
        state.fileName = DisplayText(String(last)).escaped
        state.stage = .file
    }

    private func write(_ bytes: ArraySlice<UInt8>, to descriptor: Int32) throws(UploadFailure) {
        var rest = bytes
        while !rest.isEmpty {
            let wrote = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard wrote > 0 else {
                if wrote < 0, errno == EINTR { continue }
                throw UploadFailure(code: errno)
            }
            rest = rest.dropFirst(wrote)
        }
    }

    /// `name="value"` behind a semicolon; browsers write a quotation mark in it as `%22`.
    private static func parameter(_ name: String, in line: Substring) -> String? {
        for part in line.split(separator: ";").dropFirst() {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, pair[0].drop(while: { $0 == " " }).lowercased() == name else { continue }
            return String(pair[1].filter { $0 != "\"" })
        }
        return nil
    }

    private static func index(of pattern: [UInt8], in bytes: [UInt8]) -> Int? {
        guard let first = pattern.first, bytes.count >= pattern.count else { return nil }
        return bytes.withUnsafeBytes { bytes in
            var start = 0
            let last = bytes.count - pattern.count
            while start <= last, let base = bytes.baseAddress,
                let found = memchr(base + start, Int32(first), last - start + 1)
            {
                let index = base.distance(to: UnsafeRawPointer(found))
                if memcmp(base + index, pattern, pattern.count) == 0 { return index }
                start = index + 1
            }
            return nil
        }
    }
}

/// The file of a form cannot be put down: our disk, not their form.
struct UploadFailure: Error, Sendable, CustomStringConvertible {
    let code: Int32

    var description: String { "upload: \(String(cString: strerror(code)))" }
}
