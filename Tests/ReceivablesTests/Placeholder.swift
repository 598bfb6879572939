// ReceivablesTests
