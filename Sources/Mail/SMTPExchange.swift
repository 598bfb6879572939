import CCurl
import Foundation
import Synchronization

/// One SMTP transaction through libcurl, from the connection to the last reply.
///
/// Lives on one thread: libcurl calls back on the thread that performs, so nothing in here is shared but the flag.
final class SMTPExchange {
    private static let isReady = ld_global_init() == CURLE_OK

    private let relay: SMTPRelay
    private let limits: SMTPTransport.Limits
    private let flag: CancelFlag
    private var transcript: SMTPTranscript
    private var unsent = Data()

    init(relay: SMTPRelay, limits: SMTPTransport.Limits, flag: CancelFlag) {
        self.relay = relay
        self.limits = limits
        self.flag = flag
        transcript = SMTPTranscript(hiding: relay.credentials)
    }

    /// Connects, delivers and disconnects; to be called once.
    ///
    /// - Throws: `CancellationError` when the flag was raised, `POSIXError` when libcurl cannot even begin.
    func deliver(_ message: MailMessage, to recipient: EmailAddress) throws -> Delivery {
        let recipients = curl_slist_append(nil, "<\(recipient.text)>")
        defer { curl_slist_free_all(recipients) }
        unsent = message.rendered()
        return try perform { curl in
            [
                ld_set_text(curl, CURLOPT_MAIL_FROM, "<\(message.from.text)>"),
                ld_set_list(curl, CURLOPT_MAIL_RCPT, recipients),
                ld_set_long(curl, CURLOPT_UPLOAD, 1),
                ld_set_size(curl, CURLOPT_INFILESIZE_LARGE, curl_off_t(unsent.count)),
            ]
        }
    }

    /// Connects, encrypts, logs in and disconnects, without a word about mail; to be called once.
    ///
    /// - Throws: As ``deliver(_:to:)``.
    func probe() throws -> Delivery {
        try perform { curl in [ld_set_long(curl, CURLOPT_CONNECT_ONLY, 1)] }
    }

    private func perform(
        _ settings: (UnsafeMutableRawPointer) -> [CURLcode]
    ) throws -> Delivery {
        guard Self.isReady, let curl = curl_easy_init() else { throw POSIXError(.ENOMEM) }

        // The buffer must live until the handle is closed, and libcurl writes at most this much into it.
        let words = UnsafeMutableBufferPointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))
        words.initialize(repeating: 0)
        defer { words.deallocate() }

        var code = prepare(curl, words: words.baseAddress)
        if code == CURLE_OK { code = settings(curl).first { $0 != CURLE_OK } ?? CURLE_OK }
        if code == CURLE_OK { code = curl_easy_perform(curl) }
        var status = 0
        ld_get_long(curl, CURLINFO_RESPONSE_CODE, &status)
        let explanation = String(
            decoding: words.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)),
            as: UTF8.self
        )
        let verdict = SMTPVerdict(
            code: code,
            status: status,
            stage: transcript.stage,
            reply: transcript.lastReply,
            explanation: explanation.isEmpty ? String(cString: curl_easy_strerror(code)) : explanation
        )
        // Closing says QUIT, which is part of the transcript.
        curl_easy_cleanup(curl)
        if code == CURLE_ABORTED_BY_CALLBACK { throw CancellationError() }
        return Delivery(
            verdict.outcome,
            verdict.reason,
            reply: verdict.reply,
            transcript: transcript.lines,
            concernsEveryMail: verdict.outcome != .delivered && transcript.stage.isBeforeMail
        )
    }

    private func prepare(
        _ curl: UnsafeMutableRawPointer,
        words: UnsafeMutablePointer<CChar>?
    ) -> CURLcode {
        let context = Unmanaged.passUnretained(self).toOpaque()
        let encryption = relay.encryption == .none ? CURLUSESSL_NONE : CURLUSESSL_ALL
        var results = [
            ld_set_error_buffer(curl, words),
            ld_set_text(curl, CURLOPT_URL, relay.url),
            ld_set_text(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps"),
            // Else a proxy in the environment would be asked to carry our mail.
            ld_set_text(curl, CURLOPT_PROXY, ""),
            ld_set_long(curl, CURLOPT_NOSIGNAL, 1),
            ld_set_long(curl, CURLOPT_CONNECTTIMEOUT_MS, milliseconds(limits.connect)),
            ld_set_long(curl, CURLOPT_TIMEOUT_MS, milliseconds(limits.total)),
            ld_set_long(curl, CURLOPT_USE_SSL, Int(encryption.rawValue)),
            ld_set_long(curl, CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2)),
            ld_set_read(curl, readMail, context),
            ld_set_write(curl, dropBytes, nil),
            ld_set_progress(curl, askForCancellation, context),
            ld_set_debug(curl, noteConversation, context),
        ]
        if let authorities = relay.authorities {
            results.append(ld_set_text(curl, CURLOPT_CAINFO, authorities))
        }
        if let credentials = relay.credentials {
            results.append(ld_set_text(curl, CURLOPT_USERNAME, credentials.user))
            results.append(ld_set_text(curl, CURLOPT_PASSWORD, credentials.password))
        }
        return results.first { $0 != CURLE_OK } ?? CURLE_OK
    }

    private func milliseconds(_ duration: Duration) -> Int {
        // From an hour on it is no limit any more; and libcurl takes 0 for none at all.
        let seconds = min(max(duration.components.seconds, 0), 3600)
        return max(1, Int(seconds) * 1000 + Int(duration.components.attoseconds / 1_000_000_000_000_000))
    }

    fileprivate func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
        let piece = unsent.prefix(buffer.count)
        buffer.copyBytes(from: piece)
        unsent.removeFirst(piece.count)
        return piece.count
    }

    fileprivate func note(_ type: curl_infotype, _ bytes: UnsafeRawBufferPointer) {
        switch type {
        case CURLINFO_HEADER_OUT: transcript.sent(bytes)
        case CURLINFO_HEADER_IN: transcript.received(bytes)
        default: break
        }
    }

    fileprivate var isCancelled: Bool { flag.isSet.load(ordering: .relaxed) }
}

private func exchange(_ context: UnsafeMutableRawPointer?) -> SMTPExchange? {
    context.map { Unmanaged<SMTPExchange>.fromOpaque($0).takeUnretainedValue() }
}

private func readMail(
    _ buffer: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int {
    exchange(context)?.fill(UnsafeMutableRawBufferPointer(start: buffer, count: size * count)) ?? 0
}

/// Without it libcurl would print what a server sends outside of replies to our standard output.
private func dropBytes(
    _: UnsafeMutablePointer<CChar>?,
    _ size: Int,
    _ count: Int,
    _: UnsafeMutableRawPointer?
) -> Int {
    size * count
}

private func askForCancellation(
    _ context: UnsafeMutableRawPointer?,
    _: curl_off_t,
    _: curl_off_t,
    _: curl_off_t,
    _: curl_off_t
) -> Int32 {
    exchange(context)?.isCancelled == true ? 1 : 0
}

private func noteConversation(
    _: UnsafeMutableRawPointer?,
    _ type: curl_infotype,
    _ bytes: UnsafeMutablePointer<CChar>?,
    _ count: Int,
    _ context: UnsafeMutableRawPointer?
) -> Int32 {
    exchange(context)?.note(type, UnsafeRawBufferPointer(start: bytes, count: count))
    return 0
}
