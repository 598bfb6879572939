import Ledger

/// How the page is served.
package struct PageSettings: Sendable {
    package var address: ListenAddress
    /// The name under which a proxy shows it; `nil`: only under this machine's own.
    package var host: String?
    /// Where uploads lie while they are looked at; a folder that nobody else can enter.
    package var temporaryFolder: String
    package var limits = Limits()
    package var passwordCost = PasswordHash.Cost.standard

    package init(address: ListenAddress, host: String?, temporaryFolder: String) {
        self.address = address
        self.host = host
        self.temporaryFolder = temporaryFolder
    }

    /// What one visitor may cost.
    package struct Limits: Sendable {
        /// Bytes of one header, of all, and how many.
        package var headerBytes = 8 << 10
        package var headersBytes = 32 << 10
        package var headers = 64
        /// Bytes of a form without a file.
        package var formBytes = 64 << 10
        package var connections = 128
        /// Between two words of a visitor, and for the whole of a request's headers.
        package var idle = Duration.seconds(15)
        /// For the whole of a form.
        package var form = Duration.seconds(15)
        /// Uploads slower than this are ended.
        package var uploadBytesPerSecond = 32 << 10
        /// What else a visitor sends whom we have refused is swallowed up to here, so that the answer is read.
        package var swallowedBytes = 1 << 20
        /// A connection on which nothing moves.
        package var stalled = Duration.seconds(90)

        package init() {}
    }
}
