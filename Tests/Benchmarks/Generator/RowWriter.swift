import Glibc
import TestSupport

/// Writes CSV to a file through one buffer; a row costs no allocation.
final class RowWriter {
    /// Lines ended so far, those inside quotes too.
    private(set) var lines = 0
    private let path: String
    private let descriptor: CInt
    private let buffer = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    private var count = 0
    private static let capacity = 1 << 20
    /// No single piece of a row is longer.
    private static let slack = 4096

    /// Begins a new file; an old one of the name is gone.
    init(path: String) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemError("open \(path)") }
    }

    deinit {
        close(descriptor)
        buffer.deallocate()
    }

    /// Writes some bytes, at most 4096.
    func put(_ bytes: [UInt8]) {
        bytes.withUnsafeBufferPointer { source in
            guard let base = source.baseAddress else { return }
            (buffer + count).update(from: base, count: source.count)
        }
        count += bytes.count
    }

    func put(_ text: StaticString) {
        (buffer + count).update(from: text.utf8Start, count: text.utf8CodeUnitCount)
        count += text.utf8CodeUnitCount
    }

    /// Writes a number that is not negative, with zeros before it up to a width.
    func put(number: Int, width: Int = 1) {
        var rest = number
        var digits = 1
        var power = 10
        while power <= number {
            digits += 1
            power *= 10
        }
        digits = max(digits, width)
        var place = count + digits
        while place > count {
            place -= 1
            buffer[place] = UInt8(truncatingIfNeeded: 48 + rest % 10)
            rest /= 10
        }
        count += digits
    }

    /// Writes an amount as files have it: exactly the decimals of its currency.
    func put(money: Money) {
        guard money.decimals > 0 else { return put(number: money.minor) }
        put(number: money.minor / 100)
        put(".")
        put(number: money.minor % 100, width: 2)
    }

    func comma() { put(",") }

    /// Ends a line inside a quoted cell.
    func breakLine(_ bytes: StaticString) {
        put(bytes)
        lines += 1
    }

    func endRow() throws {
        put("\n")
        lines += 1
        if count > Self.capacity - Self.slack { try flush() }
    }

    /// Writes what is still in hand.
    func flush() throws {
        var done = 0
        while done < count {
            let wrote = write(descriptor, buffer + done, count - done)
            guard wrote > 0 else { throw SystemError("write \(path)") }
            done += wrote
        }
        count = 0
    }
}

/// An amount in the minor units of its currency.
struct Money {
    var minor: Int
    /// 2, or 0 for the yen.
    var decimals: Int
}
