#include <sqlite3.h>

#include "CSQLite.h"

int ld_count_no_memory(void) { return sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); }
