// swift-tools-version: 6.3

import PackageDescription

let package = Package(
    name: "ledgerdrop",
    dependencies: [
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
        // Hummingbird's own, named for the words in which its limits are said.
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-http-types.git", from: "1.5.0"),
    ],
    targets: [
        // The libraries of the system, and the few lines of C that Swift cannot say.
        .systemLibrary(name: "CLibSSH", pkgConfig: "libssh", providers: [.apt(["libssh-dev"])]),
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .target(name: "CMask"),
        .target(name: "CLinux"),
        .target(name: "CSQLite", linkerSettings: [.linkedLibrary("sqlite3")]),

        // Where work runs and how it waits: any module may import it.
        .target(name: "Threads", dependencies: ["CLinux"]),

        // The way of a file: each module imports only what is named here.
        .target(name: "CSV", dependencies: ["CMask"]),
        .target(name: "SFTP", dependencies: ["CLibSSH", "Threads"]),
        .target(name: "Mail", dependencies: ["CCurl", "Threads"]),
        .target(name: "Receivables"),
        .target(
            name: "Ledger",
            dependencies: [
                "Receivables", "Threads", "CLinux", "CSQLite", .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "GRDBSQLite", package: "GRDB.swift"),
            ]
        ),
        .target(name: "Intake", dependencies: ["SFTP", "Ledger", "CCrypto", "CLinux", "Threads"]),
        .target(
            name: "Ingestion",
            dependencies: ["Intake", "CSV", "Receivables", "Ledger", "Threads", "CLinux", "CMask"]
        ),
        .target(name: "Alerts", dependencies: ["Ledger", "Mail"]),
        .target(
            name: "StatusPage",
            dependencies: [
                "Ledger", "Receivables", "Mail", "CCrypto", "Threads",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdCore", package: "hummingbird"),
                .product(name: "Mustache", package: "swift-mustache"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "HTTPTypes", package: "swift-http-types"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]
        ),
        .target(
            name: "Daemon",
            dependencies: [
                "CSV", "SFTP", "Mail", "Receivables", "Ledger", "Intake", "Ingestion", "Alerts", "StatusPage",
                "CLinux", "CCurl", "CSQLite", "Threads",
                .product(name: "Yams", package: "Yams"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        ),
        .executableTarget(
            name: "ledgerdrop",
            dependencies: [
                "Daemon", "Threads", .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),

        .target(name: "TestSupport", path: "Tests/TestSupport"),
        .testTarget(name: "ThreadsTests", dependencies: ["Threads"]),
        .testTarget(name: "CSVTests", dependencies: ["CSV", "CMask", "TestSupport"]),
        .testTarget(name: "SFTPTests", dependencies: ["SFTP", "TestSupport"]),
        .testTarget(name: "MailTests", dependencies: ["Mail", "CCurl", "TestSupport"]),
        .testTarget(name: "ReceivablesTests", dependencies: ["Receivables", "TestSupport"]),
        .testTarget(
            name: "LedgerTests",
            dependencies: [
                "Ledger", "Receivables", "TestSupport", "CSQLite",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        .testTarget(
            name: "IntakeTests",
            dependencies: ["Intake", "SFTP", "Ledger", "Threads", "TestSupport"]
        ),
        .testTarget(
            name: "IngestionTests",
            dependencies: [
                "Ingestion", "Intake", "CSV", "Receivables", "Ledger", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
            ]
        ),
        .testTarget(
            name: "AlertsTests",
            dependencies: [
                "Alerts", "Ledger", "Mail", "TestSupport", .product(name: "GRDB", package: "GRDB.swift"),
            ],
            exclude: ["Goldens"]
        ),
        .testTarget(
            name: "StatusPageTests",
            dependencies: [
                "StatusPage", "Ledger", "Receivables", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Yams", package: "Yams"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "DaemonTests",
            dependencies: [
                "Daemon", "Receivables", "Ledger", "Threads", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ],
            exclude: ["Goldens"]
        ),
        .testTarget(
            name: "SimulationTests",
            dependencies: [
                "Daemon", "Ingestion", "Intake", "Ledger", "Mail", "TestSupport",
                .product(name: "GRDB", package: "GRDB.swift"),
                .product(name: "Logging", package: "swift-log"),
            ]
        ),
        .testTarget(
            name: "EndToEnd",
            dependencies: ["TestSupport", .product(name: "GRDB", package: "GRDB.swift")]
        ),
        .executableTarget(
            name: "Benchmarks",
            dependencies: ["CSV", "SFTP", "Receivables", "Intake", "TestSupport"],
            path: "Tests/Benchmarks",
            exclude: ["README.md", "Peers", "thresholds.json"]
        ),
    ]
)

for target in package.targets where target.type != .system {
    target.swiftSettings = [
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
        .treatAllWarnings(as: .error),
    ]
}
