import Mail
import Testing

struct EmailAddressTests {
    @Test(arguments: [
        "ops@acme.example", "o'neil+ar@acme.example", "a.b-c_d@x-y.acme.example", "root@localhost",
        "1@2.example",
    ])
    func `a plain address is taken as it is`(text: String) {
        #expect(EmailAddress(text)?.text == text)
    }

    @Test(arguments: [
        "", "ops", "@acme.example", "ops@", "a b@acme.example", "ops@acme.example\r\nBcc: eve@evil.example",
        "ops@acme.example\n", "<ops@acme.example>", "Ops <ops@acme.example>", "a@b@", "ops@acme..example",
        ".ops@x",
        "ops.@x", "o..ps@x", "ops@-x", "ops@x-", "öps@acme.example", "ops@äcme.example", "ops@[127.0.0.1]",
        "\"a b\"@x", "ops@x,eve@y", "ops@x eve", "ops@x>", "ops\0@x", "ops@x\u{7F}",
        String(repeating: "a", count: 65) + "@x", "a@" + String(repeating: "b.", count: 130) + "c",
    ])
    func `anything else is refused`(text: String) {
        #expect(EmailAddress(text) == nil)
    }

    @Test func `the domain is compared without regard to case, the rest is not`() {
        #expect(EmailAddress("Ops@ACME.example") == EmailAddress("Ops@acme.EXAMPLE"))
        #expect(EmailAddress("Ops@acme.example") != EmailAddress("ops@acme.example"))
        #expect(EmailAddress("Ops@ACME.example")?.text == "Ops@acme.example")
    }
}
