import Ledger
import TestSupport
import Testing

@testable import StatusPage

/// Forms with a file in them, in whatever pieces they come.
struct MultipartFormTests {
    private static let form =
        "preamble\r\n--b0\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\nabc\r\n"
        + "--b0\r\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\\\x\\\\in\u{1B}voices.csv\"\r\n"
        + "Content-Type: text/csv\r\n\r\na,b\r\n--b\r\n1,2\r\n\r\n--b0--\r\n"

    private func read(_ text: String, pieces: Int, limit: Int = 1000) throws -> (Fields, String, String) {
        let folder = try TemporaryFolder()
        let form = try MultipartForm(boundary: "b0", folder: folder.path)
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: pieces) {
            try form.take(bytes[start..<min(start + pieces, bytes.count)])
        }
        let (fields, upload) = try form.finish(upTo: limit)
        let content = String(decoding: try TemporaryFolder.read(upload.path), as: UTF8.self)
        #expect(upload.bytes == content.utf8.count)
        form.remove()
        #expect(try folder.names().isEmpty)
        return (fields, upload.name, content)
    }

    @Test(arguments: [1, 2, 3, 7, 64, 10_000])
    func `a file comes whole in whatever pieces`(pieces: Int) throws {
        let (fields, name, content) = try read(Self.form, pieces: pieces)
        #expect(fields["token"] == "abc")
        #expect(name == "in\\u001bvoices.csv")
        #expect(content == "a,b\r\n--b\r\n1,2\r\n")
    }

    @Test(arguments: [
        "", "--b0--", "--b0\r\n\r\n\r\n--b0--", String(form.dropLast(6)),
        form.replacing("filename=", with: "file="),
        form.replacing("name=\"token\"", with: "name=\"x\"; filename=\"y\""),
        form.replacing("--b0--", with: "--b0xx"),
        "--b0\r\n" + String(repeating: "a", count: 20_000),
    ])
    func `what is no such form is refused`(text: String) {
        #expect(throws: Refusal.self) { try read(text, pieces: 16) }
    }

    @Test func `a file beyond the limit is refused`() {
        #expect(throws: Refusal.tooLarge(4)) { try read(Self.form, pieces: 100, limit: 4) }
    }

    @Test(arguments: [
        ("multipart/form-data; boundary=abc", "abc"),
        ("Multipart/Form-Data; charset=x; boundary=\"a b\"", "a b"),
        ("multipart/form-data", nil), ("application/x-www-form-urlencoded; boundary=a", nil),
        ("multipart/form-data; boundary=", nil),
    ])
    func `a boundary is read from the type`(type: String, boundary: String?) {
        #expect(MultipartForm.boundary(of: type) == boundary)
    }

    @Test func `an upload reaches its page with the token, and leaves nothing behind`() async throws {
        struct Counter: Area {
            func addRoutes(to routes: inout Routes) {
                routes.upload("/count", for: .viewer, upTo: 100_000) { _, upload in
                    .text("\(upload.name) \(upload.bytes)")
                }
            }
        }
        let page = try ServedPage()
        try await page.serve(areas: [Counter()]) { browser in
            let viewer = try await ServedPage.signedIn(browser, as: .viewer)
            let token = try await viewer.token()
            func send(_ token: String, _ bytes: Int) async throws -> HTTPConversation.Reply {
                let body = Self.form.replacing("abc", with: token)
                    .replacing("a,b", with: String(repeating: "x", count: bytes))
                let headers = ["Content-Type: multipart/form-data; boundary=b0", "Origin: http://localhost"]
                return try await viewer.ask("POST", "/count", headers, body: body)
            }
            #expect(try await send(token, 50_000).body == "in\\u001bvoices.csv 50012")
            #expect(try await send("wrong", 3).status == 403)
            #expect(try await send(token, 120_000).status == 413)
            #expect(try await send(token, 300_000).status == 413)
            #expect(try page.folder.names(in: "tmp").isEmpty)
        }
    }
}
