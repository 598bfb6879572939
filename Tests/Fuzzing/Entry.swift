import Glibc

/// What libFuzzer calls with each input; compiled together with one `FuzzTarget` and what that needs.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzz(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeBufferPointer(start: start, count: count))
    if let finding = FuzzTarget.finding(in: input) {
        print("FINDING: \(finding)")
        fflush(nil)
        abort()
    }
    return 0
}
