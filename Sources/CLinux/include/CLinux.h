#pragma once

// What Swift cannot call or see: variadic functions and macros behind _GNU_SOURCE. Plain types only: a system header
// included here would make Swift believe that this module owns what is in it.

/// Takes an open-file-description lock on the whole file, without waiting.
/// Returns 0, or -1 with errno EAGAIN or EACCES when another description holds it.
int ld_lock_description(int descriptor);

/// Gives such a lock up. Returns 0, or -1 with errno.
int ld_unlock_description(int descriptor);

/// Whether another description holds such a lock: 1, 0, or -1 with errno. Takes nothing.
int ld_is_locked(int descriptor);

/// openat(2) that never follows a link in the last component and is closed on exec.
int ld_open_at(int folder, const char *name, int flags, unsigned int mode);

/// renames without ever replacing what has the new name: then -1 with errno EEXIST.
int ld_rename_new(int from_folder, const char *from, int to_folder, const char *to);

/// Starts a thread that nobody joins. Returns 0, or what pthread_create(3) does.
int ld_start_thread(void (*work)(void *), void *argument);

/// Gives the calling thread a name for the system to show, of at most 15 bytes.
void ld_name_thread(const char *name);

/// Lets the calling thread take only what all others leave of the processor, and marks it as one that gives way. Threads that
/// it starts inherit the former, not the mark. Without a privilege it cannot be taken back.
void ld_stand_back(void);

/// Whether the calling thread has the mark.
int ld_stands_back(void);

/// Lets go of the processor for whoever waits for it, if the calling thread stands back and has not done so lately.
/// Returns whether it did.
int ld_give_way(void);

/// A timer of the time of day whose descriptor becomes readable when it rings, and when the clock is set.
/// Returns the descriptor, closed on exec and not blocking, or -1 with errno.
int ld_make_alarm(void);

/// Lets it ring at a time of day, in milliseconds of the epoch. Returns 0, or -1 with errno.
int ld_set_alarm(int alarm, long long milliseconds);

/// Keeps the allocator from holding on to what was freed: few arenas, and large blocks go straight back.
void ld_keep_memory_small(void);

/// Gives the system back the pages of programs and libraries that can only be read; what is needed next comes back from its
/// file cache.
void ld_release_code(void);

/// Gives the system back the same, and what the allocator holds free.
void ld_release_memory(void);

/// Keeps this process's memory out of core files and out of reach of other processes of its user, until the user changes.
/// Returns 0, or -1 with errno.
int ld_hide_memory(void);

/// Lets the disk begin to write a part of a file, and waits for nothing but a place in its queue. What goes wrong is told by the
/// next fsync(2).
void ld_begin_writing(int descriptor, long long start, long long count);

/// What stat(2) knows of a file. A struct of ours: whichever module of a library was loaded first owns the system's.
typedef struct {
    long long size;
    /// Seconds of the epoch.
    long long modified;
    /// What of the next second had passed by then.
    long long nanoseconds;
    unsigned long long inode;
    unsigned int user;
    unsigned int group;
    /// Type and rights.
    unsigned int mode;
} ld_file_status;

/// Looks at a file by its path, at a link itself unless it is followed. Returns 0, or -1 with errno.
int ld_look_at(const char *path, int follows, ld_file_status *status);

/// Looks at an open file. Returns 0, or -1 with errno.
int ld_look_at_open(int descriptor, ld_file_status *status);
