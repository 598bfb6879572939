/// Why a request is not answered, in words for whoever sees the page.
package struct Refusal: Error, Sendable, Equatable {
    /// An HTTP status from 400 on.
    package var status: Int
    package var title: String
    /// What it means, and what to do.
    package var message: String
    /// More headers of the reply.
    var headers: [(name: String, value: String)] = []
    /// Whether the connection is of no use any more.
    var ends = false

    package init(_ status: Int, _ title: String, _ message: String) {
        self.status = status
        self.title = title
        self.message = message
    }

    package static func == (one: Refusal, other: Refusal) -> Bool {
        one.status == other.status && one.title == other.title && one.message == other.message
    }

    /// 400, with a sentence that says what is wrong with it.
    package static func badRequest(_ message: String) -> Refusal {
        Refusal(400, "That request cannot be read", message + " Nothing was changed.")
    }

    /// 404.
    package static let notFound = Refusal(
        404,
        "There is nothing here",
        "The address may be mistyped, or what it named is not in this drop."
    )

    /// 404 for one of a kind: "file", "mail".
    package static func unknown(_ kind: String) -> Refusal {
        Refusal(404, "There is no such \(kind)", "This drop has no \(kind) of that number.")
    }

    static let signInFirst = Refusal(
        401,
        "Please sign in",
        "You are not signed in, or have been away for too long. Nothing was changed."
    )

    static let notAllowed = Refusal(
        403,
        "You may not do that",
        "Your role does not include it. Whoever administers this drop can give you another one with: ledgerdrop user add."
    )

    static let forged = Refusal(
        403,
        "That form cannot be accepted",
        "It was not sent from a page that this session has open. Go back, load the page again and repeat it. Nothing was changed."
    )

    static func method(_ allowed: [String]) -> Refusal {
        var refusal = Refusal(
            405,
            "That cannot be done here",
            "The address exists, but not for this kind of request. Nothing was changed."
        )
        refusal.headers = [("Allow", allowed.joined(separator: ", "))]
        return refusal
    }

    static let tooSlow = {
        var refusal = Refusal(
            408,
            "That took too long",
            "The request did not arrive in time. Nothing was changed."
        )
        refusal.ends = true
        return refusal
    }()

    static func tooLarge(_ limit: Int) -> Refusal {
        var refusal = Refusal(
            413,
            "That is too large",
            "At most \(limit >= 1 << 20 ? "\(limit >> 20) MB" : "\(limit >> 10) kB") are taken here. Nothing was changed."
        )
        refusal.ends = true
        return refusal
    }

    static let wrongHost = Refusal(
        421,
        "This page has another name",
        "It is reached under the name it was configured with (page.host), or as localhost."
    )

    static func tooOften(retryAfter seconds: Int64) -> Refusal {
        var refusal = Refusal(
            429,
            "Too many attempts",
            "Wait \(seconds) s before you try again. A password that is forgotten is replaced with: ledgerdrop user add."
        )
        refusal.headers = [("Retry-After", "\(seconds)")]
        return refusal
    }

    /// 503.
    package static let busy = {
        var refusal = Refusal(
            503,
            "Too much at once",
            "The page is busy. Nothing was changed; try again in a few seconds."
        )
        refusal.headers = [("Retry-After", "5")]
        return refusal
    }()

    static let broken = Refusal(
        500,
        "Something went wrong here",
        "The fault is ours and is written down in the journal. Loading goes on."
    )
}
