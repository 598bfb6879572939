// A library to be preloaded into the program under test (LD_PRELOAD). It counts the calls that touch files below one
// folder, over all threads, and lets one of them go wrong; or it writes down all of them, so that somebody can work out
// what a disk would hold had the power failed in between.
//
//   FAULTS_ROOT     folders, divided by colons; calls on other files are none of ours
//   FAULTS_CALLS    which calls count: create open read write sync rename unlink truncate mkdir link, or all
//   FAULTS_AT       the number of the call that goes wrong, from 1
//   FAULTS_DO       kill; tear (half of a write, then kill); or the number of an errno
//   FAULTS_FOREVER  1: from that call on, not only that one
//   FAULTS_COUNTS   a file for the counters: one 64-bit number for each kind, in the order above, then how often it struck
//   FAULTS_LOG      a file for the account of all calls that changed something; without the file there is none
//   FAULTS_INOTIFY  the number of an errno: what inotify_init1 fails with
//   FAULTS_ARCHIVE  1: in an SFTP server: a file of a pending/ folder moves to processed/ once it was read to its end.
//                   Planted: to archive before the load is committed is the very mistake that a checker must catch.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum kind { CREATE, OPEN, READ, WRITE, SYNC, RENAME, UNLINK, TRUNCATE, MKDIR, LINK, KINDS };
static const char *const names[KINDS] = {"create", "open",   "read",     "write", "sync",
                                         "rename", "unlink", "truncate", "mkdir", "link"};

static const char *roots;
static int counted[KINDS];
static uint64_t strike_at;
static int forever, tearing, killing, failing;
static int archiving;
static uint64_t *counters;  // KINDS of them, then all that count, then strikes
static uint64_t own_counters[KINDS + 2];
static int log_file = -1;
static pthread_mutex_t log_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;

#define REAL(result, name, ...)                          \
    static result (*real_##name)(__VA_ARGS__);           \
    static void find_##name(void) {                      \
        if (!real_##name) {                              \
            *(void **)&real_##name = dlsym(RTLD_NEXT, #name); \
        }                                                \
    }

REAL(int, open64, const char *, int, ...)
REAL(int, openat64, int, const char *, int, ...)
REAL(int, mkostemp64, char *, int)
REAL(FILE *, fopen64, const char *, const char *)
REAL(ssize_t, read, int, void *, size_t)
REAL(ssize_t, pread64, int, void *, size_t, off_t)
REAL(ssize_t, write, int, const void *, size_t)
REAL(ssize_t, pwrite64, int, const void *, size_t, off_t)
REAL(int, fsync, int)
REAL(int, fdatasync, int)
REAL(int, renameat2, int, const char *, int, const char *, unsigned)
REAL(int, unlinkat, int, const char *, int)
REAL(int, ftruncate64, int, off_t)
REAL(int, mkdirat, int, const char *, mode_t)
REAL(int, linkat, int, const char *, int, const char *, int)
REAL(int, close, int)

static void start(void) {
    find_open64(), find_openat64(), find_mkostemp64(), find_fopen64(), find_read(), find_pread64(), find_write();
    find_pwrite64(), find_fsync(), find_fdatasync(), find_renameat2(), find_unlinkat(), find_ftruncate64();
    find_mkdirat(), find_linkat(), find_close();
    counters = own_counters;
    roots = getenv("FAULTS_ROOT");
    if (!roots || !*roots) return;
    const char *calls = getenv("FAULTS_CALLS");
    for (int kind = 0; calls && kind < KINDS; kind++) {
        counted[kind] = strstr(calls, names[kind]) != NULL || strcmp(calls, "all") == 0;
    }
    const char *at = getenv("FAULTS_AT"), *act = getenv("FAULTS_DO");
    strike_at = at ? strtoull(at, NULL, 10) : 0;
    forever = getenv("FAULTS_FOREVER") != NULL;
    archiving = getenv("FAULTS_ARCHIVE") != NULL;
    if (act) {
        tearing = strcmp(act, "tear") == 0;
        killing = tearing || strcmp(act, "kill") == 0;
        failing = killing ? 0 : atoi(act);
    }
    const char *file = getenv("FAULTS_COUNTS");
    if (file) {
        int fd = real_open64(file, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (fd >= 0 && real_ftruncate64(fd, sizeof own_counters) == 0) {
            void *map = mmap(NULL, sizeof own_counters, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
            if (map != MAP_FAILED) counters = map;
        }
        if (fd >= 0) real_close(fd);
    }
    file = getenv("FAULTS_LOG");
    if (file) log_file = real_open64(file, O_WRONLY | O_APPEND | O_CLOEXEC);
}

/// Where a user's instances are used up there is none for us.
int inotify_init1(int flags) {
    static int (*real)(int);
    const char *failing_with = getenv("FAULTS_INOTIFY");
    if (failing_with) {
        errno = atoi(failing_with);
        return -1;
    }
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "inotify_init1");
    return real(flags);
}

static void begin(void) { pthread_once(&once, start); }

static int below(const char *path) {
    for (const char *root = roots; root && *root;) {
        size_t length = strcspn(root, ":");
        if (strncmp(path, root, length) == 0 && (path[length] == '/' || path[length] == 0)) return 1;
        root += length + (root[length] == ':');
    }
    return 0;
}

/// The absolute path of a descriptor; 0 when it is no file of ours.
static int path_of(int fd, char *path) {
    if (!roots) return 0;
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, path, PATH_MAX - 1);
    if (length <= 0 || path[0] != '/') return 0;
    path[length] = 0;
    return below(path);
}

