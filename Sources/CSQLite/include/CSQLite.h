#pragma once

// What Swift cannot call of SQLite: its variadic functions, and what needs a variable of each thread.

/// Lets SQLite's allocations go uncounted. The count is kept under one lock of the whole process, which then no connection
/// has to wait for. Only before the first connection is opened; returns 0, or an error code of SQLite.
int ld_count_no_memory(void);

/// Lets the files of SQLite's own file system tell their descriptors. Only before the first one is opened; returns 0, or an error
/// code of SQLite: then they tell none.
int ld_note_descriptors(void);

/// The descriptor that SQLite got last on this thread, or -1 if it got none since this was asked.
int ld_take_descriptor(void);
