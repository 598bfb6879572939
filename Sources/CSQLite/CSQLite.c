#include <fcntl.h>
#include <sqlite3.h>
#include <stddef.h>

#include "CSQLite.h"

int ld_count_no_memory(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }

static _Thread_local int ld_descriptor = -1;

static int ld_open(const char *path, int flags, int mode) {
    ld_descriptor = open(path, flags, mode);
    return ld_descriptor;
}

int ld_note_descriptors(void) {
    sqlite3_vfs *system = sqlite3_vfs_find(NULL);
    if (system == NULL || system->iVersion < 3 || system->xSetSystemCall == NULL) return SQLITE_NOTFOUND;
    return system->xSetSystemCall(system, "open", (sqlite3_syscall_ptr)ld_open);
}

int ld_take_descriptor(void) {
    int descriptor = ld_descriptor;
    ld_descriptor = -1;
    return descriptor;
}
