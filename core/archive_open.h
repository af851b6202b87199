// What the two readers of archives share: libarchive opened with the formats
// that we accept, in a UTF-8 locale, and the policy for members.
#ifndef CORE_ARCHIVE_OPEN_H
#define CORE_ARCHIVE_OPEN_H

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>
#include <stdbool.h>

#include "core/archive.h"
#include "core/arena.h"

enum archive_kind { ARCHIVE_ANY, ARCHIVE_ZIP, ARCHIVE_TAR }; // any: by its first bytes

struct archive_reader {
	struct archive *handle;
	char *what; // names the archive in errors
	bool zip;
	struct archive_limits limits; // the defaults filled in
	size_t packed_bytes;          // of the whole archive
	size_t entries, bytes;        // so far, unpacked
	char *shown;                  // the current member's name, made printable
	locale_t locale, previous;    // this thread's locale while the reader lives
};

// Exactly one of path and memory. The descriptor stays the caller's.
int archive_reader_open_fd(struct archive_reader *reader, int fd, const char *what, enum archive_kind kind,
			   const struct archive_limits *limits, struct error *err);
int archive_reader_open_memory(struct archive_reader *reader, struct slice data, const char *what,
			       const struct archive_limits *limits, struct error *err);
void archive_reader_close(struct archive_reader *reader);

// 1 = the next member, 0 = the end, -1. Counts entries.
int archive_reader_next(struct archive_reader *reader, struct archive_entry **entry, struct error *err);
// Is what the member says of its size within the limits? Saves unpacking until it is not (sparse files are cheap to make).
int archive_reader_check_size(struct archive_reader *reader, struct archive_entry *entry, struct error *err);
// Up to size bytes of the current member; 0 = its end. Counts bytes against the limits.
ssize_t archive_reader_read(struct archive_reader *reader, size_t entry_bytes, void *buffer, size_t size,
			    struct error *err);
// Before a member is skipped: its bytes are unpacked all the same (of a compressed tar).
int archive_reader_skip(struct archive_reader *reader, struct archive_entry *entry, struct error *err);
// ERROR_INPUT "archive: member: …"
int archive_reader_refuse(struct archive_reader *reader, struct error *err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

// ---- names (archive_names.c) -----------------------------------------------------------------------------------------

// For people: control characters, what turns the direction of writing, and what is not UTF-8 stand as \xNN; cut when long.
char *archive_printable(const char *name);

enum archive_name_kind { ARCHIVE_FOLDER, ARCHIVE_FILE, ARCHIVE_LINK };
struct archive_name;
// Every path of an archive so far, to find duplicates and names that one file system or another takes for the same.
struct archive_names {
	struct archive_name *table;
	struct arena arena;
	size_t bytes; // of names in the arena
};
void archive_names_clear(struct archive_names *names);
// A member's path, checked and in its plain form ("./a//b/" gives "a/b", the root itself gives ""); *out belongs to
// the caller. what is the subject of errors: "its name".
int archive_path_clean(struct archive_reader *reader, const char *path, const char *what, char **out,
		       struct error *err);
// Notes path and the folders above it. A file or link that is there already, under any spelling, is an error.
int archive_names_add(struct archive_names *names, struct archive_reader *reader, const char *path,
		      enum archive_name_kind kind, struct error *err);
// Is there a regular file by exactly this name?
bool archive_names_has_file(struct archive_names *names, struct archive_reader *reader, const char *path);

#endif
