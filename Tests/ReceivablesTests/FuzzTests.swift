import TestSupport
import Testing

struct FuzzTests {
    @Test func `what a fuzzer kept is still taken well`() throws {
        let inputs = try FuzzCorpus.inputs("values")
        #expect(inputs.count > 5)
        for input in inputs {
            let finding = FuzzTarget.finding(in: input)
            #expect(finding == nil, "\(input)")
        }
    }
}
