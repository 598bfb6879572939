#!/usr/bin/python3
"""Walks the way of an operator through the page, against a daemon and a drop that a test has set up.

    walk.py SCENE.json

The scene says where the page is (`url`), who signs in (`name`, `password`), how a customer drops files (`sftp`: the
client's command line; `dropped`: a folder that keeps what was dropped) and how a run is asked for (`poll`: a command line). What became of it all, the test sees for
itself in the ledger and at the mail server; here it is seen in the browser. The status is 0 if everything was.
"""

import csv
import io
import json
import os
import subprocess
import sys
import tempfile

from visitor import Visitor

with open(sys.argv[1], encoding="utf-8") as file:
    SCENE = json.load(file)


def chapter(title):
    print(title, flush=True)


def drop(text, path):
    """Drops a file on the server, as the customer does."""
    local = kept(text, SCENE["dropped"], os.path.basename(path))
    subprocess.run(SCENE["sftp"], input=f"put {local} {path}\n", text=True, check=True, stdout=subprocess.DEVNULL)


def kept(text, folder, name):
    """Lays text into a file as an editor saves it; gives its path."""
    path = os.path.join(folder, name)
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)
    return path


def run_now():
    done = subprocess.run(SCENE["poll"], check=False, capture_output=True, text=True)
    assert done.returncode in (0, 65), f"poll: {done}"


def walk(visitor):
    chapter("A wrong password lets nobody in, and a page asked for without one leads to the sign-in")
    visitor.go("/files")
    assert visitor.path == "/sign-in", visitor.path
    visitor.fill("E-mail address", SCENE["name"])
    visitor.fill("Password", "wrong " + SCENE["password"])
    visitor.press("Sign in")
    visitor.see("do not belong together")
    # The browser tells the console of every 401; of this one alone it shall.
    assert all("401" in line for line in visitor.complaints())

    chapter("The overview shows first what needs a person")
    visitor.sign_in(SCENE["name"], SCENE["password"])
    visitor.see_after_reloading("/", "receipts-short.csv", "invoices-cut.csv")
    assert visitor.find("main h2").text == "Needs you", visitor.text
    first = visitor.find("main table").text
    assert "receipts-short.csv" in first and "failed" in first, first
    visitor.expect_no_complaints()

    chapter("The failed file tells the reason and the remedy")
    visitor.follow("receipts-short.csv")
    visitor.see("failed", "required column", "currency", "Correct the file and send it again")
    visitor.see("What happened", "moved to failed/")
    original = visitor.download("Download the original").decode()
    assert original.startswith("payment_id,"), original

    chapter("A file with a rejected row is found, and tells row, column and reason")
    visitor.follow("Files", "nav")
    visitor.fill("State", "loaded with errors")
    visitor.press("Show")
    assert "state=loaded_with_errors" in visitor.path, visitor.path
    visitor.follow("contacts-one.csv", "main")
    visitor.see("What was found", "rejected", "email")
    rejects = list(csv.DictReader(io.StringIO(visitor.download("Download the rejected rows").decode())))
    assert [row["email"] for row in rejects] == ["ann at acme"], rejects
    visitor.expect_no_complaints()

    for row in rejects:
        row["email"] = "ann@acme.example"
    mended = io.StringIO()
    writer = csv.DictWriter(mended, list(rejects[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rejects)

    chapter("The corrected rows are validated before they are sent, and nothing is changed")
    visitor.follow("Check a file", "nav")
    visitor.fill("Record type", "contacts")
    visitor.fill("File", kept(mended.getvalue(), visitor.folder, "contacts-mended.csv"))
    visitor.press("Check", "main")
    visitor.see("would be loaded", "Nothing was changed", "ann@acme.example")
    visitor.go("/files")
    assert "contacts-mended.csv" not in visitor.text, visitor.text
    visitor.expect_no_complaints()

    chapter("The rows are dropped again, and the failed file too")
    drop(mended.getvalue(), "contacts/pending/contacts-mended.csv")
    lines = original.splitlines()
    whole = [lines[0] + ",currency"] + [line + ",USD" for line in lines[1:]]
    drop("".join(f"{line}\n" for line in whole), "payment_receipts/pending/receipts-whole.csv")
    run_now()

    chapter("It has recovered")
    visitor.see_after_reloading("/files", "contacts-mended.csv", "receipts-whole.csv")
    visitor.follow("receipts-whole.csv")
    visitor.see("loaded", "inserted")
    visitor.go("/")
    needs = visitor.find("main table").text
    assert "receipts-short.csv" not in needs and "invoices-cut.csv" in needs, needs
    visitor.expect_no_complaints()

    chapter("The held file is released, and what it would change is seen before")
    visitor.go("/")
    visitor.follow("invoices-cut.csv", "main")
    visitor.see("held", "Nothing of it is applied")
    visitor.follow("Release…")
    visitor.see("What it would change", "I30", "not listed: 10 cleared", "The file would be loaded.")
    visitor.fill("Why", "a month's end")
    visitor.press("Release file", "main")
    visitor.see("Done")
    visitor.see_after_reloading(visitor.path, "loaded", "30 invoices cleared")
    visitor.follow("30 invoices cleared")
    visitor.see("N-I40")
    visitor.see_after_reloading("/", "nothing needs you")
    visitor.expect_no_complaints()

    chapter("The list of recipients is edited in place")
    visitor.follow("Recipients", "nav")
    visitor.fill("E-mail address", "cash@acme.example")
    visitor.press("Add", "main")
    visitor.see("Done", "cash@acme.example")
    visitor.follow("Types, or remove cash@acme.example")
    for box in visitor.all("input[type=checkbox]:checked"):
        if box.get_attribute("value") != "payment_receipts":
            box.click()
    visitor.press("Save", "main")
    visitor.see("Done")
    assert "payment_receipts" in visitor.row("cash@acme.example"), visitor.text
    visitor.follow("Types, or remove ar-ops@acme.example")
    visitor.press("Remove ar-ops@acme.example", "main")
    visitor.see("Done")
    assert not [e for e in visitor.all("main tbody tr") if "ar-ops@acme.example" in e.text], visitor.text
    visitor.expect_no_complaints()

    chapter("A test mail is sent, and the queue tells that it has left")
    visitor.press("Send everybody a test mail", "main")
    visitor.see("Done", "cash@acme.example")
    visitor.follow("Mails", "nav")
    assert "sent" in visitor.row("acme: test"), visitor.text
    visitor.follow("acme: test", "main")
    visitor.see("cash@acme.example", "This is a test of the alerts of drop acme.")
    visitor.expect_no_complaints()

    chapter("Whoever is signed out sees nothing any more")
    visitor.press("Sign out")
    visitor.go("/files")
    assert visitor.path == "/sign-in", visitor.path
    visitor.expect_no_complaints()


with tempfile.TemporaryDirectory() as downloads, Visitor(SCENE["url"], downloads) as somebody:
    try:
        walk(somebody)
    except BaseException:
        print(f"on {somebody.path}:\n{somebody.text}", file=sys.stderr)
        raise
