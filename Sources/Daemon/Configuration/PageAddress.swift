package import StatusPage

/// The section `page`: where the status page is served.
///
/// It listens on this machine alone; a proxy that speaks TLS shows it to others.
package struct PageAddress: Sendable, Equatable {
    /// - `listen` (loopback address with a port, or `unix:` and a path; required).
    package var listen: ListenAddress?
    /// - `host` (name, optional): under which a proxy shows it.
    package var host: String?

    init(_ section: inout StrictMapping) {
        let before = section.problems.count
        listen = section.value(
            "listen",
            expected: "127.0.0.1:PORT, [::1]:PORT or unix:/PATH; a proxy that speaks TLS shows it to others",
            read: ListenAddress.init
        )
        section.require("listen", listen != nil, unlessRefusedSince: before)
        host = section.value("host", expected: "a host's name without a port") { text in
            let isName = text.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E: true
                default: false
                }
            }
            return isName && text.utf8.count <= 253 && !text.hasPrefix("-") ? text : nil
        }
    }
}
