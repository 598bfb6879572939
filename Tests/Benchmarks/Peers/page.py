"""Asks every page of two daemons, one with little and one with much in its ledger, and of the latter during loads.

Little is as few files as fill a page of each list that is asked for: a list of three rows beside one of fifty would tell
nothing of size. So some fifty of each kind, 420 in all, and a hundred runs and mails.

page.py LEDGERDROP WORK FILES INVOICES REQUESTS: prints JSON, milliseconds by page. Ledgers are seeded through SQL, since
loading a hundred thousand files takes hours; what is loaded while pages are asked goes through the real daemon.
"""

import concurrent.futures
import datetime
import http.client
import itertools
import json
import math
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.parse

NAME, PASSWORD = "bench@acme.example", "correct horse battery staple"
TYPES = ["open_invoices", "customers_with_open_balances", "contacts", "payment_receipts"]
FIRST_RUN = 1_000_000


class Drop:
    def __init__(self, program, folder, files, invoices):
        self.program, self.folder, self.files, self.invoices = program, folder, files, invoices
        os.makedirs(folder + "/inbox/open_invoices/pending")
        os.makedirs(folder + "/state", mode=0o700)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.configuration = folder + "/acme.yaml"
        with open(self.configuration, "w") as file:
            file.write(
                f"name: acme\nstate_directory: {folder}/state\ninbox: {{ url: 'file://{folder}/inbox', after: delete }}\n"
                f"schedule: {{ quiet_period: 0s, minute: {(datetime.datetime.utcnow().minute + 30) % 60}, catch_up: false }}\n"
                f"page: {{ listen: '127.0.0.1:{self.port}' }}\n"
            )
        self.verb("poll")
        self.verb("user", "add", NAME, "--role", "viewer", input=PASSWORD + "\n")
        self.seed()
        self.tell_nothing()
        self.daemon = subprocess.Popen(
            [program, "run", "--config", self.configuration],
            stdout=subprocess.DEVNULL,
            stderr=open(folder + "/daemon.log", "w"),
        )

    def verb(self, *words, input=None):
        result = subprocess.run(
            [self.program, *words, "--config", self.configuration], input=input, capture_output=True, text=True
        )
        if result.returncode not in (0, 65):
            raise SystemExit(f"{words}: {result.stderr}")

    def seed(self):
        db = sqlite3.connect(self.folder + "/state/ledger.sqlite")
        db.execute("PRAGMA synchronous = OFF")
        now = datetime.datetime.utcnow()
        # All of them in the last month, whatever their number, and a hundred of them just now.
        step = 30 * 86400 / self.files

        def at(index):
            age = self.files - index
            moment = now - datetime.timedelta(seconds=age if age <= 100 else age * step)
            return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")

        self.since = at(self.files - 100)[:10]

        runs = self.runs = max(100, self.files // 20)
        db.execute("INSERT INTO customer (customer_id, name, balance, currency) VALUES ('c1', 'C', 0, 'EUR')")
        db.executemany(
            "INSERT INTO run (run_id, slot, trigger, state, stage, started_at, finished_at, listed, batched, waiting,"
            " settled, ignored) VALUES (?, ?, 'request', 'finished', 'done', ?, ?, 20, 20, 0, 0, 0)",
            ((FIRST_RUN + run, *[at(run * self.files // runs)] * 3) for run in range(runs)),
        )
        mails = max(100, runs // 5)
        self.cleared = self.files // 8 * 4 + 1
        files, events, issues = [], [], []
        for index in range(self.files):
            state = self.state(index)
            state = "held" if index >= self.files - 3 else state
            kind, run, rejected = TYPES[index % 4], FIRST_RUN + index * runs // self.files, 0
            if state == "loaded_with_errors":
                rejected = 3
                issues += [(index + 1, row, row, "bad_date", "due_date", "no date") for row in (2, 3, 4)]
            name = f"{kind}-{at(index)[:10]}-{index:06d}.csv"
            cleared = 50 if index + 1 == self.cleared else 0
            files.append(
                (index + 1, run, kind, kind + "/pending", name.encode(), f"{kind}/pending/{name}", name, f"{index:064x}",
                 state, "not_csv" if state == "failed" else None, at(index), at(index),
                 None if state == "held" else at(index), rejected, cleared)
            )
            for word in ("file.received", "file." + state, "file.disposed"):
                events.append((at(index), word, run, index + 1, '{"rows_total":100}'))
        events += [(at(run * self.files // runs), "run.planned", FIRST_RUN + run, None, "{}") for run in range(runs)]
        db.executemany(
            "INSERT INTO file (file_id, run_id, type, directory, path, path_text, name, size, mtime, sha256, state, reason,"
            " first_seen_at, received_at, settled_at, attempt, gone, rows_total, rows_rejected, rows_cleared, rows_inserted,"
            " rows_updated, rows_unchanged, rows_parked, rows_deleted)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, 1000, 1, ?, ?, ?, ?, ?, ?, 1, 1, 100, ?, ?, 0, 0, 0, 0, 0)",
            files,
        )
        db.executemany("INSERT INTO event (at, event, run_id, file_id, detail) VALUES (?, ?, ?, ?, ?)", events)
        db.executemany(
            "INSERT INTO row_issue (file_id, record, line, byte_offset, severity, code, column_name, message)"
            " VALUES (?, ?, ?, 0, 'error', ?, ?, ?)",
            issues,
        )
        db.executemany(
            "INSERT INTO mail (mail_id, kind, subject, body, run_id, queued_at) VALUES (?, 'digest', 's', ?, ?, ?)",
            ((mail + 1, "x" * 2000, FIRST_RUN + mail * runs // mails, at(mail * self.files // mails)) for mail in range(mails)),
        )
        db.executemany(
            "INSERT INTO mail_recipient (mail_id, address, state, attempts, next_attempt_at, settled_at)"
            " VALUES (?, 'a@acme.example', 'sent', 1, '', '')",
            ((mail + 1,) for mail in range(mails)),
        )
        db.executemany(
            "INSERT INTO invoice (invoice_id, invoice_number, customer_id, invoice_date, due_date, amount, balance, currency,"
            " scale, status, cleared_date, file_id, memo) VALUES (?, ?, 'c1', '2026-01-01', ?, ?, ?, ?, 2, ?, ?, ?, ?)",
            (self.invoice(index, now) for index in range(self.invoices)),
        )
        db.commit()
        db.close()

    def state(self, index):
        if self.files > 1000:
            return {3: "failed", 7: "loaded_with_errors", 11: "duplicate"}.get(index % 31, "loaded")
        # As many of each kind as fill a page.
        odd = {1: "failed", 2: "duplicate", 3: "loaded_with_errors"}.get(index % 4, "loaded")
        return odd if index // 4 % 2 else "loaded"

    def invoice(self, index, now):
        due = (now - datetime.timedelta(days=index % 200 - 40)).strftime("%Y-%m-%d")
        is_cleared = index % 10 == 0
        # As many of them belong to the file that is looked at, however many there are.
        file = self.cleared if is_cleared and index < 500 else 1
        return (
            f"i{index}", f"R{index}", due, 1000 + index, 0 if is_cleared else 1000 + index, ("EUR", "USD", "GBP")[index % 3],
            "CLEARED" if is_cleared else "OPEN", "2026-11-01" if is_cleared else None, file, "what a memo may say" * 3,
        )

    def tell_nothing(self):
        """Lets the projections begin behind what was seeded."""
        db = sqlite3.connect(self.folder + "/state/ledger.sqlite")
        last = db.execute("SELECT max(seq) FROM event").fetchone()[0]
        db.execute("UPDATE cursor SET seq = ?", (last,))
        db.commit()
        db.close()
        with open(self.folder + "/state/status.log", "r+") as log:
            line = log.read().splitlines()[-1]
            log.write(re.sub(r'"seq":\d+', f'"seq":{last}', line) + "\n")
        with open(self.folder + "/state/status.seq", "r+") as kept:
            text = kept.read()
            kept.seek(0)
            kept.write(re.sub(r"\d+", lambda found: str(last).rjust(len(found.group()), "0"), text, count=1))

    def sign_in(self):
        for _ in range(600):
            try:
                self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
                self.line.request(
                    "POST", "/sign-in", urllib.parse.urlencode({"name": NAME, "password": PASSWORD}),
                    {"Content-Type": "application/x-www-form-urlencoded"},
                )
                reply = self.line.getresponse()
                reply.read()
                self.cookie = {"Cookie": reply.getheader("Set-Cookie").split(";")[0]}
                return
            except OSError:
                time.sleep(0.1)
        raise SystemExit(open(self.folder + "/daemon.log").read())

    def ask(self, page):
        """Milliseconds from the request to the last byte."""
        start = time.perf_counter()
        self.line.request("GET", page, headers=self.cookie)
        reply = self.line.getresponse()
        reply.read()
        if reply.status != 200:
            raise SystemExit(f"{page}: {reply.status}")
        return (time.perf_counter() - start) * 1000

    def wait_for_figures(self):
        for _ in range(600):
            self.line.request("GET", "/api/v1/figures", headers=self.cookie)
            reply = self.line.getresponse()
            reply.read()
            if reply.status == 200:
                return
            time.sleep(0.1)
        raise SystemExit("no figures")

    def write_loads(self):
        """Two files each of which changes every open invoice when it comes after the other.

        Beforehand: while it writes, this process answers itself late, and would blame the daemon for it.
        """
        for number in range(2):
            with open(f"{self.folder}/load{number}.csv", "w") as file:
                file.write("invoice_id,invoice_number,customer_id,invoice_date,due_date,amount,balance,currency\n")
                for index in range(self.invoices):
                    if index % 10:
                        file.write(f"i{index},R{index},c1,2026-01-01,2026-11-01,{number + 1}.00,{number + 1}.00,EUR\n")

    def load(self, number):
        """One run that changes every open invoice."""
        path = self.folder + "/inbox/open_invoices/pending/"
        shutil.copyfile(f"{self.folder}/load{number % 2}.csv", f"{path}.load{number}")
        os.rename(f"{path}.load{number}", f"{path}load{number}.csv")
        self.verb("poll")

    def stop(self):
        self.daemon.terminate()
        self.daemon.wait()

    def pages(self):
        file = self.cleared
        return {
            "/": "/", "files": "/files", "files by state": "/files?state=failed",
            "files by type and state": "/files?type=contacts&state=loaded", "files that need a person": "/files?needs=person",
            "files since": f"/files?since={self.since}", "files by name": "/files?name=2026", "a name that is not there":
            "/files?name=nosuchname", "a name in a state": "/files?name=contacts&state=duplicate",
            "the last files": "/files?before=52", "a file": f"/files/{file}", "a file with findings": "/files/8",
            "what a file cleared": f"/files/{file}/cleared", "runs": "/runs", "pictures": "/pictures",
            "picture of days": "/pictures/days.svg", "picture of ages": "/pictures/aging/EUR.svg", "types": "/types",
            "api overview": "/api/v1/overview", "api files": "/api/v1/files", "api file": f"/api/v1/files/{file}",
            "api issues": "/api/v1/files/8/issues", "api aging": "/api/v1/invoices/aging", "api figures": "/api/v1/figures",
            "api mails": "/api/v1/mails", "api runs": "/api/v1/runs",
        }


def spread(drop, requests):
    """How long each page takes while a file is loaded and without, by turns: the speed of a machine changes in minutes.

    All pages in turn, a few times each, from the beginning of a load to its end: so what happens now and then meets all
    alike.
    """
    pages, loads = drop.pages(), 0
    turn = itertools.cycle(pages)
    loading, alone = ({name: [] for name in pages} for _ in range(2))
    ledger = sqlite3.connect(f"file:{drop.folder}/state/ledger.sqlite?mode=ro", uri=True, timeout=60)

    def is_loading():
        return ledger.execute("SELECT 1 FROM run WHERE state = 'running' LIMIT 1").fetchone() is not None

    loader = concurrent.futures.ThreadPoolExecutor(1)
    while min(map(len, loading.values())) < requests:
        load = loader.submit(drop.load, loads)
        while not is_loading() and not load.done():
            time.sleep(0.02)
        while is_loading():
            name = next(turn)
            loading[name] += [drop.ask(pages[name]) for _ in range(10)]
        load.result()
        loads += 1
        # What the load has left to the disk is not of the time without one.
        os.sync()
        for _ in range(max(map(len, loading.values())) // 10):
            for name in pages:
                if len(alone[name]) < len(loading[name]):
                    alone[name] += [drop.ask(pages[name]) for _ in range(10)]
    told = {name: {"alone": figures(alone[name]), "loading": figures(loading[name])} for name in pages}
    return told, loads


def figures(times):
    times = sorted(times)
    return {"median": times[len(times) // 2], "p99": times[math.ceil(len(times) * 0.99) - 1]}


def main():
    program, work, files, invoices, requests = sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6])
    small, large = Drop(program, work + "/small", 420, 1000), Drop(program, work + "/large", files, invoices)
    try:
        for drop in (small, large):
            drop.sign_in()
            drop.wait_for_figures()
        told = {}
        for name, page in small.pages().items():
            other = large.pages()[name]
            small.ask(page), large.ask(other)
            pairs = [(small.ask(page), large.ask(other)) for _ in range(requests)]
            told[name] = {"small": figures([pair[0] for pair in pairs]), "large": figures([pair[1] for pair in pairs])}
        large.write_loads()
        spreads, loads = spread(large, requests)
        for name, found in spreads.items():
            told[name] |= found
        json.dump({"files": files, "invoices": invoices, "requests": requests, "loads": loads, "pages": told}, sys.stdout)
    finally:
        small.stop(), large.stop()


main()
