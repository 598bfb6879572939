#pragma once

#include <libssh/libssh.h>
#include <libssh/callbacks.h>
#include <pthread.h>
#include <stdbool.h>
#include <sys/eventfd.h>
#if defined(__aarch64__)
#include <sys/auxv.h>
#endif

// What Swift's view of the C library leaves out.

static inline int clibssh_eventfd(void) {
    return eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
}

// Whether the processor computes AES itself. /proc/cpuinfo does not exist under ProcSubset=pid.
static inline bool clibssh_has_aes(void) {
#if defined(__x86_64__)
    return __builtin_cpu_supports("aes");
#elif defined(__aarch64__)
    return (getauxval(AT_HWCAP) & (1UL << 3)) != 0;
#else
    return false;
#endif
}
