import Glibc

/// Says of each number of a file whether it may have stood there before.
///
/// While the numbers ascend, the last one tells it. They are remembered only from where they do not.
struct NumberWatch {
    /// The last number; what stands behind it means nothing.
    private var last = [UInt8](repeating: 0, count: 256)
    private var lastCount: Int?
    /// All numbers so far, once they have not ascended.
    var seen: SeenTexts?

    /// - Returns: Whether the number is certainly new; `nil` when first ``seen`` must have the numbers before this one.
    mutating func note(_ number: UnsafeRawBufferPointer) -> Bool? {
        if let seen { return !seen.insert(number) }
        if let lastCount {
            let order = order(of: number, to: lastCount)
            if order < 0 { return nil }
            if order == 0 { return false }
        }
        if number.count > last.count {
            last = Array(number)
        } else {
            last.withUnsafeMutableBytes { $0.copyMemory(from: number) }
        }
        lastCount = number.count
        return true
    }

    /// How the number compares with the last one, byte by byte.
    private func order(of number: UnsafeRawBufferPointer, to lastCount: Int) -> Int {
        last.withUnsafeBytes { last in
            let common = min(lastCount, number.count)
            guard common > 0, let one = number.baseAddress, let other = last.baseAddress else {
                return number.count - lastCount
            }
            let order = memcmp(one, other, common)
            return order == 0 ? number.count - lastCount : Int(order)
        }
    }
}
