import Daemon
import Testing

struct InboxAddressTests {
    @Test(arguments: [
        ("sftp://feed@host", InboxAddress.sftp(user: "feed", host: "host", port: 22, path: ".")),
        ("sftp://feed@host/", .sftp(user: "feed", host: "host", port: 22, path: "/")),
        ("sftp://feed@host:2022/a/b/", .sftp(user: "feed", host: "host", port: 2022, path: "/a/b")),
        ("sftp://feed@host/~/drop", .sftp(user: "feed", host: "host", port: 22, path: "drop")),
        (
            "sftp://a%40b.example@[::1]:2022/x%20y",
            .sftp(user: "a@b.example", host: "::1", port: 2022, path: "/x y")
        ),
        ("sftp://a@b@host/x", .sftp(user: "a@b", host: "host", port: 22, path: "/x")),
        ("file:///srv/drop/", .folder(path: "/srv/drop")),
        ("file:///", .folder(path: "/")),
    ])
    func `an inbox URL is taken apart`(url: String, address: InboxAddress) throws {
        #expect(try InboxAddress.read(url).get() == address)
    }

    @Test(arguments: [
        "host:/x", "http://host/x", "sftp://host/x", "sftp://@host/x", "sftp://feed:secret@host/x",
        "sftp://feed@/x",
        "sftp://feed@host:0/x", "sftp://feed@host:70000/x", "sftp://feed@host:ssh/x", "sftp://feed@-oProxy/x",
        "sftp://feed@host/a/../b", "sftp://feed@host/a%00b", "file://host/x", "file:x", "sftp://feed@ho st/x",
    ])
    func `what is no inbox URL is refused`(url: String) {
        #expect(throws: InvalidValue.self) { try InboxAddress.read(url).get() }
    }
}
