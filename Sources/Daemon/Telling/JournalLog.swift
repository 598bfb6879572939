import Glibc
package import Ledger
package import Logging

/// Log lines on stderr, each with its priority in front as journald reads it: `<3>` error to `<7>` debug.
///
/// Where stderr is the journal itself, entries with fields take the place of lines.
package struct JournalLog: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    /// Whether the priority stands in front; on a terminal it would only disturb.
    private let tellsPriority: Bool
    private let limit = LineLimit()
    private let journal: Journal?

    package init(
        level: Logger.Level = .info,
        tellsPriority: Bool = isatty(STDERR_FILENO) == 0,
        journal: Journal? = .ofStandardError()
    ) {
        self.journal = journal
        logLevel = level
        self.tellsPriority = tellsPriority
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let message = event.message.description
        // Somebody must act on an error: those are told however many there are.
        if event.level < .error {
            switch limit.judge(message) {
            case .leaveOut: return
            case .tell(leftOut: 0): break
            case .tell(let count): write(event.level, message, ["left_out": "\(count)"])
            }
        }
        write(event.level, message, metadata.merging(event.metadata ?? [:]) { $1 })
    }

    private func write(_ level: Logger.Level, _ message: String, _ metadata: Logger.Metadata) {
        if let journal {
            var line = Self.line(level: level, message: message, metadata: metadata, tellsPriority: false)
            line.removeLast()
            let fields = metadata.sorted { $0.key < $1.key }.map {
                (name: $0.key, value: DisplayText("\($0.value)", limit: 1024).escaped)
            }
            let isTaken = journal.write(
                line,
                priority: Self.priority(level),
                identity: EventName(rawValue: message),
                fields: fields
            )
            if isTaken { return }
        }
        let line = Self.line(level: level, message: message, metadata: metadata, tellsPriority: tellsPriority)
        _ = AtomicFile.writeAll(Array(line.utf8)[...], to: STDERR_FILENO)
    }

    /// One line, whatever stands in the message: what would end it or act on a terminal is escaped.
    package static func line(
        level: Logger.Level,
        message: String,
        metadata: Logger.Metadata,
        tellsPriority: Bool
    ) -> String {
        var line = tellsPriority ? "<\(priority(level))>" : ""
        line += DisplayText(message, limit: 4096).escaped
        for (key, value) in metadata.sorted(by: { $0.key < $1.key }) {
            line += " \(key)=\(DisplayText("\(value)", limit: 1024).escaped)"
        }
        return line + "\n"
    }

    private static func priority(_ level: Logger.Level) -> Int {
        switch level {
        case .critical: 2
        case .error: 3
        case .warning: 4
        case .notice: 5
        case .info: 6
        case .debug, .trace: 7
        }
    }
}

extension Logger {
    /// Tells an event of the ledger.
    package func tell(_ event: StoredEvent) {
        var metadata: Logger.Metadata = ["seq": "\(event.seq)"]
        if let run = event.run { metadata["run"] = "\(run)" }
        if let file = event.file { metadata["file"] = "\(file)" }
        let members = JSONMembers(event.detail)
        for key in ["type", "state", "reason", "name"] {
            if let text = members?.text(key) { metadata[key] = "\(text)" }
        }
        log(level: event.level.logged, "\(event.event)", metadata: metadata)
    }
}

extension EventName.Level {
    fileprivate var logged: Logger.Level {
        switch self {
        case .error: .error
        case .warning: .warning
        case .notice: .notice
        case .info: .info
        }
    }
}
