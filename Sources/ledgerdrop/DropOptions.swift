import ArgumentParser
import Daemon

/// Which drop a command is about.
struct DropOptions: ParsableArguments {
    @Option(
        name: .customLong("config"),
        help: "The drop's configuration file.",
        completion: .file(extensions: ["yaml"])
    )
    var file: String?

    @Option(name: .customLong("drop"), help: "The drop's name, for /etc/ledgerdrop/NAME.yaml.")
    var name: String?

    mutating func validate() throws {
        guard (file == nil) != (name == nil) else {
            throw ValidationError("Name the drop with --drop NAME, or its file with --config FILE.")
        }
        if let name, name.isEmpty || name.contains("/") || name.hasPrefix(".") {
            throw ValidationError("A drop's name is no path; use --config FILE.")
        }
    }

    /// The path of the configuration file.
    var path: String { file ?? Configuration.path(ofDrop: name ?? "") }

    func configuration() throws -> Configuration {
        try Configuration.load(path: path)
    }
}