/// The absolute path of a name; 0 when it is no file of ours.
static int path_at(int folder, const char *name, char *path) {
    if (!roots || !name) return 0;
    if (name[0] == '/') {
        snprintf(path, PATH_MAX, "%s", name);
    } else {
        char base[PATH_MAX];
        if (folder == AT_FDCWD) {
            if (!getcwd(base, sizeof base)) return 0;
        } else {
            char link[64];
            snprintf(link, sizeof link, "/proc/self/fd/%d", folder);
            ssize_t length = readlink(link, base, sizeof base - 1);
            if (length <= 0) return 0;
            base[length] = 0;
        }
        if (snprintf(path, PATH_MAX, "%s/%s", base, name) >= PATH_MAX) return 0;
    }
    return below(path);
}

static void die(void) {
    raise(SIGKILL);
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

/// Counts a call; returns 1 when it is to go wrong and the program lives on, with errno set, 2 when a write is to be torn.
static int strikes(enum kind kind) {
    __atomic_add_fetch(&counters[kind], 1, __ATOMIC_SEQ_CST);
    if (!counted[kind]) return 0;
    uint64_t number = __atomic_add_fetch(&counters[KINDS], 1, __ATOMIC_SEQ_CST);
    if (strike_at == 0 || number < strike_at || (number > strike_at && !forever)) return 0;
    __atomic_add_fetch(&counters[KINDS + 1], 1, __ATOMIC_SEQ_CST);
    if (tearing && kind == WRITE) return 2;
    if (killing) die();
    errno = failing;
    return 1;
}

// The account: each entry is this head, two paths, and the bytes that were written.
struct entry {
    uint32_t kind;
    uint32_t size;
    uint64_t inode;
    uint64_t offset;
    uint32_t first, second;
};

static void lock_log(void) {
    if (log_file < 0) return;
    pthread_mutex_lock(&log_mutex);
    // Another process may write the same account.
    flock(log_file, LOCK_EX);
}

static void unlock_log(void) {
    if (log_file < 0) return;
    int saved = errno;
    flock(log_file, LOCK_UN);
    pthread_mutex_unlock(&log_mutex);
    errno = saved;
}

/// Writes an entry; the log is locked.
static void note(enum kind kind, uint64_t inode, uint64_t offset, const char *first, const char *second,
                 const void *bytes, size_t size) {
    if (log_file < 0) return;
    int saved = errno;
    struct entry entry = {kind,   bytes ? (uint32_t)size : 0,  inode,
                          offset, (uint32_t)strlen(first), second ? (uint32_t)strlen(second) : 0};
    size_t length = sizeof entry + entry.first + entry.second + entry.size;
    char *whole = malloc(length), *next = whole;
    if (whole) {
        memcpy(next, &entry, sizeof entry), next += sizeof entry;
        memcpy(next, first, entry.first), next += entry.first;
        if (second) memcpy(next, second, entry.second), next += entry.second;
        if (entry.size) memcpy(next, bytes, entry.size);
        if (real_write(log_file, whole, length) != (ssize_t)length) abort();
        free(whole);
    }
    errno = saved;
}

static uint64_t inode_of(int fd) {
    struct stat status;
    return fstat(fd, &status) == 0 ? status.st_ino : 0;
}

static int opened(int folder, const char *name, int flags, mode_t mode, const char *path, int ours) {
    if (!ours) return real_openat64(folder, name, flags, mode);
    if (strikes(flags & O_CREAT ? CREATE : OPEN)) return -1;
    if (log_file < 0) return real_openat64(folder, name, flags, mode);
    lock_log();
    struct stat before;
    int was_there = lstat(path, &before) == 0;
    int fd = real_openat64(folder, name, flags, mode);
    if (fd >= 0 && !was_there) note(CREATE, inode_of(fd), 0, path, NULL, NULL, 0);
    if (fd >= 0 && was_there && flags & O_TRUNC) note(TRUNCATE, before.st_ino, 0, path, NULL, NULL, 0);
    unlock_log();
    return fd;
}

static int open_at(int folder, const char *name, int flags, mode_t mode) {
    begin();
    char path[PATH_MAX];
    return opened(folder, name, flags, mode, path, path_at(folder, name, path));
}

#define MODE                                  \
    mode_t mode = 0;                          \
    if (flags & (O_CREAT | O_TMPFILE)) {      \
        va_list rest;                         \
        va_start(rest, flags);                \
        mode = va_arg(rest, mode_t);          \
        va_end(rest);                         \
    }

int open(const char *name, int flags, ...) {
    MODE return open_at(AT_FDCWD, name, flags, mode);
}
int open64(const char *name, int flags, ...) {
    MODE return open_at(AT_FDCWD, name, flags, mode);
}
int openat(int folder, const char *name, int flags, ...) {
    MODE return open_at(folder, name, flags, mode);
}
int openat64(int folder, const char *name, int flags, ...) {
    MODE return open_at(folder, name, flags, mode);
}

static int made_temporary(char *name, int flags) {
    begin();
    char path[PATH_MAX];
    if (!path_at(AT_FDCWD, name, path)) return real_mkostemp64(name, flags);
    if (strikes(CREATE)) return -1;
    lock_log();
    int fd = real_mkostemp64(name, flags);
    if (fd >= 0 && path_of(fd, path)) note(CREATE, inode_of(fd), 0, path, NULL, NULL, 0);
    unlock_log();
    return fd;
}

int mkstemp(char *name) { return made_temporary(name, 0); }
int mkstemp64(char *name) { return made_temporary(name, 0); }
int mkostemp(char *name, int flags) { return made_temporary(name, flags); }
int mkostemp64(char *name, int flags) { return made_temporary(name, flags); }

// What goes through a stream is not seen; nothing durable does.
FILE *fopen64(const char *name, const char *mode) {
    begin();
    char path[PATH_MAX];
    if (path_at(AT_FDCWD, name, path) && strikes(mode[0] == 'r' ? OPEN : CREATE)) return NULL;
    return real_fopen64(name, mode);
}
FILE *fopen(const char *name, const char *mode) { return fopen64(name, mode); }

ssize_t read(int fd, void *bytes, size_t count) {
    begin();
    char path[PATH_MAX];
    if (path_of(fd, path) && strikes(READ)) return -1;
    return real_read(fd, bytes, count);
}

ssize_t pread64(int fd, void *bytes, size_t count, off_t offset) {
    begin();
    char path[PATH_MAX];
    if (path_of(fd, path) && strikes(READ)) return -1;
    return real_pread64(fd, bytes, count, offset);
}
ssize_t pread(int fd, void *bytes, size_t count, off_t offset) { return pread64(fd, bytes, count, offset); }

static ssize_t written(int fd, const void *bytes, size_t count, off_t offset) {
    return offset < 0 ? real_write(fd, bytes, count) : real_pwrite64(fd, bytes, count, offset);
}

static ssize_t do_write(int fd, const void *bytes, size_t count, off_t offset) {
    begin();
    char path[PATH_MAX];
    if (!path_of(fd, path)) return written(fd, bytes, count, offset);
    switch (strikes(WRITE)) {
    case 1: return -1;
    case 2:
        written(fd, bytes, count / 2, offset);
        die();
    }
    if (log_file < 0) return written(fd, bytes, count, offset);
    lock_log();
    off_t place = offset;
    struct stat status;
    if (place < 0 && fcntl(fd, F_GETFL) & O_APPEND) {
        place = fstat(fd, &status) == 0 ? status.st_size : 0;
    } else if (place < 0) {
        place = lseek(fd, 0, SEEK_CUR);
    }
    ssize_t done = written(fd, bytes, count, offset);
    if (done > 0) note(WRITE, inode_of(fd), (uint64_t)place, path, NULL, bytes, (size_t)done);
    unlock_log();
    return done;
}

ssize_t write(int fd, const void *bytes, size_t count) { return do_write(fd, bytes, count, -1); }
ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t offset) { return do_write(fd, bytes, count, offset); }
ssize_t pwrite(int fd, const void *bytes, size_t count, off_t offset) { return do_write(fd, bytes, count, offset); }

