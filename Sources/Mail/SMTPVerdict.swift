import CCurl

/// What an SMTP attempt means, from libcurl's code first and the server's reply second.
///
/// The reply's code counts only for the few results of libcurl behind which it is fresh; with the others it may belong
/// to an earlier command.
struct SMTPVerdict: Equatable {
    let outcome: Delivery.Outcome
    let reason: Delivery.Reason
    let reply: String

    /// - Parameters:
    ///   - code: The result of `curl_easy_perform`.
    ///   - status: The code of the server's last reply, 0 for none.
    ///   - stage: What that reply answers.
    ///   - reply: The last reply as a line.
    ///   - explanation: What libcurl says about the result.
    init(code: CURLcode, status: Int, stage: SMTPTranscript.Stage, reply: String, explanation: String) {
        switch code {
        case CURLE_OK:
            self.init(.delivered, .accepted, reply)
        case CURLE_SEND_ERROR, CURLE_WEIRD_SERVER_REPLY, CURLE_RECV_ERROR, CURLE_REMOTE_ACCESS_DENIED:
            self = Self.judge(status, at: stage, reply: reply, explanation: explanation)
        case CURLE_LOGIN_DENIED where (400..<500).contains(status):
            self.init(.temporary, .deferred, reply)
        case CURLE_LOGIN_DENIED:
            self.init(.configuration, .loginRefused, status >= 500 ? reply : explanation)
        case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_ISSUER_ERROR:
            self.init(.configuration, .certificateUntrusted, explanation)
        case CURLE_USE_SSL_FAILED:
            self.init(.configuration, .encryptionMissing, explanation)
        case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_NOT_BUILT_IN, CURLE_UNKNOWN_OPTION, CURLE_BAD_FUNCTION_ARGUMENT:
            self.init(.configuration, .misconfigured, explanation)
        case CURLE_COULDNT_CONNECT, CURLE_COULDNT_RESOLVE_HOST:
            self.init(.temporary, .unreachable, explanation)
        case CURLE_OPERATION_TIMEDOUT:
            self.init(.temporary, .timedOut, explanation)
        default:
            self.init(.temporary, .connectionLost, explanation)
        }
    }

    private init(_ outcome: Delivery.Outcome, _ reason: Delivery.Reason, _ reply: String) {
        self.outcome = outcome
        self.reason = reason
        self.reply = reply
    }

    private static func judge(
        _ status: Int,
        at stage: SMTPTranscript.Stage,
        reply: String,
        explanation: String
    ) -> SMTPVerdict {
        switch (status, stage) {
        case (400..<500, _): SMTPVerdict(.temporary, .deferred, reply)
        case (530, _), (538, _), (500..<600, .encryption):
            SMTPVerdict(.configuration, .encryptionMissing, reply)
        case (534, _), (535, _), (500..<600, .login): SMTPVerdict(.configuration, .loginRefused, reply)
        // 552 is about the size of the mail. Any other refusal of the sender would meet every recipient.
        case (552, .sender): SMTPVerdict(.permanent, .mailRefused, reply)
        case (500..<600, .sender): SMTPVerdict(.configuration, .senderRefused, reply)
        case (500..<600, .greeting), (500..<600, .hello): SMTPVerdict(.configuration, .relayRefused, reply)
        case (500..<600, .recipient): SMTPVerdict(.permanent, .recipientRefused, reply)
        case (500..<600, _): SMTPVerdict(.permanent, .mailRefused, reply)
        default: SMTPVerdict(.temporary, .connectionLost, explanation)
        }
    }
}
