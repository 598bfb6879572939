#!/usr/bin/python3
"""Looks at every page that a signed-in person can reach: at desktop and phone width, light and dark.

    look.py URL NAME PASSWORD [--screens FOLDER] [--axe axe.min.js] [--check TYPE FILE]

Pages are found by following links, one of each shape (`/files/7` and `/files/9` are one), two where there is a table of
them. On each it is asked whether the page is wider than the screen, also at 320 px (a 1280 px screen at 400 %), whether
the Tab key reaches what can be used, in order and visibly, and, given axe, whether it finds a violation of
WCAG 2.1 A and AA or of its best practices. `--check` sends a file to be checked, for the report's page.
The status is 1 if anything was found.
"""

import argparse
import base64
import os
import re
import sys
import tempfile

from visitor import Visitor

WIDTHS = (1280, 390)
SCHEMES = ("light", "dark")
RULES = "['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']"
# Links of a page to pages of ours that are not files to keep.
LINKS = """[...document.querySelectorAll('a[href]:not([download])')].map(a => a.getAttribute('href'))
    .filter(h => h.startsWith('/') && !h.startsWith('/api/'))"""
# What holds the focus, and how one sees that it does.
FOCUS = """(() => {
    const e = document.activeElement;
    if (!e || e === document.body) return null;
    const s = getComputedStyle(e);
    const all = [...document.querySelectorAll('*')];
    return {place: all.indexOf(e), words: (e.innerText || e.name || e.tagName).trim().slice(0, 40),
            href: e.getAttribute('href'), seen: s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 2};
})()"""


def shape(path):
    """What pages of one template have in common."""
    path = path.split("#")[0]
    path = re.sub(r"(type|state|name|issues)=[^&]*", r"\1=x", path)
    return re.sub(r"\d+|[^/]+@[^/]+|[^/]+%40[^/]+", "N", path)


def file_name(path):
    return re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "overview"


