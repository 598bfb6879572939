#pragma once

// What Swift cannot call of SQLite: its variadic functions.

/// Lets SQLite's allocations go uncounted. The count is kept under one lock of the whole process, which then no connection
/// has to wait for. Only before the first connection is opened; returns 0, or an error code of SQLite.
int ld_count_no_memory(void);
