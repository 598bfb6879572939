import Ledger

/// What the layout shows around each page.
struct LayoutModel: Sendable {
    struct Entry: Sendable {
        let title: String
        let path: String
        /// `page` for the one that is open.
        let current: String?
    }

    /// What became of an order.
    struct Note: Sendable {
        /// The style's name for it.
        let kind: String
        let word: String
        let lines: [String]

        init(_ outcome: Outcome) {
            switch outcome.state {
            case .done: (kind, word) = ("good", "Done")
            case .doneWithFindings: (kind, word) = ("warn", "Done, with findings")
            case .refused: (kind, word) = ("bad", "Not done")
            case .underWay: (kind, word) = ("warn", "Under way")
            }
            lines = outcome.text.split(separator: "\n").map { DisplayText(String($0), limit: 2000).escaped }
        }
    }

    let drop: String
    let version: String
    let title: String
    let style: String
    let token: String
    let person: String?
    let role: String
    let entries: [Entry]
    let note: Note?
}

enum Layout {
    static let text = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>{{frame.title}} – {{frame.drop}}</title>
        <link rel="icon" href="data:,">
        <link rel="stylesheet" href="{{frame.style}}">
        </head>
        <body>
        <a class="skip" href="#main">Skip to the content</a>
        <header class="top">
        <p class="brand"><a href="/">Ledgerdrop <strong>{{frame.drop}}</strong></a></p>
        {{#frame.person}}
        <button class="quiet menu" type="button" popovertarget="menu">Menu</button>
        <div id="menu" popover>
        <nav aria-label="Sections">
        <ul>
        {{#frame.entries}}
        <li><a href="{{path}}"{{#current}} aria-current="{{current}}"{{/current}}>{{title}}</a></li>
        {{/frame.entries}}
        </ul>
        </nav>
        <form class="person" method="post" action="/sign-out">
        <input type="hidden" name="token" value="{{frame.token}}">
        <a class="who" href="/password"><span>{{frame.person}}</span> <span class="role">{{frame.role}}</span><span class="hidden">: your password</span></a>
        <button class="quiet" type="submit">Sign out</button>
        </form>
        </div>
        {{/frame.person}}
        </header>
        <main id="main" tabindex="-1">
        <h1>{{frame.title}}</h1>
        {{#frame.note}}
        <div class="note {{kind}}" role="status"><strong>{{word}}.</strong>{{#lines}} <span>{{.}}</span>{{/lines}}</div>
        {{/frame.note}}
        {{#page}}{{$content}}{{/content}}{{/page}}
        </main>
        <footer class="end"><p>Ledgerdrop {{frame.version}} · times are UTC</p></footer>
        </body>
        </html>

        """

    /// What stands on the page of a refusal.
    static let refusal = """
        <p class="lead">{{message}}</p>
        <p class="fine">Status {{status}}</p>
        {{#offersSignIn}}<p><a class="button" href="/sign-in">Sign in</a></p>{{/offersSignIn}}
        {{^offersSignIn}}<p><a href="/">To the overview</a></p>{{/offersSignIn}}
        """
}