class Look:
    def __init__(self, visitor, screens, axe):
        self.visitor = visitor
        self.screens = screens
        self.axe = axe
        self.problems = []
        self.pages = 0
        self.checks = 0

    def complain(self, words):
        self.problems.append(words)
        print(f"  ✘ {words}", flush=True)

    def page(self, name):
        """Looks at the page that is open."""
        visitor = self.visitor
        self.pages += 1
        print(name, flush=True)
        for width in WIDTHS:
            for scheme in SCHEMES:
                visitor.screen(width, scheme=scheme)
                if self.screens:
                    self.shoot(f"{name}-{width}-{scheme}")
                if name == "overview" and width == WIDTHS[-1]:
                    self.look_into_the_menu(f"menu-{width}-{scheme}", width, scheme)
                self.expect_fit(name, width)
                if self.axe:
                    self.expect_accessible(name, width, scheme)
        visitor.screen(320)
        self.expect_fit(name, 320)
        visitor.screen(1280)
        self.walk_with_the_keyboard(name)
        for line in visitor.complaints():
            self.complain(f"{name}: the console says {line}")

    def look_into_the_menu(self, name, width, scheme):
        """What a phone shows when its button is pressed."""
        self.visitor.driver.find_element("css selector", "button.menu").click()
        if not self.visitor.evaluate("document.querySelector('#menu').matches(':popover-open')"):
            self.complain(f"{name}: the button opens no menu")
        if self.screens:
            self.shoot(name)
        self.expect_fit(name, width)
        if self.axe:
            self.expect_accessible(name, width, scheme)
        self.visitor.evaluate("document.querySelector('#menu').hidePopover()")

    def expect_fit(self, name, width):
        self.visitor.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        over = self.visitor.overflow()
        if over > 0:
            wide = self.visitor.evaluate(
                "[...document.querySelectorAll('main *, header *')].filter(e => !e.closest('.scroll') && !e.closest('.hidden')"
                f" && e.getBoundingClientRect().right > {width} + 1).slice(0, 3).map(e => e.outerHTML.slice(0, 160))")
            self.complain(f"{name}: {over} px wider than {width}: {wide}")

    def shoot(self, name):
        self.visitor.evaluate("document.querySelectorAll('details').forEach(d => d.open = false)")
        size = self.visitor.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        shot = self.visitor.driver.execute_cdp_cmd("Page.captureScreenshot", {
            "captureBeyondViewport": True,
            "clip": {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 4000), "scale": 1},
        })
        with open(os.path.join(self.screens, f"{name}.png"), "wb") as file:
            file.write(base64.b64decode(shot["data"]))

    def expect_accessible(self, name, width, scheme):
        if not self.visitor.evaluate("typeof axe === 'object'"):
            self.visitor.evaluate(self.axe + "; undefined")
        result = self.visitor.evaluate(
            f"axe.run(document, {{runOnly: {RULES}}}).then(r => ({{passed: r.passes.length, found: r.violations.map(v => ({{id: v.id,"
            " help: v.help, nodes: v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' ' + n.failureSummary)}))}))")
        self.checks += result["passed"]
        for found in result["found"]:
            nodes = "\n      ".join(node.replace("\n", " ") for node in found["nodes"])
            self.complain(f"{name} {width} {scheme}: {found['id']}: {found['help']}\n      {nodes}")

    def walk_with_the_keyboard(self, name):
        visitor = self.visitor
        visitor.evaluate("document.querySelectorAll('details').forEach(d => d.open = false); document.activeElement.blur();"
                         "window.scrollTo(0, 0); getSelection().removeAllRanges(); document.body.setAttribute('tabindex', '-1');"
                         "document.body.focus(); document.body.removeAttribute('tabindex')")
        places = []
        for step in range(60):
            for kind in ("keyDown", "keyUp"):
                visitor.driver.execute_cdp_cmd("Input.dispatchKeyEvent", {
                    "type": kind, "key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9})
            focus = visitor.evaluate(FOCUS)
            if focus is None or (places and focus["place"] <= places[0]):
                break
            if step == 0 and focus["href"] != "#main":
                self.complain(f"{name}: Tab comes first to {focus['words']!r}, not to the skip link")
            if places and focus["place"] < places[-1]:
                self.complain(f"{name}: Tab goes back to {focus['words']!r}")
            if not focus["seen"]:
                self.complain(f"{name}: the focus on {focus['words']!r} cannot be seen")
            places.append(focus["place"])
        if len(places) < 2:
            self.complain(f"{name}: the keyboard reaches only {len(places)}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("name")
    parser.add_argument("password")
    parser.add_argument("--screens")
    parser.add_argument("--axe")
    parser.add_argument("--check", nargs=2, action="append", default=[], metavar=("TYPE", "FILE"))
    given = parser.parse_args()
    axe = None
    if given.axe:
        with open(given.axe, encoding="utf-8") as file:
            axe = file.read()
    if given.screens:
        os.makedirs(given.screens, exist_ok=True)
    with tempfile.TemporaryDirectory() as downloads, Visitor(given.url, downloads, scripts=True) as visitor:
        look = Look(visitor, given.screens, axe)
        visitor.go("/sign-in")
        look.page("sign-in")
        visitor.sign_in(given.name, given.password)
        seen, waiting = {}, ["/", "/no-such-page"]
        while waiting:
            path = waiting.pop(0)
            kind = shape(path)
            if seen.get(kind, 0) >= (3 if kind == "/files/N" else 1):
                continue
            seen[kind] = seen.get(kind, 0) + 1
            visitor.go(path)
            found = visitor.evaluate(LINKS)
            if path == "/no-such-page":
                # A page that is not there tells the console so.
                visitor.complaints()
            look.page(file_name(path))
            waiting += [link for link in found if link != path]
        visitor.go("/files?state=loaded_with_errors")
        troubled = [link for link in visitor.evaluate(LINKS) if re.fullmatch(r"/files/\d+", link)]
        if troubled:
            visitor.go(troubled[0])
            look.page("file-with-errors")
        for type_name, path in given.check:
            visitor.go("/check")
            visitor.fill("Record type", type_name)
            visitor.fill("File", os.path.abspath(path))
            visitor.press("Check", "main")
            look.page(f"check-report-{file_name(os.path.basename(path))}")
    counted = f", {look.checks} axe rules passed" if axe else ""
    print(f"{look.pages} pages{counted}, {len(look.problems)} problems")
    sys.exit(1 if look.problems else 0)


main()
