extension Migrations {
    /// The comparison of what is open with what is stated.
    static let reconciliation = """
        -- The last comparison of stated balances with open items. One row; its variances are those of its number.
        CREATE TABLE reconciliation (
            one          INTEGER PRIMARY KEY CHECK (one = 1),
            number       INTEGER NOT NULL,
            at           TEXT NOT NULL,
            through_seq  INTEGER NOT NULL,
            settings     TEXT NOT NULL,
            customers    INTEGER NOT NULL,
            variances    INTEGER NOT NULL
        ) STRICT;
        -- Exact decimal text. Without a stated amount: items in another currency than the customer's own.
        CREATE TABLE variance (
            number       INTEGER NOT NULL,
            customer_id  TEXT NOT NULL,
            currency     TEXT NOT NULL,
            stated       TEXT,
            computed     TEXT NOT NULL,
            variance     TEXT,
            PRIMARY KEY (number, customer_id, currency)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE variance_total (
            currency     TEXT PRIMARY KEY,
            customers    INTEGER NOT NULL,
            net          TEXT NOT NULL,
            gross        TEXT NOT NULL
        ) STRICT, WITHOUT ROWID;
        """

    /// What a comparison needs to look at changes alone.
    static let balancesByChange = """
        -- What was found before is found anew.
        DROP VIEW IF EXISTS reconciliation_variances;
        DROP TABLE variance;
        DELETE FROM variance_total;
        DELETE FROM reconciliation;
        -- Items less stated balance, where that is not 0: high billions and low of the smallest unit. Exact decimal text
        -- for people: without a stated amount, items in another currency than the customer's own. Not shown are those of
        -- customers who were made up for their items.
        CREATE TABLE variance (
            number       INTEGER NOT NULL,
            is_shown     INTEGER NOT NULL,
            customer_id  TEXT NOT NULL,
            currency     TEXT NOT NULL,
            scale        INTEGER NOT NULL,
            high         INTEGER NOT NULL,
            low          INTEGER NOT NULL,
            stated       TEXT,
            computed     TEXT NOT NULL,
            variance     TEXT,
            PRIMARY KEY (number, is_shown, customer_id, currency)
        ) STRICT, WITHOUT ROWID;
        -- From where on changes are kept: the highest id of each table when the comparison of this number began.
        CREATE TABLE reckoning (
            one          INTEGER PRIMARY KEY CHECK (one = 1),
            number       INTEGER NOT NULL,
            customer     INTEGER NOT NULL,
            invoice      INTEGER NOT NULL,
            payment      INTEGER NOT NULL,
            credit_memo  INTEGER NOT NULL
        ) STRICT;
        -- What rows counted for in it that have changed since; of a payment or credit memo by its lines and by its file.
        CREATE TABLE reckoned (
            kind         TEXT NOT NULL,
            id           INTEGER NOT NULL,
            customer_id  TEXT,
            currency     TEXT,
            scale        INTEGER NOT NULL,
            by_lines     INTEGER NOT NULL,
            by_file      INTEGER NOT NULL,
            PRIMARY KEY (kind, id)
        ) STRICT, WITHOUT ROWID;
        """
}
