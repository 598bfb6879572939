#pragma once

#include <fcntl.h>

// What Swift cannot call or see: variadic functions and macros behind _GNU_SOURCE.

/// Takes an open-file-description lock on the whole file, without waiting.
/// Returns 0, or -1 with errno EAGAIN or EACCES when another description holds it.
int ld_lock_description(int descriptor);

/// openat(2) that never follows a link in the last component and is closed on exec.
int ld_open_at(int folder, const char *name, int flags, mode_t mode);
