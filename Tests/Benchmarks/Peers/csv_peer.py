"""The way most would write the load: csv, checks, upserts. csv_peer.py DATABASE CUSTOMERS INVOICES"""
import csv
import datetime
import json
import re
import sqlite3
import sys

CURRENCIES = {"EUR": 2, "USD": 2, "GBP": 2, "CHF": 2, "SEK": 2, "PLN": 2, "CAD": 2, "JPY": 0, "KWD": 3}
KINDS = {"", "invoice", "debit_memo", "finance_charge", "opening_balance"}
DISPUTES = {"", "none", "open", "resolved"}
REQUIRED = ("invoice_id", "invoice_number", "customer_id", "invoice_date", "due_date", "amount", "balance", "currency")
MONEY = ("amount", "balance", "subtotal", "tax_amount")
CUSTOM = ("cost_center", "sales_region", "delivery_note", "notes")
DECIMAL = re.compile(r"-?\d+(\.\d+)?")


def minor(text, decimals):
    if not DECIMAL.fullmatch(text):
        raise ValueError(text)
    whole, _, fraction = text.partition(".")
    if len(fraction.rstrip("0")) > decimals:
        raise ValueError(text)
    return int(whole + fraction[:decimals].ljust(decimals, "0"))


def checked(path, customers, columns, run):
    with open(path, encoding="utf-8", newline="") as file:
        reader = csv.reader(file, strict=True)
        names = next(reader)
        places = {name: place for place, name in enumerate(names)}
        required = [places[name] for name in REQUIRED]
        dates = [places["invoice_date"], places["due_date"]]
        money = [places[name] for name in MONEY]
        custom = [(name, places[name]) for name in CUSTOM]
        kept = [places[name] for name in columns]
        currency, customer, kind = places["currency"], places["customer_id"], places["invoice_type"]
        dispute, updated = places["dispute_status"], places["updated_at"]
        for row in reader:
            try:
                if len(row) != len(names) or not all(row[place] for place in required):
                    raise ValueError("row")
                for place in dates:
                    datetime.date.fromisoformat(row[place])
                datetime.datetime.fromisoformat(row[updated])
                decimals = CURRENCIES[row[currency]]
                for place in money:
                    row[place] = minor(row[place], decimals) if row[place] else None
                if row[customer] not in customers or row[kind] not in KINDS or row[dispute] not in DISPUTES:
                    raise ValueError("row")
                if any(len(cell) > 4000 for cell in row if isinstance(cell, str)):
                    raise ValueError("row")
            except (ValueError, KeyError) as problem:
                print(reader.line_num, problem, file=sys.stderr)
                continue
            extra = json.dumps({name: row[place] for name, place in custom if row[place]}, ensure_ascii=False)
            yield [row[place] if row[place] != "" else None for place in kept] + [extra, run]


def main(path, customers_path, invoices_path):
    with open(customers_path, encoding="utf-8", newline="") as file:
        customers = {row[0] for row in csv.reader(file)}
    with open(invoices_path, encoding="utf-8", newline="") as file:
        columns = [name for name in next(csv.reader(file)) if name not in CUSTOM]
    database = sqlite3.connect(path, isolation_level=None)
    database.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-64000")
    fields = ", ".join(f"{name} {'INTEGER' if name in MONEY else 'TEXT'}" for name in columns)
    database.execute(
        f"CREATE TABLE IF NOT EXISTS invoice (id INTEGER PRIMARY KEY, {fields}, custom TEXT, run INTEGER,"
        " status TEXT NOT NULL DEFAULT 'OPEN', UNIQUE (invoice_id))"
    )
    run = database.execute("SELECT coalesce(max(run), 0) + 1 FROM invoice").fetchone()[0]
    names = columns + ["custom", "run"]
    updates = ", ".join(f"{name} = excluded.{name}" for name in names if name != "invoice_id")
    database.execute("BEGIN IMMEDIATE")
    database.executemany(
        f"INSERT INTO invoice ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        f" ON CONFLICT (invoice_id) DO UPDATE SET {updates}, status = 'OPEN'",
        checked(invoices_path, customers, columns, run),
    )
    database.execute("UPDATE invoice SET status = 'CLEARED', balance = 0 WHERE status = 'OPEN' AND run < ?", (run,))
    database.execute("COMMIT")
    database.close()


main(*sys.argv[1:])
