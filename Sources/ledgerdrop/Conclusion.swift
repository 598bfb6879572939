import ArgumentParser
import Daemon

/// Runs a command's work and turns whatever stops it into one line on stderr and an exit status.
func concluding(_ work: () async throws -> Void) async throws {
    ProcessMemory.keepSmall()
    ProcessMemory.hide()
    do {
        try await work()
    } catch let code as ExitCode {
        throw code
    } catch let refused as ConfigurationRefused {
        Console.complain(refused.description)
        throw ExitCode(ExitStatus.configuration.rawValue)
    } catch let status as ExitStatus {
        if status == .temporary { Console.complain("ledgerdrop: the daemon did not answer in time") }
        throw ExitCode(status.rawValue)
    } catch {
        Console.complain("ledgerdrop: \(error)")
        throw ExitCode(ExitStatus(error).rawValue)
    }
}
