#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "CLinux.h"

int ld_lock_description(int descriptor) {
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0, .l_pid = 0};
    return fcntl(descriptor, F_OFD_SETLK, &whole);
}

int ld_unlock_description(int descriptor) {
    struct flock whole = {.l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0, .l_pid = 0};
    return fcntl(descriptor, F_OFD_SETLK, &whole);
}

int ld_is_locked(int descriptor) {
    struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0, .l_pid = 0};
    if (fcntl(descriptor, F_OFD_GETLK, &whole) != 0) return -1;
    return whole.l_type != F_UNLCK;
}

int ld_open_at(int folder, const char *name, int flags, unsigned int mode) {
    return openat(folder, name, flags | O_NOFOLLOW | O_CLOEXEC, mode);
}

int ld_rename_new(int from_folder, const char *from, int to_folder, const char *to) {
    if (renameat2(from_folder, from, to_folder, to, RENAME_NOREPLACE) == 0) {
        return 0;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return -1;
    }
    // Some network file systems cannot do it in one step; a hard link does not replace anything either.
    if (linkat(from_folder, from, to_folder, to, 0) != 0) {
        return -1;
    }
    return unlinkat(from_folder, from, 0);
}

void ld_begin_writing(int descriptor, long long start, long long count) {
    sync_file_range(descriptor, start, count, SYNC_FILE_RANGE_WRITE);
}

int ld_make_alarm(void) { return timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC); }

int ld_set_alarm(int alarm, long long milliseconds) {
    // All zeros would stop it.
    if (milliseconds < 1) milliseconds = 1;
    struct itimerspec once = {
        .it_value = {.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000},
    };
    return timerfd_settime(alarm, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &once, NULL);
}

void ld_keep_memory_small(void) {
    mallopt(M_ARENA_MAX, 2);
    // Fixed, they do not grow with the largest block ever freed.
    mallopt(M_MMAP_THRESHOLD, 256 << 10);
    mallopt(M_TRIM_THRESHOLD, 256 << 10);
}

// What is only read lies in files, and comes back from there when it is needed again.
static int release_part(struct dl_phdr_info *object, size_t size, void *page) {
    (void)size;
    for (int i = 0; i < object->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &object->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || part->p_flags & PF_W) continue;
        uintptr_t from = (object->dlpi_addr + part->p_vaddr) & ~(*(uintptr_t *)page - 1);
        uintptr_t to = object->dlpi_addr + part->p_vaddr + part->p_memsz;
        madvise((void *)from, to - from, MADV_DONTNEED);
    }
    return 0;
}

void ld_release_code(void) {
    uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    // Should it be refused, the memory stays as it was.
    dl_iterate_phdr(release_part, &page);
}

void ld_release_memory(void) {
    malloc_trim(0);
    ld_release_code();
}

int ld_hide_memory(void) {
    struct rlimit none = {.rlim_cur = 0, .rlim_max = 0};
    // The limit alone does not count where core files go to a program.
    int hidden = prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    return setrlimit(RLIMIT_CORE, &none) == 0 ? hidden : -1;
}

static int ld_tell(int result, const struct stat *found, ld_file_status *status) {
    if (result != 0) return -1;
    status->size = found->st_size;
    status->modified = found->st_mtim.tv_sec;
    status->nanoseconds = found->st_mtim.tv_nsec;
    status->inode = found->st_ino;
    status->user = found->st_uid;
    status->group = found->st_gid;
    status->mode = found->st_mode;
    return 0;
}

int ld_look_at(const char *path, int follows, ld_file_status *status) {
    struct stat found;
    return ld_tell(fstatat(AT_FDCWD, path, &found, follows ? 0 : AT_SYMLINK_NOFOLLOW), &found, status);
}

int ld_look_at_open(int descriptor, ld_file_status *status) {
    struct stat found;
    return ld_tell(fstat(descriptor, &found), &found, status);
}

typedef struct {
    void (*work)(void *);
    void *argument;
} ld_thread_start;

static void *ld_run_thread(void *start) {
    ld_thread_start given = *(ld_thread_start *)start;
    free(start);
    given.work(given.argument);
    return NULL;
}

int ld_start_thread(void (*work)(void *), void *argument) {
    ld_thread_start *start = malloc(sizeof *start);
    if (start == NULL) return ENOMEM;
    *start = (ld_thread_start){.work = work, .argument = argument};
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    // SQLite and what it calls back need more than some systems give a thread by default.
    pthread_attr_setstacksize(&attributes, 8 << 20);
    pthread_t thread;
    int failure = pthread_create(&thread, &attributes, ld_run_thread, start);
    pthread_attr_destroy(&attributes);
    if (failure != 0) free(start);
    return failure;
}

void ld_name_thread(const char *name) { pthread_setname_np(pthread_self(), name); }

// When the thread gives way again, in nanoseconds of the monotonic clock; 0: it does not stand back.
static _Thread_local long long ld_turn_end;

static long long ld_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

void ld_stand_back(void) {
    setpriority(PRIO_PROCESS, 0, 19);
    ld_turn_end = 1;
}

int ld_stands_back(void) { return ld_turn_end != 0; }

int ld_give_way(void) {
    if (ld_turn_end == 0) return 0;
    long long start = ld_now();
    if (start < ld_turn_end) return 0;
    sched_yield();
    long long end = ld_now();
    // Where others compute without end, it keeps about the share of its priority: Linux gives that a 69th.
    long long turn = (end - start) / 64;
    ld_turn_end = end + (turn > 100000 ? turn : 100000);
    return 1;
}
