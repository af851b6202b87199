// Reads untrusted wheels, zips and tarballs with libarchive under a policy of
// our own: only regular files and folders, relative clean UTF-8 paths, no
// links that leave, no duplicates (also by case), bounded entries, bytes and ratio.
//
// Zip (.whl and .zip are nothing else), or tar under nothing, gzip, bzip2 or xz. Names come out in Unicode's NFC. Files
// are 0644 or 0755 with the archive's time (1980 to 2106), folders 0755; links that stay inside are made, last.
#ifndef CORE_ARCHIVE_H
#define CORE_ARCHIVE_H

#include "core/error.h"
#include "core/text.h"

struct archive_limits {
	size_t entries;     // 0 = 100,000
	size_t bytes;       // unpacked, all together; 0 = 2 GiB
	size_t entry_bytes; // 0 = 512 MiB
	size_t path_bytes;  // 0 = 1,024
	size_t ratio;       // unpacked : packed; 0 = 200; the first 16 MiB are free
};

// Unpacks into a new folder (must not exist). On error the folder is removed. Errors are ERROR_INPUT with
// archive and member named; a full disk is ERROR_WORKSPACE.
int archive_unpack(const char *path, const char *folder, const struct archive_limits *limits, struct error *err);
// One member, by exact name or (suffix form, name begins with "*/") by its last parts, whole, at most limit bytes.
// 1 = found, 0 = there is none, -1 = error. Of several by suffix the one nearest to the root; twice the same name in a
// zip is an error. out keeps what it had unless found.
int archive_read_member(struct slice archive, const char *name, size_t limit, struct text *out, struct error *err);
int archive_read_member_of_file(const char *path, const char *name, size_t limit, struct text *out, struct error *err);
#endif
