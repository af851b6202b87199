// The journal: one JSON object a line, appended under a lock of the file.
//
// file_append_durable (core) is not used: whether the last line is torn must be
// seen under the same lock under which is written, or a writer that dies in
// between would take the next line with it. Blank lines mean nothing.
#include "scheduler/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"

enum { CHUNK = 64 * 1024, LINE_LIMIT = 16 * 1024 * 1024 };

struct journal {
	char *path;
	int fd;
	pid_t owner; // a lock belongs to the open file, which a forked child shares: it must open its own
};

static int open_file(struct journal *journal, struct error *err)
{
	int fd = open(journal->path, O_RDWR | O_APPEND | O_CLOEXEC);
	if (fd < 0)
		return file_error(err, "open", journal->path);
	if (journal->fd >= 0)
		close(journal->fd);
	journal->fd = fd;
	journal->owner = getpid();
	return 0;
}

static int make_file(const char *path, struct error *err)
{
	cleanup_fd int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	if (fd < 0)
		return errno == EEXIST ? 0 : file_error(err, "make", path);
	const char *slash = strrchr(path, '/');
	cleanup_free char *folder = !slash          ? xstrdup(".")
				    : slash == path ? xstrdup("/")
						    : xstrndup(path, (size_t)(slash - path));
	return dir_sync(folder, err);
}

int journal_open(const char *path, struct journal **out, struct error *err)
{
	struct journal *journal = xcalloc(1, sizeof *journal);
	journal->path = xstrdup(path);
	journal->fd = -1;
	if (make_file(path, err) || open_file(journal, err)) {
		journal_free(journal);
		return -1;
	}
	*out = journal;
	return 0;
}

void journal_free(struct journal *journal)
{
	if (!journal)
		return;
	if (journal->fd >= 0)
		close(journal->fd);
	free(journal->path);
	free(journal);
}

// Under the lock. *size: what the file had before.
static int is_torn(const struct journal *journal, off_t *size, bool *torn, struct error *err)
{
	struct stat info;
	char last = '\n';
	if (fstat(journal->fd, &info) || (info.st_size && pread(journal->fd, &last, 1, info.st_size - 1) != 1))
		return file_error(err, "read", journal->path);
	*size = info.st_size;
	*torn = last != '\n';
	return 0;
}

static int append_locked(struct journal *journal, const struct text *line, struct error *err)
{
	off_t size = 0;
	bool torn = false;
	if (is_torn(journal, &size, &torn, err))
		return -1;
	// One write: with its newline before it when somebody was cut off.
	cleanup_text struct text record = TEXT_INIT;
	text_add(&record, torn ? "\n" : "");
	text_add_slice(&record, text_slice(line));
	text_add_char(&record, '\n');
	if (!file_write_all(journal->fd, record.ptr, record.len))
		return 0;
	file_error(err, "write", journal->path);
	// Half a line is taken back; when even that fails the next writer closes it.
	if (ftruncate(journal->fd, size))
		error_context(err, "and it now ends in a torn line");
	return -1;
}

int journal_append(struct journal *journal, json_t *line, struct error *err)
{
	cleanup_text struct text text = TEXT_INIT;
	if (!json_is_object(line))
		return error_set(err, ERROR_INPUT, "%s: a line of the journal must be a JSON object", journal->path);
	json_write_compact(line, &text);
	if (journal->owner != getpid() && open_file(journal, err))
		return -1;
	int failed;
	while ((failed = flock(journal->fd, LOCK_EX)) && errno == EINTR)
		;
	if (failed)
		return file_error(err, "lock", journal->path);
	int status = append_locked(journal, &text, err);
	flock(journal->fd, LOCK_UN);
	if (status)
		return -1;
	return fdatasync(journal->fd) ? file_error(err, "write", journal->path) : 0;
}

// ---- reading ---------------------------------------------------------------------------------------------------------

struct reading {
	int (*each)(void *context, json_t *line);
	void *context;
	int damaged;
	struct text line; // what came of the current one
	bool too_long;
	bool stopped;
};

static void end_line(struct reading *reading)
{
	struct slice text = slice_trim(text_slice(&reading->line));
	if (reading->too_long) {
		reading->damaged++;
	} else if (text.len) {
		struct error ignored = ERROR_INIT; // that it is damaged is all that is asked
		cleanup_json json_t *json = json_parse(text, "journal", &ignored);
		if (!json_is_object(json))
			reading->damaged++;
		else
			reading->stopped = reading->each(reading->context, json) != 0;
	}
	text_reset(&reading->line);
	reading->too_long = false;
}

static void take_chunk(struct reading *reading, struct slice chunk)
{
	while (chunk.len && !reading->stopped) {
		const char *end = memchr(chunk.ptr, '\n', chunk.len);
		size_t length = end ? (size_t)(end - chunk.ptr) : chunk.len;
		reading->too_long = reading->too_long || reading->line.len + length > LINE_LIMIT;
		if (reading->too_long)
			text_reset(&reading->line);
		else
			text_add_bytes(&reading->line, chunk.ptr, length);
		if (end)
			end_line(reading);
		chunk = slice_from(chunk, length + (end != NULL));
	}
}

int journal_read(const char *path, int (*each)(void *context, json_t *line), void *context, int *damaged,
		 struct error *err)
{
	struct reading reading = {.each = each, .context = context};
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (damaged)
		*damaged = 0;
	if (fd < 0)
		return errno == ENOENT ? 0 : file_error(err, "read", path);
	cleanup_free char *chunk = xmalloc(CHUNK);
	ssize_t got = 0;
	while (!reading.stopped && ((got = read(fd, chunk, CHUNK)) > 0 || (got < 0 && errno == EINTR)))
		if (got > 0)
			take_chunk(&reading, (struct slice){chunk, (size_t)got});
	// A last line without its end was cut off or is being written: not acknowledged to anybody, so not there.
	text_clear(&reading.line);
	if (got < 0)
		return file_error(err, "read", path);
	if (damaged)
		*damaged = reading.damaged;
	return 0;
}
