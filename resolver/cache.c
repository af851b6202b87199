// Cache files. Reading and writing go past core/file.h's durable writes on purpose: a cache needs whole files, not
// synced ones, and a cold run writes hundreds.
#include "resolver/cache.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/file.h"

#define HEAD "gophersnake.cache/1"

int cache_path(const char *dir, const char *kind, const char *key, char **out, struct error *err)
{
	cleanup_free char *folder = xasprintf("%s/%s/%.2s", dir, kind, key);
	struct stat status;
	if ((stat(folder, &status) || !S_ISDIR(status.st_mode)) && dir_make(folder, 0755, err))
		return error_context(err, "the cache");
	*out = xasprintf("%s/%s", folder, key);
	return 0;
}

int cache_read(const char *dir, const char *kind, const char *key, size_t limit, struct text *out)
{
	cleanup_free char *path = xasprintf("%s/%s/%.2s/%s", dir, kind, key, key);
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	if (fd < 0 || fstat(fd, &status) || !S_ISREG(status.st_mode) || status.st_size <= 0 ||
	    (uint64_t)status.st_size > limit)
		return 0;
	size_t size = (size_t)status.st_size, done = 0;
	cleanup_free char *data = xmalloc(size);
	while (done < size) {
		ssize_t count = read(fd, data + done, size - done);
		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return 0;
		done += (size_t)count;
	}
	text_reset(out);
	text_add_bytes(out, data, size);
	return 1;
}

static int write_all(int fd, struct slice data)
{
	while (data.len) {
		ssize_t count = write(fd, data.ptr, data.len);
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -1;
		data = slice_from(data, (size_t)count);
	}
	return 0;
}

int cache_write(const char *dir, const char *kind, const char *key, struct slice data, struct error *err)
{
	cleanup_free char *path = NULL;
	if (cache_path(dir, kind, key, &path, err))
		return -1;
	cleanup_free char *temporary = xasprintf("%s.XXXXXX", path);
	cleanup_fd int fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, ERROR_WORKSPACE, "the cache: %s", temporary);
	if (write_all(fd, data) || fchmod(fd, 0644) || rename(temporary, path)) {
		error_errno(err, ERROR_WORKSPACE, "the cache: %s", path);
		unlink(temporary);
		return -1;
	}
	return 0;
}

// ---- pages -----------------------------------------------------------------------------------------------------------

void cache_page_head_clear(struct cache_page_head *head)
{
	free(head->etag);
	free(head->last_modified);
	free(head->name);
	*head = (struct cache_page_head){0};
}

static void add_field(struct text *out, const char *value) // a validator with a tab or newline is none
{
	text_add(out, value && !strpbrk(value, "\t\r\n") ? value : "");
}

void cache_page_head_write(const struct cache_page_head *head, struct text *out)
{
	text_addf(out, HEAD "\t%" PRId64 "\t%" PRId64, head->fetched, head->max_age);
	const char *const fields[] = {head->etag, head->last_modified, head->name};
	for (size_t i = 0; i < ARRAY_LENGTH(fields); i++) {
		text_add_char(out, '\t');
		add_field(out, fields[i]);
	}
	text_add_char(out, '\n');
}

int cache_page_head_read(struct slice *data, struct cache_page_head *out)
{
	struct slice line, fields[6];
	*out = (struct cache_page_head){0};
	if (!slice_cut(data, '\n', &line))
		return -1;
	for (size_t i = 0; i < ARRAY_LENGTH(fields); i++)
		if (!slice_cut(&line, '\t', &fields[i]))
			return -1;
	if (!slice_is(fields[0], HEAD) || parse_i64(fields[1], &out->fetched) || parse_i64(fields[2], &out->max_age))
		return -1;
	out->etag = slice_dup(fields[3]);
	out->last_modified = slice_dup(fields[4]);
	out->name = slice_dup(fields[5]);
	return 0;
}

// The names in one folder of pages/; false when there were enough.
static bool names_of_folder(const char *folder, int *left, void (*each)(void *context, const char *name), void *context)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;
	while (dir && *left > 0 && (entry = readdir(dir))) {
		if (strlen(entry->d_name) != DIGEST_HEX_SIZE - 1)
			continue;
		cleanup_free char *path = xasprintf("%s/%s", folder, entry->d_name);
		cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
		char head[2048];
		ssize_t length = fd >= 0 ? read(fd, head, sizeof head) : -1;
		struct slice data = {head, length > 0 ? (size_t)length : 0};
		struct cache_page_head found = {0};
		(*left)--;
		if (data.len && !cache_page_head_read(&data, &found) && *found.name)
			each(context, found.name);
		cache_page_head_clear(&found);
	}
	if (dir)
		closedir(dir);
	return *left > 0;
}

void cache_page_names(const char *dir, void (*each)(void *context, const char *name), void *context)
{
	int left = CACHE_NAMES_MOST;
	bool more = true;
	for (unsigned i = 0; i < 256 && more; i++) {
		cleanup_free char *folder = xasprintf("%s/pages/%02x", dir, i);
		more = names_of_folder(folder, &left, each, context);
	}
}

int64_t cache_max_age(const char *cache_control, int64_t age)
{
	if (!cache_control)
		return -1;
	struct slice rest = slice_of(cache_control), part;
	int64_t found = -1;
	while (slice_cut(&rest, ',', &part)) {
		part = slice_trim(part);
		cleanup_free char *directive = slice_dup(part);
		if (!strcasecmp(directive, "no-cache") || !strcasecmp(directive, "no-store"))
			return 0;
		int64_t seconds;
		if (!strncasecmp(directive, "max-age=", 8) && !parse_i64(slice_of(directive + 8), &seconds) &&
		    seconds >= 0)
			found = seconds;
	}
	if (found > 0 && age > 0)
		found = found > age ? found - age : 0;
	return found;
}

// ---- hosts -----------------------------------------------------------------------------------------------------------

static void host_key(const char *origin, char key[DIGEST_HEX_SIZE])
{
	digest_hex_of(origin, strlen(origin), key);
}

static enum host_ability read_ability(struct slice text)
{
	return slice_is(text, "yes") ? HOST_YES : slice_is(text, "no") ? HOST_NO : HOST_UNKNOWN;
}

void cache_host_read(const char *dir, const char *origin, int64_t now, struct cache_host *out)
{
	*out = (struct cache_host){HOST_UNKNOWN};
	char key[DIGEST_HEX_SIZE];
	host_key(origin, key);
	cleanup_text struct text text = TEXT_INIT;
	if (!cache_read(dir, "hosts", key, 4096, &text))
		return;
	struct slice rest = text_slice(&text), fields[3];
	for (size_t i = 0; i < ARRAY_LENGTH(fields); i++)
		if (!slice_cut(&rest, '\t', &fields[i]))
			return;
	int64_t written;
	if (!slice_is(fields[0], HEAD) || parse_i64(fields[1], &written) || written > now ||
	    now - written > INT64_C(86400000) * HOST_MEMORY_DAYS)
		return;
	out->ranges = read_ability(slice_trim(fields[2]));
}

int cache_host_write(const char *dir, const char *origin, int64_t now, const struct cache_host *host, struct error *err)
{
	static const char *const words[] = {"unknown", "yes", "no"};
	char key[DIGEST_HEX_SIZE];
	host_key(origin, key);
	cleanup_text struct text text = TEXT_INIT;
	text_addf(&text, HEAD "\t%" PRId64 "\t%s\n", now, words[host->ranges]);
	return cache_write(dir, "hosts", key, text_slice(&text), err);
}
