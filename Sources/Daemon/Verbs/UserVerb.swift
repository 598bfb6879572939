import Ledger
import StatusPage

/// `user`: who may sign in to the page.
package enum UserVerb {
    /// The roles, from the least to the most.
    package static let roles = Role.allCases.map(\.rawValue)

    /// The request that adds somebody; the password itself goes nowhere.
    ///
    /// It takes a good part of a second.
    ///
    /// - Throws: ``CommandFailure`` for a password that will not do.
    package static func adding(_ email: String, role: String, password: String?) throws -> Request.Verb {
        guard let password else {
            throw CommandFailure(.usage, "no password was given, or the two differ")
        }
        do {
            let hash = try PasswordHash.of(password)
            return .putUser(email: email, role: role, passwordHash: "\(hash)")
        } catch PasswordHash.Refused.tooShort {
            throw CommandFailure(.usage, "a password has at least \(PasswordHash.shortest) characters")
        } catch PasswordHash.Refused.tooLong {
            throw CommandFailure(.usage, "a password has at most \(PasswordHash.longest) bytes")
        }
    }
}

extension DropReader {
    /// `user list`.
    package func people() throws -> any Report {
        PeopleReport(people: try PersonLedger(ledger).list())
    }
}

/// `ledgerdrop user list`: one person a line.
private struct PeopleReport: Report {
    let people: [PersonLedger.Person]

    var text: String {
        var table = TextTable(["user", "role", "since"])
        for person in people {
            table.add([DisplayText(person.email).escaped, person.role.rawValue, person.addedAt])
        }
        return people.isEmpty ? "" : table.text
    }

    var json: String {
        JSONValue.list(
            people.map { person in
                .object([
                    ("user", .text(person.email)), ("role", .text(person.role.rawValue)),
                    ("since", .text(person.addedAt)),
                ])
            }
        ).json
    }
}
