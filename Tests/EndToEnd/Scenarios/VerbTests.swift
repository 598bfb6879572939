import Foundation
import TestSupport
import Testing

/// The verbs that only look.
@Suite(.timeLimit(.minutes(5)))
struct VerbTests {
    /// A drop with a loaded, a partly loaded, a failed and an ignored file.
    private func drop() async throws -> EndToEndDrop {
        let drop = try await EndToEndDrop.start()
        try await drop.put(
            .customers("C1,Acme,1.00,USD"),
            .invoices(invoice("I1"), invoice("I2", ["due_date": "soon"])),
            .sheet("contacts", "customer_id,first_name", ["C1,Ada"]),
            DroppedFile("x", in: "contacts/pending", name: "notes.txt")
        )
        try await drop.poll(65)
        return drop
    }

    private func object(_ result: CommandResult) throws -> Any {
        #expect(result.status == 0, "\(result.errors)")
        return try JSONSerialization.jsonObject(with: Data(result.output.utf8))
    }

    @Test func `status, files and explain say what is the matter, as text and as JSON`() async throws {
        let drop = try await drop()
        let status = try await drop.run("status")
        #expect(status.status == 0)
        #expect(status.output.contains("acme"))
        #expect(status.output.contains("4 listed = 3 batched + 0 waiting + 0 settled + 1 ignored"))
        let whole = try #require(try object(await drop.run("status", "--format", "json")) as? [String: Any])
        #expect(whole["drop"] as? String == "acme")
        #expect((whole["last_run"] as? [String: Any])?["listed"] as? Int == 4)
        for health in ["alive", "able", "fresh"] {
            #expect((whole[health] as? [String: Any])?["ok"] is Bool, "\(health)")
        }

        let files = try await drop.run("files")
        #expect(files.output.contains("open_invoices.csv") && files.output.contains("loaded_with_errors"))
        let rows = try #require(try object(await drop.run("files", "--format", "json")) as? [[String: Any]])
        let states = rows.reduce(into: [:]) { $0[$1["name"] as? String] = $1["state"] as? String }
        #expect(
            states == [
                "customers_with_open_balances.csv": "loaded", "open_invoices.csv": "loaded_with_errors",
                "contacts.csv": "failed", "notes.txt": "ignored",
            ]
        )

        let explain = try await drop.run("explain", "open_invoices.csv")
        #expect(explain.status == 0)
        for word in [
            "loaded_with_errors", "in batch of run 1", "received, sha256",
            "moved to processed/, errors report written",
            "digest 1 ", "line 3 due_date bad_date", "ledgerdrop errors",
        ] {
            #expect(explain.output.contains(word), "\(explain.output)")
        }
        let told = try #require(
            try object(await drop.run("explain", "contacts.csv", "--format", "json")) as? [[String: Any]]
        )
        #expect(told.first?["reason"] as? String == "missing_required_column")
        let ignored = try await drop.run("explain", "notes.txt")
        #expect(ignored.status == 0 && ignored.output.contains("not_csv_name"))
        let never = try await drop.run("explain", "open_invoice.csv")
        #expect(never.status == 66)
        #expect(never.errors.contains("was ever seen") && never.errors.contains("the last listing began at"))
        #expect(never.errors.contains("near it: open_invoices.csv"))
    }

    @Test func `check says what would become of a local file and changes nothing`() async throws {
        let drop = try await drop()
        let before = try drop.query("SELECT seq, event FROM events")
        let rows = [
            invoice("I5", ["due_date": "2025-02-30"]), invoice("I6", ["customer_id": "C9"]), invoice("I7"),
        ]
        let text = ([DroppedFile.invoiceHeader] + rows).map { $0 + "\n" }.joined()
        let path = try drop.folder.write(text, to: "open_invoices.csv")
        let checked = try await drop.run("check", path)
        #expect(checked.status == 65, "\(checked.errors)")
        #expect(checked.output.contains("open_invoices.csv:2: due_date:"), "\(checked.output)")
        #expect(checked.output.contains("open_invoices.csv:3: customer_id:"), "\(checked.output)")
        let good = try drop.folder.write(
            "\(DroppedFile.invoiceHeader)\n\(invoice("I1"))\n\(invoice("I2"))\n",
            to: "good.csv"
        )
        let fine = try await drop.run("check", "--type", "open_invoices", good)
        #expect(fine.status == 0, "\(fine.output)\(fine.errors)")
        #expect(try await drop.run("check", drop.folder.path("none.csv")).status == 66)
        try drop.expect("SELECT seq, event FROM events", gives: before)
        try drop.expect("SELECT invoice_id FROM open_invoices", gives: ["I1"])
        try drop.expectInvariants()
    }

    @Test func `template, log and a wrong command line answer as documented`() async throws {
        let drop = try await drop()
        let template = try await drop.runBare("template", "payment_applications")
        #expect(
            template.output.hasPrefix(
                "payment_id,invoice_id,amount,application_id,application_date,currency"
            ),
            "\(template.errors)"
        )
        let log = try await drop.run("log")
        #expect(log.status == 0 && log.output.contains("open_invoices.csv"), "\(log.errors)")
        #expect(try await drop.runBare("nonsense").status == 64)
        #expect(try await drop.runBare("template", "unicorns").status == 66)
        #expect(try await drop.run("errors", "nothing.csv").status == 66)
    }
}
