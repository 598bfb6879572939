import GRDB
package import Receivables

/// The links from customers to their parents.
extension LoadTransaction {
    /// Sets or takes away a customer's parent.
    ///
    /// - Returns: Whether anything stored changed.
    package func link(customer: String, to parent: String?, isInCycle: Bool) throws -> Bool {
        try db.execute(
            sql: """
                UPDATE customer SET parent_id = :parent, parent_cycle = :cycle, file_id = :file
                WHERE customer_id = :customer AND (parent_id IS NOT :parent OR parent_cycle IS NOT :cycle)
                """,
            arguments: ["parent": parent, "cycle": isInCycle ? 1 : nil, "file": file, "customer": customer]
        )
        return db.changesCount > 0
    }

    package func isCustomer(_ id: String) throws -> Bool {
        try Bool.fetchOne(
            db,
            sql: "SELECT EXISTS (SELECT 1 FROM customer WHERE customer_id = ?)",
            arguments: [id]
        )
            ?? false
    }

    /// Whether a record of a type with a single key is stored.
    package func isStored(_ key: String, _ type: RecordType) throws -> Bool {
        guard case .single(let column) = type.identity else { return false }
        return try Bool.fetchOne(
            db,
            sql: "SELECT EXISTS (SELECT 1 FROM \(type.table) WHERE \(column) = ?)",
            arguments: [key]
        )
            ?? false
    }

    /// Links the customers that have waited for a parent which is stored now and closes no loop.
    ///
    /// - Returns: How many were linked.
    package func linkWaitingCustomers() throws -> Int {
        let waiting = try Row.fetchAll(
            db,
            sql: """
                SELECT c.customer_id, c.parent_wanted FROM customer c
                  JOIN customer p ON p.customer_id = c.parent_wanted
                 WHERE c.parent_wanted IS NOT NULL AND c.parent_id IS NULL AND c.parent_cycle IS NULL
                """
        )
        var linked = 0
        for row in waiting {
            let customer: String = row["customer_id"]
            let parent: String = row["parent_wanted"]
            let closesLoop = try Bool.fetchOne(
                db,
                sql: """
                    WITH RECURSIVE up (id) AS (
                        SELECT :parent UNION SELECT c.parent_id FROM up JOIN customer c ON c.customer_id = up.id
                         WHERE c.parent_id IS NOT NULL
                    ) SELECT EXISTS (SELECT 1 FROM up WHERE id = :customer)
                    """,
                arguments: ["parent": parent, "customer": customer]
            )
            if try link(
                customer: customer,
                to: closesLoop == true ? nil : parent,
                isInCycle: closesLoop == true
            ) {
                linked += 1
            }
        }
        return linked
    }

    /// Adds a customer that is known from a reference alone, and links those that have waited for it.
    package func addStub(customer: String, currency: String, scale: Int) throws {
        try db.execute(
            sql: """
                INSERT INTO customer (customer_id, name, balance, currency, scale, stub, file_id)
                VALUES (:id, :id, 0, :currency, :scale, 1, :file)
                """,
            arguments: ["id": customer, "currency": currency, "scale": scale, "file": file]
        )
        // It names no parent itself, so that no loop can be closed.
        try db.execute(
            sql: """
                UPDATE customer SET parent_id = :id, file_id = :file
                 WHERE parent_wanted = :id AND parent_id IS NULL AND parent_cycle IS NULL
                """,
            arguments: ["id": customer, "file": file]
        )
    }
}
