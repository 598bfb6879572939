import Foundation
import Glibc
import Mail

/// The steps about who is told: mail, metrics and the service manager.
struct TellingExamination {
    static let names = ["mail", "metrics", "watchdog"]

    private let configuration: Configuration
    private let secrets: Secrets?

    init(_ configuration: Configuration, secrets: Secrets?) {
        self.configuration = configuration
        self.secrets = secrets
    }

    func steps() async -> [DoctorStep] { [await mail(), metrics, watchdog] }

    private func mail() async -> DoctorStep {
        guard let mail = configuration.mail else {
            return .ok("mail", "no relay: mails become files in \(configuration.stateDirectory)/mail")
        }
        guard let secrets else {
            return .skipped("mail", because: "the credentials cannot be used")
        }
        let credentials = mail.user.map {
            SMTPRelay.Credentials(user: $0, password: secrets[mail.password]?.text ?? "")
        }
        guard let relay = SMTPRelay(url: mail.smtp, credentials: credentials, authorities: mail.caFile) else {
            return .failed("mail", "mail.smtp cannot be used", remedy: "mend mail.smtp", .configuration)
        }
        do {
            let limits = SMTPTransport.Limits(connect: .seconds(15), total: .seconds(30))
            return Self.step(try await SMTPTransport(relay: relay, limits: limits).probe(), mail)
        } catch {
            return .failed("mail", "\(error)", remedy: "try again", .unavailable)
        }
    }

    private static func step(_ delivery: Delivery, _ mail: MailSettings) -> DoctorStep {
        let said = delivery.reply.isEmpty ? delivery.reason.rawValue : delivery.reply
        if delivery.outcome == .delivered {
            let login = mail.user.map { ", \($0) is let in" } ?? ", no login"
            return .ok("mail", "\(mail.smtp) answers\(login); nothing was sent")
        }
        let (status, remedy): (ExitStatus, String) =
            switch delivery.reason {
            case .loginRefused: (.noPermission, "check mail.user and the credential mail.password")
            case .certificateUntrusted: (.unavailable, "name the relay's authority with mail.ca_file")
            case .encryptionMissing: (.unavailable, "the relay must offer STARTTLS; or use smtps://")
            case .misconfigured: (.configuration, "mend the section mail")
            default: (.unavailable, "check mail.smtp, and every firewall on the way")
            }
        return .failed("mail", "\(mail.smtp): \(delivery.reason.rawValue): \(said)", remedy: remedy, status)
    }

    private var metrics: DoctorStep {
        guard let path = configuration.metricsTextfile else {
            return .ok("metrics", "no textfile is configured")
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        guard faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0 else {
            return .failed(
                "metrics",
                "\(path): \(Errno.text)",
                remedy: "let the service write to \(folder) (ReadWritePaths= in a drop-in of the unit)",
                .cannotCreate
            )
        }
        return .ok("metrics", "\(path): can be written")
    }

    private var watchdog: DoctorStep {
        guard access("/run/systemd/system", F_OK) == 0 else {
            return .skipped("watchdog", because: "no systemd runs this machine")
        }
        let unit = "ledgerdrop@\(configuration.name).service"
        guard let shown = Self.properties(of: unit) else {
            return .warning(
                "watchdog",
                "systemctl says nothing of \(unit)",
                remedy: "systemctl status \(unit)"
            )
        }
        let state = shown["ActiveState"] ?? "unknown"
        let restarts = shown["NRestarts"] ?? "0"
        let found = "\(unit) is \(state), restarted \(restarts) times"
        guard let interval = shown["WatchdogUSec"], interval != "0", interval != "infinity" else {
            return .warning(
                "watchdog",
                "\(found), and nobody notices when it hangs",
                remedy: "set WatchdogSec=60s in the unit"
            )
        }
        return .ok("watchdog", "\(found), watchdog \(interval)")
    }

    private static func properties(of unit: String) -> [String: String]? {
        let show = Process()
        show.executableURL = URL(fileURLWithPath: "/usr/bin/systemctl")
        show.arguments = ["show", unit, "-p", "WatchdogUSec,ActiveState,NRestarts"]
        let output = Pipe()
        show.standardOutput = output
        show.standardError = FileHandle.nullDevice
        guard (try? show.run()) != nil else { return nil }
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        show.waitUntilExit()
        guard show.terminationStatus == 0 else { return nil }
        let pairs = text.split(separator: "\n").compactMap { line -> (String, String)? in
            let halves = line.split(separator: "=", maxSplits: 1)
            return halves.count == 2 ? (String(halves[0]), String(halves[1])) : nil
        }
        return Dictionary(pairs) { $1 }
    }
}
