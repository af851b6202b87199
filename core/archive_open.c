// libarchive with a short list: zip through its central directory (as Python
// reads wheels), or tar under nothing, gzip, bzip2 or xz. Never all filters:
// some of those run programs. A warning of libarchive is a failure here.
//
// Names are UTF-8 whatever the user's locale is: libarchive converts by the
// thread's locale, so the reader lives inside C.UTF-8. It also brings names to
// NFC, so that two spellings of one accented name meet as duplicates.
#include "core/archive_open.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	BLOCK = 64 << 10,
	RATIO_FREE = 16 << 20, // bytes that may be unpacked at any ratio: small texts of zeros are no bombs
};

static struct archive_limits limits_of(const struct archive_limits *given)
{
	struct archive_limits limits = given ? *given : (struct archive_limits){0};
	limits.entries = limits.entries ? limits.entries : 100000;
	limits.bytes = limits.bytes ? limits.bytes : (size_t)2 << 30;
	limits.entry_bytes = limits.entry_bytes ? limits.entry_bytes : (size_t)512 << 20;
	limits.path_bytes = limits.path_bytes ? limits.path_bytes : 1024;
	limits.ratio = limits.ratio ? limits.ratio : 200;
	return limits;
}

static int enter_locale(struct archive_reader *reader, struct error *err)
{
	reader->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
	if (!reader->locale)
		return error_errno(err, ERROR_TOOL, "this system has no locale C.UTF-8, which reading archives needs");
	reader->previous = uselocale(reader->locale);
	return 0;
}

static int fail(struct archive_reader *reader, struct error *err)
{
	const char *given = archive_error_string(reader->handle);
	// Parts of the archive may stand in it.
	cleanup_free char *trimmed = slice_dup(slice_trim(slice_of(given ? given : "malformed")));
	cleanup_free char *text = archive_printable(trimmed);
	if (archive_errno(reader->handle) == ENOMEM)
		return archive_reader_refuse(reader, err, "needs more memory than there is");
	return archive_reader_refuse(reader, err, "%s", text);
}

// Each call adds one format or filter; a warning would mean that an external program stands in for a library.
static int choose_formats(struct archive_reader *reader, struct error *err)
{
	struct archive *handle = reader->handle;
	int bad = reader->zip
			  ? archive_read_support_format_zip_seekable(handle)
			  : archive_read_support_format_tar(handle) | archive_read_support_filter_gzip(handle) |
				    archive_read_support_filter_bzip2(handle) | archive_read_support_filter_xz(handle);
	if (bad)
		return error_set(err, ERROR_TOOL, "libarchive was built without zlib, bzip2 or xz");
	if (archive_read_set_options(handle, "hdrcharset=UTF-8"))
		return error_set(err, ERROR_TOOL, "libarchive cannot read UTF-8 names: %s",
				 archive_error_string(handle));
	return 0;
}

static int start(struct archive_reader *reader, const char *what, const struct archive_limits *limits,
		 struct error *err)
{
	*reader = (struct archive_reader){.what = xstrdup(what), .limits = limits_of(limits)};
	if (enter_locale(reader, err))
		return -1;
	reader->handle = archive_read_new();
	return reader->handle ? 0 : error_set(err, ERROR_INPUT, "%s: libarchive has no memory", what);
}

static bool looks_like_zip(const void *begin, size_t length)
{
	return length >= 4 && (!memcmp(begin, "PK\3\4", 4) || !memcmp(begin, "PK\5\6", 4));
}

static int check_opened(struct archive_reader *reader, int code, struct error *err)
{
	if (!code)
		return 0;
	fail(reader, err);
	archive_reader_close(reader);
	return -1;
}

int archive_reader_open_fd(struct archive_reader *reader, int fd, const char *what, enum archive_kind kind,
			   const struct archive_limits *limits, struct error *err)
{
	struct stat status;
	char magic[4];
	ssize_t got = 0;
	if (start(reader, what, limits, err) || fstat(fd, &status) || (got = pread(fd, magic, sizeof magic, 0)) < 0) {
		if (reader->handle)
			error_errno(err, ERROR_INPUT, "%s", what);
		archive_reader_close(reader);
		return -1;
	}
	reader->packed_bytes = (size_t)status.st_size;
	reader->zip = kind == ARCHIVE_ZIP || (kind == ARCHIVE_ANY && looks_like_zip(magic, (size_t)got));
	if (choose_formats(reader, err)) {
		archive_reader_close(reader);
		return -1;
	}
	return check_opened(reader, archive_read_open_fd(reader->handle, fd, BLOCK), err);
}