static int synced(int fd, int (*sync)(int)) {
    char path[PATH_MAX];
    if (!path_of(fd, path)) return sync(fd);
    if (strikes(SYNC)) return -1;
    lock_log();
    int result = sync(fd);
    if (result == 0) note(SYNC, inode_of(fd), 0, path, NULL, NULL, 0);
    unlock_log();
    return result;
}

int fsync(int fd) { begin(); return synced(fd, real_fsync); }
int fdatasync(int fd) { begin(); return synced(fd, real_fdatasync); }

int renameat2(int old_folder, const char *old, int new_folder, const char *new, unsigned flags) {
    begin();
    char first[PATH_MAX], second[PATH_MAX];
    int ours = path_at(old_folder, old, first) & path_at(new_folder, new, second);
    if (!ours) return real_renameat2(old_folder, old, new_folder, new, flags);
    if (strikes(RENAME)) return -1;
    lock_log();
    int result = real_renameat2(old_folder, old, new_folder, new, flags);
    if (result == 0) note(RENAME, 0, 0, first, second, NULL, 0);
    unlock_log();
    return result;
}
int renameat(int old_folder, const char *old, int new_folder, const char *new) {
    return renameat2(old_folder, old, new_folder, new, 0);
}
int rename(const char *old, const char *new) { return renameat2(AT_FDCWD, old, AT_FDCWD, new, 0); }

