import CCrypto
import Foundation

/// What a password is kept as: scrypt's derivation of it (RFC 7914), with its cost and salt.
///
/// Written `scrypt$LOG2N$R$P$SALT$KEY`, the last two in hexadecimal digits.
package struct PasswordHash: Sendable, Equatable, CustomStringConvertible {
    /// What one derivation costs; N = 2^17 and r = 8 take 128 MiB and a good part of a second.
    package struct Cost: Sendable, Equatable {
        let logN: Int

        package static let standard = Cost(logN: 17)
        /// For tests alone.
        package static let trifling = Cost(logN: 10)
    }

    /// Why a password is not taken.
    package enum Refused: Error, Sendable {
        case tooShort
        case tooLong
        case outOfMemory
    }

    /// At least so many characters.
    package static let shortest = 12
    /// At most so many bytes.
    package static let longest = 1024
    private static let blockSize: UInt64 = 8

    private let cost: Cost
    private let salt: [UInt8]
    private let key: [UInt8]

    /// Derives what is to be kept; it blocks for a good part of a second.
    ///
    /// - Throws: ``Refused``.
    package static func of(_ password: String, cost: Cost = .standard) throws -> PasswordHash {
        guard password.count >= shortest else { throw Refused.tooShort }
        guard password.utf8.count <= longest else { throw Refused.tooLong }
        let salt = Digests.random(16)
        return PasswordHash(cost: cost, salt: salt, key: try derive(password, salt, cost))
    }

    /// One that no password fits, to be compared with where there is nobody.
    static func ofNobody(cost: Cost) -> PasswordHash {
        PasswordHash(cost: cost, salt: Digests.random(16), key: Digests.random(32))
    }

    private init(cost: Cost, salt: [UInt8], key: [UInt8]) {
        self.cost = cost
        self.salt = salt
        self.key = key
    }

    /// Reads what ``description`` writes; `nil` for anything else, and for costs that are none of ours.
    package init?(_ text: String) {
        let parts = text.split(separator: "$", omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "scrypt", parts[2] == "8", parts[3] == "1",
            let logN = Int(parts[1]), (10...18).contains(logN),
            let salt = Digests.bytes(hex: parts[4]), salt.count == 16,
            let key = Digests.bytes(hex: parts[5]), key.count == 32
        else { return nil }
        self.init(cost: Cost(logN: logN), salt: salt, key: key)
    }

    package var description: String {
        "scrypt$\(cost.logN)$8$1$\(Digests.hex(salt))$\(Digests.hex(key))"
    }

    /// Whether it is the password's; it blocks for as long as making it did.
    ///
    /// - Throws: ``Refused/outOfMemory``.
    package func fits(_ password: String) throws -> Bool {
        guard password.utf8.count <= Self.longest else { return false }
        return Digests.areSame(try Self.derive(password, salt, cost), key)
    }

    private static func derive(_ password: String, _ salt: [UInt8], _ cost: Cost) throws -> [UInt8] {
        // Keyboards differ in how they compose an accent.
        let bytes = Array(password.precomposedStringWithCanonicalMapping.utf8)
        var key = [UInt8](repeating: 0, count: 32)
        let n = UInt64(1) << UInt64(cost.logN)
        let isDone = bytes.withUnsafeBufferPointer { password in
            EVP_PBE_scrypt(
                password.baseAddress.map { UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self) },
                password.count,
                salt,
                salt.count,
                n,
                blockSize,
                1,
                // Twice of what it takes; the library asks for a bound.
                256 * blockSize * n,
                &key,
                key.count
            )
        }
        guard isDone == 1 else { throw Refused.outOfMemory }
        return key
    }
}
