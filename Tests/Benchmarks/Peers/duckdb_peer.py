"""DuckDB as a peer: `load CSV DATABASE` writes an SQLite database, `count CSV` only splits, `nothing` starts."""
import pathlib
import sys

import duckdb

TYPES = {
    "invoice_id": "BIGINT", "invoice_date": "DATE", "due_date": "DATE", "amount": "DECIMAL(18,2)",
    "balance": "DECIMAL(18,2)", "subtotal": "DECIMAL(18,2)", "tax_amount": "DECIMAL(18,2)", "updated_at": "TIMESTAMP",
}


def source(path):
    with open(path, encoding="utf-8") as file:
        names = file.readline().strip().split(",")
    columns = ", ".join(f"'{name}': '{TYPES.get(name, 'VARCHAR')}'" for name in names)
    return (
        f"read_csv('{path}', header=true, auto_detect=false, delim=',', quote='\"', escape='\"', "
        f"parallel=true, columns={{{columns}}})"
    )


verb, *rest = sys.argv[1:]
database = duckdb.connect(config={"allow_unsigned_extensions": "true"})
if verb == "load":
    import duckdb_ext

    folder = pathlib.Path(list(duckdb_ext.__path__)[0])
    extension = next(folder.glob(f"extensions/v{duckdb.__version__}/*/sqlite_scanner.duckdb_extension"))
    database.execute(f"LOAD '{extension}'")
    database.execute(f"ATTACH '{rest[1]}' AS s (TYPE sqlite)")
    database.execute(f"CREATE TABLE s.invoice AS SELECT * FROM {source(rest[0])}")
elif verb == "count":
    print(database.execute(f"SELECT count(*) FROM {source(rest[0])}").fetchone()[0])