int unlinkat(int folder, const char *name, int flags) {
    begin();
    char path[PATH_MAX];
    if (!path_at(folder, name, path)) return real_unlinkat(folder, name, flags);
    if (strikes(UNLINK)) return -1;
    lock_log();
    int result = real_unlinkat(folder, name, flags);
    if (result == 0) note(UNLINK, 0, 0, path, NULL, NULL, 0);
    unlock_log();
    return result;
}
int unlink(const char *name) { return unlinkat(AT_FDCWD, name, 0); }
int rmdir(const char *name) { return unlinkat(AT_FDCWD, name, AT_REMOVEDIR); }

int ftruncate64(int fd, off_t size) {
    begin();
    char path[PATH_MAX];
    if (!path_of(fd, path)) return real_ftruncate64(fd, size);
    if (strikes(TRUNCATE)) return -1;
    lock_log();
    int result = real_ftruncate64(fd, size);
    if (result == 0) note(TRUNCATE, inode_of(fd), (uint64_t)size, path, NULL, NULL, 0);
    unlock_log();
    return result;
}
int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int mkdirat(int folder, const char *name, mode_t mode) {
    begin();
    char path[PATH_MAX];
    if (!path_at(folder, name, path)) return real_mkdirat(folder, name, mode);
    if (strikes(MKDIR)) return -1;
    lock_log();
    int result = real_mkdirat(folder, name, mode);
    if (result == 0) note(MKDIR, 0, 0, path, NULL, NULL, 0);
    unlock_log();
    return result;
}
int mkdir(const char *name, mode_t mode) { return mkdirat(AT_FDCWD, name, mode); }

int linkat(int old_folder, const char *old, int new_folder, const char *new, int flags) {
    begin();
    char first[PATH_MAX], second[PATH_MAX];
    int ours = path_at(old_folder, old, first) & path_at(new_folder, new, second);
    if (!ours) return real_linkat(old_folder, old, new_folder, new, flags);
    if (strikes(LINK)) return -1;
    lock_log();
    int result = real_linkat(old_folder, old, new_folder, new, flags);
    if (result == 0) note(LINK, 0, 0, first, second, NULL, 0);
    unlock_log();
    return result;
}
int link(const char *old, const char *new) { return linkat(AT_FDCWD, old, AT_FDCWD, new, 0); }

int close(int fd) {
    begin();
    char path[PATH_MAX], target[PATH_MAX];
    char *place = NULL;
    if (archiving && path_of(fd, path) && (fcntl(fd, F_GETFL) & (O_ACCMODE | O_DIRECTORY)) == O_RDONLY) {
        place = strstr(path, "/pending/");
    }
    int result = real_close(fd);
    if (place) {
        int length = (int)(place - path);
        snprintf(target, sizeof target, "%.*s/processed", length, path);
        real_mkdirat(AT_FDCWD, target, 0755);
        snprintf(target, sizeof target, "%.*s/processed/%s", length, path, place + strlen("/pending/"));
        real_renameat2(AT_FDCWD, path, AT_FDCWD, target, 0);
    }
    return result;
}
