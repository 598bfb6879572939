// Preloaded under ThreadSanitizer, which does not see into Swift's own library: there a `Mutex` for which somebody waits is
// taken and given back, and without this all that it guards would look as if it were not guarded.
//     clang -O1 -shared -fPIC -o mutex.so mutex.c
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdbool.h>
#include <stdint.h>

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *mutex
#define HANDLE "$s15Synchronization12_MutexHandleV"

// ThreadSanitizer's own, in the program; a program without it is left as it is.
extern void __tsan_acquire(void *address) __attribute__((weak));
extern void __tsan_release(void *address) __attribute__((weak));

typedef SWIFT void lock_slow(uint32_t thread, SELF);
typedef SWIFT bool try_slow(SELF);
typedef SWIFT void unlock_slow(SELF);

SWIFT void hooked_lock(uint32_t thread, SELF) __asm__(HANDLE "9_lockSlowyys6UInt32VF");
SWIFT void hooked_lock(uint32_t thread, SELF) {
    static lock_slow *next;
    if (!next) next = (lock_slow *)dlsym(RTLD_NEXT, HANDLE "9_lockSlowyys6UInt32VF");
    next(thread, mutex);
    if (__tsan_acquire) __tsan_acquire(mutex);
}

SWIFT bool hooked_try(SELF) __asm__(HANDLE "12_tryLockSlowSbyF");
SWIFT bool hooked_try(SELF) {
    static try_slow *next;
    if (!next) next = (try_slow *)dlsym(RTLD_NEXT, HANDLE "12_tryLockSlowSbyF");
    bool is_ours = next(mutex);
    if (is_ours && __tsan_acquire) __tsan_acquire(mutex);
    return is_ours;
}

SWIFT void hooked_unlock(SELF) __asm__(HANDLE "11_unlockSlowyyF");
SWIFT void hooked_unlock(SELF) {
    static unlock_slow *next;
    if (!next) next = (unlock_slow *)dlsym(RTLD_NEXT, HANDLE "11_unlockSlowyyF");
    if (__tsan_release) __tsan_release(mutex);
    next(mutex);
}
