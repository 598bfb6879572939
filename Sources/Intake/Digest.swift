import CCrypto
import Glibc
import Threads

/// The SHA-256 of bytes that come one after the other.
///
/// Sendable, unchecked: the context has exactly one owner, is only touched through mutating calls, and libcrypto binds it
/// to no thread.
package struct Digest: ~Copyable, @unchecked Sendable {
    private let context: OpaquePointer

    /// Throws when the library has no memory left.
    package init() throws {
        guard let context = EVP_MD_CTX_new() else { throw SpoolFailure.io("sha256", ENOMEM) }
        guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else {
            EVP_MD_CTX_free(context)
            throw SpoolFailure.io("sha256", EINVAL)
        }
        self.context = context
    }

    deinit { EVP_MD_CTX_free(context) }

    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress else { return }
        EVP_DigestUpdate(context, start, bytes.count)
        StandingBack.giveWay()
    }

    /// 32 bytes; nothing can be added afterwards.
    package consuming func bytes() -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        EVP_DigestFinal_ex(context, &digest, nil)
        return digest
    }

    /// 64 hex digits; nothing can be added afterwards.
    package consuming func finish() -> String {
        bytes().map { $0 < 16 ? "0" + String($0, radix: 16) : String($0, radix: 16) }.joined()
    }
}
