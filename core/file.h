// Files and folders: whole reads with a bound, durable atomic writes, trees.
// Errors are ERROR_WORKSPACE and name the path; a full disk is called that, with the place.
// A killed writer leaves at most a file ".tmp-…" in the folder, never a half-written name.
#ifndef CORE_FILE_H
#define CORE_FILE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "core/error.h"
#include "core/text.h"
#include "core/vec.h"

// Building blocks. file_error makes "cannot <action> <path>: <errno's text>"; when the disk (or the quota) is full it says
// so and names the file system's free space. file_write_all finishes short writes;
// -1 with errno set.
int file_error(struct error *err, const char *action, const char *path);
int file_write_all(int fd, const void *data, size_t length);
int file_temporary(const char *folder, char **path, int *fd,
		   struct error *err); // new, empty, ".tmp-<random>", mode 0666 & ~umask

// A path beneath an open folder, never through a symbolic link or out of it; O_CLOEXEC. A descriptor, or -1 with errno.
int file_open_beneath(int folder, const char *path, int flags);
int file_read(const char *path, size_t limit, struct text *out,
	      struct error *err); // limit in bytes; larger is an error
// For scratch that can be made again: makes the folders above, writes over what is there, no fsync.
int file_write_plain(const char *path, const void *data, size_t length, struct error *err);
// Writes to a temporary name in the same folder, fsyncs, renames over, fsyncs the folder.
int file_write_atomic(const char *path, const void *data, size_t length, struct error *err);
// Publishes bytes under a name that must never change: 0 = written, 1 = same bytes were there already,
// -1 = other bytes are there (ERROR_POLICY) or the disk failed. Uses a temporary file and linkat.
int file_write_once(const char *path, const void *data, size_t length, struct error *err);
// The same for a file on the same file system that is already written and synced. The temporary is gone afterwards
// when it returns 0 or 1.
int file_link_once(const char *temporary, const char *path, struct error *err);
// One O_APPEND write + fdatasync, under a lock of the file; a write that fails half-way is taken back.
int file_append_durable(const char *path, const void *data, size_t length, struct error *err);
bool file_exists(const char *path);
bool dir_exists(const char *path);
int dir_make(const char *path, mode_t mode, struct error *err); // with parents; existing is fine; see dir_sync
int dir_remove_tree(const char *path, struct error *err);       // never follows links; absent is fine
// Removes the ".tmp-…" files that killed writers left in a folder (see file_temporary); an absent folder is fine. The caller
// knows that nobody is writing there.
int dir_sweep(const char *path, struct error *err);
int dir_sync(const char *path, struct error *err);
int dir_temporary(const char *parent, const char *prefix, char **out,
		  struct error *err); // new private folder, mode 0700
typedef VEC(char *) file_names;       // sorted bytewise
void file_names_clear(file_names *names);
int dir_list(const char *path, file_names *out, struct error *err); // names only, no . and ..
int dir_walk_files(const char *root, file_names *out,
		   struct error *err);     // relative paths of regular files, recursively; links and devices are errors
int64_t disk_free_bytes(const char *path); // -1 when unknown
// An advisory lock on a file (flock); held while *fd is open. Fails with ERROR_WORKSPACE, naming the holder's
// process id from the file's text, when another process holds it.
int file_lock(const char *path, const char *purpose, int *fd, struct error *err);
#endif
