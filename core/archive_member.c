// One member of an archive, in memory, without unpacking the rest.
#include <fcntl.h>
#include <unistd.h>

#include "core/archive.h"
#include "core/archive_open.h"

// How well a member's path fits: 0 = not at all, 1 = exactly as asked, more = by its last parts, so many parts in all.
// Of several by last parts the one nearest to the root is meant: pkg-1.0/PKG-INFO, not pkg-1.0/pkg.egg-info/PKG-INFO.
static size_t fit(const char *path, const char *wanted)
{
	struct slice member = slice_of(path);
	while (slice_starts(member, "./"))
		member = slice_from(member, 2);
	if (!slice_starts(slice_of(wanted), "*/"))
		return slice_is(member, wanted);
	if (!slice_ends(member, wanted + 1) || member.len == strlen(wanted + 1))
		return 0;
	size_t parts = 1;
	for (size_t i = 0; i < member.len; i++)
		parts += member.ptr[i] == '/';
	return parts;
}

// The best fit that can be: nothing later in the archive beats it.
static size_t best_fit(const char *wanted)
{
	size_t parts = 1;
	for (const char *at = wanted; slice_starts(slice_of(wanted), "*/") && *at; at++)
		parts += *at == '/';
	return parts;
}

static int read_whole(struct archive_reader *reader, size_t limit, struct text *out, struct error *err)
{
	char buffer[16384];
	size_t bytes = 0;
	ssize_t got;
	text_reset(out);
	while ((got = archive_reader_read(reader, bytes, buffer, sizeof buffer, err)) > 0) {
		bytes += (size_t)got;
		if (bytes > limit)
			return archive_reader_refuse(reader, err, "larger than %zu bytes", limit);
		text_add_bytes(out, buffer, (size_t)got);
	}
	return got < 0 ? -1 : 0;
}

static int find_member(struct archive_reader *reader, const char *name, size_t limit, struct text *out,
		       struct error *err)
{
	cleanup_text struct text found = TEXT_INIT;
	size_t best = 0;
	struct archive_entry *entry;
	int more;
	while ((more = archive_reader_next(reader, &entry, err)) > 0) {
		bool file = archive_entry_filetype(entry) == AE_IFREG && !archive_entry_hardlink(entry);
		size_t now = file ? fit(archive_entry_pathname(entry), name) : 0;
		if (now == 1 && best == 1) // in a zip, another reader might take the other one
			return archive_reader_refuse(reader, err, "it is there twice");
		if (!now || (best && now >= best)) {
			if (archive_reader_skip(reader, entry, err))
				return -1;
			continue;
		}
		if (read_whole(reader, limit, &found, err))
			return -1;
		best = now;
		if (best == best_fit(name) && !reader->zip) // a tar is unpacked while it is searched: enough is enough
			break;
	}
	if (more < 0)
		return -1;
	if (best)
		text_add_slice(out, text_slice(&found));
	return best != 0;
}

int archive_read_member(struct slice archive, const char *name, size_t limit, struct text *out, struct error *err)
{
	struct archive_reader reader;
	if (archive_reader_open_memory(&reader, archive, "archive", NULL, err))
		return -1;
	int found = find_member(&reader, name, limit, out, err);
	archive_reader_close(&reader);
	return found;
}

int archive_read_member_of_file(const char *path, const char *name, size_t limit, struct text *out, struct error *err)
{
	const char *slash = strrchr(path, '/');
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct archive_reader reader;
	if (fd < 0)
		return error_errno(err, ERROR_INPUT, "%s", path);
	if (archive_reader_open_fd(&reader, fd, slash ? slash + 1 : path, ARCHIVE_ANY, NULL, err))
		return -1;
	int found = find_member(&reader, name, limit, out, err);
	archive_reader_close(&reader);
	return found;
}
