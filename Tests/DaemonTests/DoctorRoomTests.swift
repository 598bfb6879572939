import Daemon
import Foundation
import Testing

/// What `doctor` says of a machine that is told to be in trouble.
struct DoctorRoomTests {
    @Test(arguments: [
        (DiskRoom(freeBytes: 100, freeFiles: 1_000_000, files: 2_000_000), DoctorStep.Outcome.failed),
        (DiskRoom(freeBytes: 1500, freeFiles: 1_000_000, files: 2_000_000), .warning),
        (DiskRoom(freeBytes: 1 << 40, freeFiles: 7, files: 2_000_000), .warning),
        // Some file systems do not count their files.
        (DiskRoom(freeBytes: 1 << 40, freeFiles: 0, files: 0), .ok),
        (DiskRoom(freeBytes: 2000, freeFiles: 1_000_000, files: 2_000_000), .ok),
    ])
    func `the disk is judged by what the configuration asks for`(
        room: DiskRoom,
        outcome: DoctorStep.Outcome
    ) async throws {
        let folder = TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: "\(folder.path)/inbox",
            withIntermediateDirectories: true
        )
        let yaml = """
            name: acme
            state_directory: \(folder.path)/state
            inbox: { url: "file://\(folder.path)/inbox" }
            limits: { free_bytes: 1000 }
            """
        let path = try folder.file("acme.yaml", yaml, mode: 0o600)
        var surroundings = Doctor.Surroundings()
        surroundings.room = { _ in room }
        let report = await Doctor(path: path, surroundings: surroundings).examine()
        let disk = try #require(report.steps.first { $0.name == "disk" })
        #expect(disk.outcome == outcome)
        #expect(disk.remedy.isEmpty == (outcome == .ok))
        #expect(report.status == (outcome == .failed ? .inputOutput : .ok))
        #expect(report.steps.first { $0.name == "tcp" }?.found == "the inbox is a folder")
        #expect(report.steps.first { $0.name == "directories" }?.outcome == .warning)
        #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/state"))
    }
}
