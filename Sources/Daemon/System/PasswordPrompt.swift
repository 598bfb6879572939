import Glibc

/// Asks for a password: on a terminal without showing it, else the first line of the standard input.
///
/// Never an argument or a variable of the environment: other processes see those.
package enum PasswordPrompt {
    /// A terminal asks twice; `nil` when the two differ or nothing is there.
    package static func read() -> String? {
        guard isatty(STDIN_FILENO) == 1 else { return line() }
        guard let first = ask("Password: "), let second = ask("Again: "), first == second else { return nil }
        return first
    }

    private static func ask(_ question: String) -> String? {
        _ = question.withCString { write(STDERR_FILENO, $0, strlen($0)) }
        var settings = termios()
        guard tcgetattr(STDIN_FILENO, &settings) == 0 else { return nil }
        var silent = settings
        silent.c_lflag &= ~tcflag_t(ECHO)
        guard tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent) == 0 else { return nil }
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
            _ = write(STDERR_FILENO, "\n", 1)
        }
        return line()
    }

    private static func line() -> String? {
        guard let text = readLine(strippingNewline: true), !text.isEmpty else { return nil }
        return text
    }
}
