/// The one style sheet: calm, light or dark as the reader has it, tables that become cards on a phone.
///
/// Classes for all areas: `lead` a sentence that matters, `fine` small print, `cards`/`card` boxes side by side, `chip` with
/// `good`, `warn`, `bad`, `idle` for states (always with a word in it), `num` numbers in tables, `mono` ids and names,
/// `button`, `button danger`, `quiet`, `actions` buttons in a row, `filters` a form above a list, `pages` older/newer,
/// `note` messages, `figures` a definition list of numbers, `strip` one whose numbers stand side by side, `timeline` an
/// ordered list of what happened, `scroll` around what may be wider than the window, `plain` a list without marks, `keep`
/// what stays on one line on a desk, `empty` what is said where a list has nothing, `tabs` one list or the other, `choices`
/// boxes to tick, `pair` forms side by side. In a table with class `stack` each `td` has a `data-label`, which is shown on
/// phones, where cells with `short` stand side by side; one with `tight` stays a table there too.
enum StyleSheet {
    static let text = """
        :root {
          --paper: #fbfbfa; --card: #ffffff; --ink: #1c2126; --soft: #59636d; --line: #d9dde1; --accent: #0b5c8a;
          --accent-ink: #ffffff; --good: #1b6b3a; --good-bg: #e6f4ea; --warn: #7a4b00; --warn-bg: #fdf1d8;
          --bad: #a11a1a; --bad-bg: #fce8e6; --idle: #4a545e; --idle-bg: #eceff1;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --paper: #14171a; --card: #1c2024; --ink: #e8eaed; --soft: #a3adb7; --line: #363c42; --accent: #7cc0ee;
            --accent-ink: #0b1a24; --good: #8fd8a8; --good-bg: #16301f; --warn: #f2c879; --warn-bg: #36290f;
            --bad: #ffaaa3; --bad-bg: #3d1a18; --idle: #b8c1ca; --idle-bg: #2a3036;
          }
        }
        * { box-sizing: border-box; }
        html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
        body {
          margin: 0; background: var(--paper); color: var(--ink);
          font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
        }
        a { color: var(--accent); text-underline-offset: .15em; }
        :focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
        .skip { position: absolute; left: -100rem; }
        .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
        .skip:focus { left: 1rem; top: .5rem; background: var(--card); padding: .5rem 1rem; z-index: 2; }
        .top {
          display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1rem; padding: .25rem 1.25rem;
          background: var(--card); border-bottom: 1px solid var(--line);
        }
        .brand { margin: 0; }
        .brand a { color: var(--ink); text-decoration: none; display: inline-block; padding: .6rem 0; }
        .top nav { flex: 1 1 auto; }
        #menu { display: contents; }
        button.menu { display: none; }
        .top ul { list-style: none; display: flex; flex-wrap: wrap; gap: .1rem; margin: 0; padding: 0; }
        .top nav a {
          display: inline-flex; align-items: center; min-height: 44px; padding: 0 .45rem; font-size: .95rem; color: var(--ink);
          text-decoration: none; border: solid transparent; border-width: 3px 0;
        }
        .top nav a:hover { border-bottom-color: var(--line); }
        .top nav a[aria-current] { border-bottom-color: var(--accent); font-weight: 600; }
        .person { display: flex; align-items: center; gap: .75rem; margin: 0 0 0 auto; }
        form.person button.quiet { font-weight: 400; border-color: transparent; padding: 0 .75rem; text-decoration: underline; text-underline-offset: .15em; }
        .who { display: inline-flex; align-items: center; min-height: 44px; gap: .5rem; color: var(--soft); font-size: .9rem; text-decoration: none; overflow-wrap: anywhere; }
        .who > :first-child { text-decoration: underline; text-underline-offset: .15em; }
        .role { border: 1px solid var(--line); border-radius: 1rem; padding: .1rem .5rem; }
        main { max-width: 76rem; margin: 0 auto; padding: 1rem 1.25rem 3rem; }
        main:focus { outline: none; }
        h1 { font-size: 1.6rem; line-height: 1.25; margin: .75rem 0 1rem; overflow-wrap: anywhere; }
        h2 { font-size: 1.2rem; margin: 2rem 0 .75rem; overflow-wrap: anywhere; }
        h3 { font-size: 1rem; margin: 1.25rem 0 .5rem; overflow-wrap: anywhere; }
        time { white-space: nowrap; }
        time + .fine { margin-left: .35rem; }
        td time + .fine { margin-left: 0; }
        summary { cursor: pointer; padding: .6rem 0; }
        .plain { list-style: none; margin: .75rem 0; padding: 0; }
        .plain li { padding: .25rem 0; }
        .plain li > .fine:last-child { display: block; }
        p { margin: .5rem 0; max-width: 70ch; }
        .lead { font-size: 1.1rem; }
        .fine, .end p { color: var(--soft); font-size: .9rem; }
        .empty { margin: 1rem 0; padding: 2rem 1.25rem; max-width: none; text-align: center; color: var(--soft); border: 1px dashed var(--line); border-radius: 8px; }
        .end { width: calc(100% - 2.5rem); max-width: 73.5rem; margin: 0 auto; padding: 1rem 0 2rem; border-top: 1px solid var(--line); }
        .mono, code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
        .mono, code { font-size: .93em; overflow-wrap: anywhere; }
        pre { overflow-x: auto; padding: .75rem; background: var(--idle-bg); border-radius: 6px; }
        .cards { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); margin: 1rem 0; }
        .card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1rem 1.25rem; }
        .card h2, .card h3 { margin-top: 0; }
        .card time + .fine { display: block; margin: 0; }
        .cards.wide { grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr)); align-items: start; }
        .card > :last-child { margin-bottom: 0; }
        .big { font-size: 1.6rem; font-weight: 600; line-height: 1.2; font-variant-numeric: tabular-nums; }
        .chip {
          display: inline-block; padding: .1rem .6rem; border-radius: 1rem; font-size: .88rem; font-weight: 600;
          white-space: nowrap; color: var(--idle); background: var(--idle-bg);
        }
        .chip::before { content: "○ "; }
        .chip.good { color: var(--good); background: var(--good-bg); }
        .chip.good::before { content: "✓ "; }
        .chip.warn { color: var(--warn); background: var(--warn-bg); }
        .chip.warn::before { content: "▲ "; }
        .chip.bad { color: var(--bad); background: var(--bad-bg); }
        .chip.bad::before { content: "✕ "; }
        .note { border-left: 5px solid var(--idle); background: var(--idle-bg); padding: .75rem 1rem; margin: 1rem 0; border-radius: 4px; overflow-wrap: anywhere; }
        .note span { display: block; }
        .note.good { border-color: var(--good); background: var(--good-bg); }
        .note.warn { border-color: var(--warn); background: var(--warn-bg); }
        .note.bad { border-color: var(--bad); background: var(--bad-bg); }
        table { border-collapse: separate; border-spacing: 0; width: 100%; margin: 0 0 1.5rem; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
        caption { text-align: left; font-weight: 600; padding: .75rem 0 .5rem; }
        th, td { text-align: left; padding: .5rem .75rem; border-top: 1px solid var(--line); vertical-align: top; }
        thead th { font-size: .88rem; color: var(--soft); border-top: 0; white-space: nowrap; }
        td, tbody th { overflow-wrap: anywhere; }
        tbody th { font-weight: 500; min-width: 9rem; }
        td[data-label=Type], td[data-label=Kind], td[data-label=Change], .chip { white-space: nowrap; }
        td > .fine, tbody th > .fine { display: block; font-weight: 400; }
        td > a + .chip { display: table; margin-top: .25rem; }
        td > .chip + .fine { margin-top: .15rem; }
        td.do { white-space: nowrap; }
        td.do a { display: inline-flex; align-items: center; min-height: 32px; margin-right: .75rem; }
        td ul { margin: 0; padding: 0; list-style: none; }
        .keep { white-space: nowrap; }
        .num { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
        .scroll { overflow-x: auto; }
        .figures { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; margin: 1rem 0; }
        .figures dt { color: var(--soft); }
        .figures dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
        .strip { display: flex; flex-wrap: wrap; gap: .75rem 2rem; margin: 1rem 0; }
        .strip div { display: flex; flex-direction: column-reverse; }
        .strip dt { color: var(--soft); font-size: .9rem; }
        .strip dd { margin: 0; font-size: 1.25rem; line-height: 1.3; font-weight: 600; font-variant-numeric: tabular-nums; }
        .timeline { list-style: none; margin: 1rem 0; padding: 0 0 0 1.25rem; border-left: 2px solid var(--line); }
        .timeline li { position: relative; margin: 0 0 1rem; overflow-wrap: anywhere; }
        .timeline time { font-size: .9rem; color: var(--soft); }
        .timeline li > span:last-child { display: block; }
        .timeline li::before {
          content: ""; position: absolute; left: calc(-1.25rem - 6px); top: .5rem; width: 10px; height: 10px;
          border-radius: 50%; background: var(--accent);
        }
        form { margin: 1rem 0; }
        input[type=date]:focus-within, input[type=date]:focus { outline: 3px solid var(--accent); outline-offset: 2px; }
        label { display: block; font-weight: 600; margin: .75rem 0 .25rem; }
        label.inline { max-width: 100%; overflow-wrap: anywhere; display: inline-flex; align-items: center; gap: .5rem; min-height: 44px; font-weight: 400; margin: 0; }
        input[type=text], input[type=email], input[type=password], input[type=search], input[type=date], input[type=file], select, textarea {
          font: inherit; color: inherit; background: var(--card); border: 1px solid var(--soft); border-radius: 6px;
          min-height: 44px; padding: .5rem .75rem; width: 100%; max-width: 26rem;
        }
        input[type=checkbox], input[type=radio] { width: 1.25rem; height: 1.25rem; accent-color: var(--accent); }
        fieldset { min-width: 0; border: 1px solid var(--line); border-radius: 8px; margin: 1rem 0; padding: .5rem 1rem 1rem; }
        legend { font-weight: 600; padding: 0 .25rem; }
        button, .button {
          font: inherit; font-weight: 600; display: inline-flex; align-items: center; min-height: 44px; padding: 0 1.1rem;
          border: 1px solid var(--accent); border-radius: 6px; background: var(--accent); color: var(--accent-ink);
          text-decoration: none; cursor: pointer;
        }
        button:hover, .button:hover { filter: brightness(1.1); }
        button.quiet, .button.quiet { background: transparent; color: var(--accent); border-color: var(--line); }
        button.danger, .button.danger { background: var(--bad); border-color: var(--bad); color: var(--card); }
        .actions { display: flex; flex-wrap: wrap; gap: .5rem 1.25rem; align-items: center; margin: 1rem 0; max-width: none; }
        .actions .button + .button { margin-left: -.5rem; }
        .tabs { display: flex; gap: .25rem; margin: 1rem 0 .5rem; border-bottom: 1px solid var(--line); max-width: none; }
        .tabs > * { display: inline-flex; align-items: center; min-height: 44px; padding: 0 .75rem; margin-bottom: -1px; border-bottom: 3px solid transparent; }
        .tabs strong { border-bottom-color: var(--accent); }
        .choices { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(18rem, 100%), 1fr)); }
        .actions form { margin: 0; }
        .actions a:not(.button) { display: inline-flex; align-items: center; min-height: 44px; }
        .filters { display: flex; flex-wrap: wrap; gap: .5rem 1rem; align-items: flex-end; }
        .filters > div { flex: 1 1 11rem; max-width: 15rem; }
        .filters > div:nth-last-child(-n+2) { flex: 0 0 auto; }
        .filters label { margin-top: 0; }
        .pages { display: flex; justify-content: space-between; gap: 1rem; margin: 1rem 0; }
        .pages a { display: inline-flex; align-items: center; min-height: 44px; }
        .picture img { display: block; width: 100%; max-width: 50rem; height: auto; }
        figure { margin: 1rem 0; }
        figcaption { color: var(--soft); font-size: .9rem; }
        form.card { max-width: 30rem; }
        form.card > label:first-of-type { margin-top: 0; }
        @media (min-width: 72rem) { .stack.named tbody th { min-width: 19rem; } .stack .to { min-width: 13rem; } }
        @media (max-width: 40rem) {
          main { padding: .5rem 1rem 2rem; }
          .top { padding: .25rem 1rem; }
          h1 { font-size: 1.35rem; }
          h2 { margin-top: 1.5rem; }
          .end { width: calc(100% - 2rem); }
          .keep { white-space: normal; }
          .person { width: 100%; justify-content: space-between; }
          .top nav a { padding: 0 .5rem; }
          .top ul { gap: 0; margin: 0 -.5rem; }
          .card { padding: .75rem 1rem; }
          .card h2 { font-size: 1.05rem; }
          .cards { gap: .75rem; }
          table.stack, table.stack tbody, table.stack tr, table.stack td, table.stack th { display: block; width: auto; }
          table.stack { border: 0; background: none; }
          table.stack caption { display: block; }
          table.stack thead { position: absolute; left: -100rem; }
          table.stack tbody tr { background: var(--card); border: 1px solid var(--line); border-radius: 8px; margin: 0 0 .75rem; padding: .5rem 1rem; }
          table.stack td, table.stack tbody th { border: 0; padding: .25rem 0; text-align: left; white-space: normal; min-width: 0; }
          table.stack tbody th { font-weight: 600; }
          table.stack td[data-label] { display: flow-root; padding-left: 6.25rem; }
          table.stack td:empty { display: none; }
          table.stack td[data-label]::before { content: attr(data-label); float: left; width: 5.75rem; margin-left: -6.25rem; line-height: 1.7; font-size: .88rem; color: var(--soft); }
          table.stack td.short[data-label] { display: inline-block; padding-left: 0; margin-right: 1.25rem; }
          table.stack td.short[data-label]::before { float: none; width: auto; margin: 0 .4rem 0 0; }
          table.stack td.short:empty { display: none; }
          table.stack td > a + .chip { display: inline-block; margin: 0; }
          td.do a { min-height: 44px; }
          table.tight th, table.tight td { padding: .4rem .5rem; }
          .tight tbody th { min-width: 0; }
          pre { white-space: pre-wrap; overflow-wrap: anywhere; }
          .figures { grid-template-columns: minmax(5.5rem, max-content) minmax(0, 1fr); gap: .25rem .75rem; }
          .strip { gap: .75rem 1.5rem; }
          button, .button { width: 100%; justify-content: center; }
          .actions .button + .button { margin-left: 0; }
          .person button, button.menu { width: auto; }
          .filters { display: grid; grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); gap: .5rem .75rem; }
          .filters > div { max-width: none; }
          .filters > div:first-child, .filters > div:last-child { grid-column: 1 / -1; }
          form input[type], form select, form textarea { max-width: none; }
        }
        @supports selector(:popover-open) {
          @media (max-width: 40rem) {
            .top { justify-content: space-between; flex-wrap: nowrap; }
            button.menu { display: inline-flex; }
            #menu {
              display: none; position: absolute; inset: calc(44px + .5rem) 0 auto; width: auto; height: auto; margin: 0; padding: 0 1rem .5rem;
              border: solid var(--line); border-width: 1px 0; background: var(--card); color: var(--ink); box-shadow: 0 1rem 2rem #0004;
            }
            #menu:popover-open { display: block; }
            .top ul { display: grid; grid-template-columns: 1fr 1fr; padding: .25rem 0; }
            .top nav a { width: 100%; }
            .person { border-top: 1px solid var(--line); padding-top: .25rem; }
          }
        }
        @media (max-width: 24rem) { time, .chip, td[data-label] > .chip { white-space: normal; } }
        @media (prefers-reduced-motion: no-preference) { a, button, .button { transition: filter .1s; } }
        @media print { .top nav, .person, .skip, .actions { display: none; } body { background: none; } }

        """
}
