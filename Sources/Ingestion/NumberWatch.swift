import Glibc

/// Says of each number of a file whether it may have stood there before.
///
/// While the numbers ascend, the last one tells it. They are remembered only from where they do not.
struct NumberWatch {
    private var last: [UInt8] = []
    private var isFirst = true
    /// All numbers so far, once they have not ascended.
    var seen: SeenTexts?

    /// Whether the numbers before this one must be remembered now.
    func needsMemory(for number: UnsafeRawBufferPointer) -> Bool {
        seen == nil && !isFirst && order(of: number) < 0
    }

    /// - Returns: Whether the number is certainly new.
    mutating func note(_ number: UnsafeRawBufferPointer) -> Bool {
        if let seen { return !seen.insert(number) }
        guard isFirst || order(of: number) > 0 else { return false }
        isFirst = false
        last.removeAll(keepingCapacity: true)
        last.append(contentsOf: number)
        return true
    }

    /// How the number compares with the last one, byte by byte.
    private func order(of number: UnsafeRawBufferPointer) -> Int {
        last.withUnsafeBytes { last in
            let common = min(last.count, number.count)
            guard common > 0, let one = number.baseAddress, let other = last.baseAddress else {
                return number.count - last.count
            }
            let order = memcmp(one, other, common)
            return order == 0 ? number.count - last.count : Int(order)
        }
    }
}
