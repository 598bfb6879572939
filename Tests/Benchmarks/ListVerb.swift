import Intake
import SFTP
import TestSupport

/// Lists one folder of a server with the shipped inbox and prints how many entries it has.
///
/// No verb of the program lists without doing more.
enum ListVerb {
    static func run(_ words: [String]) async throws {
        guard words.count == 6, let port = Int(words[0]), let pin = HostKeyPin(words[3]),
            let directory = RemotePath(words[5])
        else { throw SystemError(message: "list wants PORT USER KEY PIN ROOT FOLDER") }
        let endpoint = SFTPEndpoint(
            host: "127.0.0.1",
            port: port,
            user: words[1],
            credential: .keyFile(path: words[2], passphrase: nil),
            hostKeys: HostKeyPolicy(pins: [pin])
        )
        let inbox = SFTPInbox(endpoint, root: words[4])
        let entries = try await inbox.list([directory])[directory] ?? []
        await inbox.close()
        print(entries.count)
    }
}