int archive_reader_open_memory(struct archive_reader *reader, struct slice data, const char *what,
			       const struct archive_limits *limits, struct error *err)
{
	if (start(reader, what, limits, err)) {
		archive_reader_close(reader);
		return -1;
	}
	reader->packed_bytes = data.len;
	reader->zip = looks_like_zip(data.ptr, data.len);
	if (choose_formats(reader, err)) {
		archive_reader_close(reader);
		return -1;
	}
	return check_opened(reader, archive_read_open_memory(reader->handle, data.ptr ? data.ptr : "", data.len), err);
}

void archive_reader_close(struct archive_reader *reader)
{
	if (reader->handle)
		archive_read_free(reader->handle);
	if (reader->locale) {
		uselocale(reader->previous);
		freelocale(reader->locale);
	}
	free(reader->what);
	free(reader->shown);
	*reader = (struct archive_reader){0};
}

int archive_reader_refuse(struct archive_reader *reader, struct error *err, const char *format, ...)
{
	char text[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (reader->shown)
		return error_set(err, ERROR_INPUT, "%s: member %s: %s", reader->what, reader->shown, text);
	return error_set(err, ERROR_INPUT, "%s: %s", reader->what, text);
}

int archive_reader_next(struct archive_reader *reader, struct archive_entry **entry, struct error *err)
{
	free(steal(&reader->shown));
	int code = archive_read_next_header(reader->handle, entry);
	if (code == ARCHIVE_EOF)
		return 0;
	const char *name = code >= ARCHIVE_WARN ? archive_entry_pathname(*entry) : NULL;
	reader->shown = name ? archive_printable(name) : NULL;
	if (code != ARCHIVE_OK)
		return fail(reader, err);
	if (!name || !*name)
		return archive_reader_refuse(reader, err, "a member whose name is empty or not UTF-8");
	if (++reader->entries > reader->limits.entries)
		return archive_reader_refuse(reader, err, "more than %zu members", reader->limits.entries);
	if (archive_entry_is_encrypted(*entry))
		return archive_reader_refuse(reader, err, "encrypted");
	return 1;
}

// Would `more` bytes of a member that has `entry_bytes` so far be too much?
static int check_bytes(struct archive_reader *reader, size_t entry_bytes, size_t more, struct error *err)
{
	const struct archive_limits *limits = &reader->limits;
	if (more > limits->entry_bytes || entry_bytes > limits->entry_bytes - more)
		return archive_reader_refuse(reader, err, "larger than %zu bytes", limits->entry_bytes);
	if (more > limits->bytes || reader->bytes > limits->bytes - more)
		return archive_reader_refuse(reader, err, "with it the archive unpacks to more than %zu bytes",
					     limits->bytes);
	size_t bytes = reader->bytes + more;
	if (bytes > RATIO_FREE && bytes / limits->ratio > reader->packed_bytes)
		return archive_reader_refuse(reader, err, "with it the archive unpacks to more than %zu times its size",
					     limits->ratio);
	return 0;
}

int archive_reader_check_size(struct archive_reader *reader, struct archive_entry *entry, struct error *err)
{
	int64_t size = archive_entry_size_is_set(entry) ? archive_entry_size(entry) : 0;
	if (size < 0)
		return archive_reader_refuse(reader, err, "its size is negative");
	return check_bytes(reader, 0, (size_t)size, err);
}

ssize_t archive_reader_read(struct archive_reader *reader, size_t entry_bytes, void *buffer, size_t size,
			    struct error *err)
{
	la_ssize_t got = archive_read_data(reader->handle, buffer, size);
	if (got < 0)
		return fail(reader, err);
	if (got && check_bytes(reader, entry_bytes, (size_t)got, err))
		return -1;
	reader->bytes += (size_t)got;
	return (ssize_t)got;
}

int archive_reader_skip(struct archive_reader *reader, struct archive_entry *entry, struct error *err)
{
	if (reader->zip || !archive_entry_size_is_set(entry)) // a zip is not unpacked to be skipped
		return 0;
	if (archive_reader_check_size(reader, entry, err))
		return -1;
	reader->bytes += (size_t)archive_entry_size(entry);
	return 0;
}
