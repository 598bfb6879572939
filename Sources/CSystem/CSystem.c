#define _GNU_SOURCE
#include <unistd.h>

#include "CSystem.h"

int ld_lock_description(int descriptor) {
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0, .l_pid = 0};
    return fcntl(descriptor, F_OFD_SETLK, &whole);
}

int ld_open_at(int folder, const char *name, int flags, mode_t mode) {
    return openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
}
