// The ways to a release's metadata, cheapest first: the cache; "<wheel>.metadata" when it is announced; the end of the
// wheel by ranges; "<wheel>.metadata" all the same, where a host has no ranges (mirrors have it for some files and not
// for others, so no verdict for the host is made of it); the whole file. A source distribution is fetched whole.
// Which way is gone depends on the file and its host alone, never on what was there first, since locks tell the way.
#include "resolver/source.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/archive.h"
#include "core/file.h"
#include "resolver/url.h"

enum { METADATA_LIMIT = 8 << 20, RANGE_SLACK = 64 << 10 };
#define WHOLE_LIMIT ((size_t)4 << 30)

static void step_run(struct source_release *release);

// ---- ends ------------------------------------------------------------------------------------------------------------

// Bytes behind a URL without a hash may change: what is known of them holds as long as the page that named it.
static void key_of_url(const struct source_project *owner, const struct index_file *file, char key[DIGEST_HEX_SIZE])
{
	cleanup_free char *text = xasprintf("%s\n%" PRId64, file->url, owner->fetched);
	digest_hex_of(text, strlen(text), key);
}

static void key_of(const struct source_release *release, char key[DIGEST_HEX_SIZE])
{
	if (*release->file->sha256)
		memcpy(key, release->file->sha256, DIGEST_HEX_SIZE);
	else
		key_of_url(release->owner, release->file, key);
}

// May what is behind the file's URL be kept? Of a direct reference without a hash nothing says for how long.
static bool is_lasting(const struct source_project *owner, const struct index_file *file)
{
	return *file->sha256 || (owner->fetched && !slice_starts(slice_of(file->url), "file:"));
}

static void release_fail(struct source_release *release, const struct error *failure)
{
	release->state = SOURCE_FAILED;
	release->failure = xmalloc(sizeof *failure);
	*release->failure = *failure;
	if (!strstr(failure->text, release->file->name))
		error_context(release->failure, "%s", release->file->name);
}

// The release cannot be taken, for a reason that need not last: nothing is cached.
static void release_refuse(struct source_release *release, const char *reason)
{
	struct source *source = release->owner->source;
	release_metadata_clear(&release->metadata);
	release->metadata =
		(struct release_metadata){.requires_python = "",
					  .source = "",
					  .unusable = arena_printf(&source->arena, "no usable metadata: %s", reason)};
	release->state = SOURCE_READY;
	source_metadata_arrived(source, release);
}

static void release_ready(struct source_release *release)
{
	struct source *source = release->owner->source;
	struct release_metadata *metadata = &release->metadata;
	if (!metadata->unusable && !platform_fits_python(&source->platform, metadata->requires_python))
		metadata->unusable = arena_printf(&source->arena, "needs Python %s", metadata->requires_python);
	source->metadata++;
	release->state = SOURCE_READY;
	source_metadata_arrived(source, release);
}

static void release_store(struct source_release *release)
{
	struct source *source = release->owner->source;
	struct error err = ERROR_INIT;
	char key[DIGEST_HEX_SIZE];
	key_of(release, key);
	cleanup_text struct text text = TEXT_INIT;
	release_metadata_write(&release->metadata, &text);
	if (is_lasting(release->owner, release->file) &&
	    cache_write(source->options->cache_dir, "metadata", key, text_slice(&text), &err))
		release_fail(release, &err);
	else
		release_ready(release);
}

static int release_take(struct source_release *release, struct slice data, const char *origin, struct error *err)
{
	struct source *source = release->owner->source;
	if (release_metadata_parse(&source->arena, data, release->owner->name, &release->release->version, origin,
				   &release->metadata, err))
		return -1;
	release_store(release);
	return 0;
}

// ---- archives --------------------------------------------------------------------------------------------------------

// METADATA of a wheel's bytes, through our own reader of zip directories.
static int metadata_of_wheel(struct slice wheel, struct text *out, struct error *err)
{
	struct wheel_member member;
	uint64_t from;
	if (wheel_tail_find(wheel, wheel.len, &member, &from, err) != 1)
		return -1;
	return wheel_member_extract(slice_from(wheel, (size_t)member.offset), &member, out, err);
}

// As libarchive reads it: zips with 64-bit records and other compressions.
static int metadata_by_libarchive(const char *path, const char *file_name, struct text *out, struct error *err)
{
	const char *first = strchr(file_name, '-');
	const char *second = first ? strchr(first + 1, '-') : NULL;
	cleanup_free char *exact =
		xasprintf("%.*s.dist-info/METADATA", second ? (int)(second - file_name) : 0, file_name);
	int found = archive_read_member_of_file(path, exact, METADATA_LIMIT, out, err);
	return found > 0 ? 0 : found < 0 ? -1 : error_set(err, ERROR_INPUT, "%s: no METADATA in it", file_name);
}

static int metadata_of_wheel_file(const char *path, const char *file_name, struct text *out, struct error *err)
{
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat status;
	if (fd < 0 || fstat(fd, &status))
		return error_errno(err, ERROR_WORKSPACE, "%s", path);
	size_t size = (size_t)status.st_size;
	void *bytes = size ? mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
	struct error ignored = ERROR_INIT;
	int result = bytes == MAP_FAILED ? -1 : metadata_of_wheel((struct slice){bytes, size}, out, &ignored);
	if (bytes != MAP_FAILED)
		munmap(bytes, size);
	return result ? metadata_by_libarchive(path, file_name, out, err) : 0;
}

// The metadata of an archive on disk; the content's faults make the release unusable.
static void release_take_archive(struct source_release *release, const char *path)
{
	struct source *source = release->owner->source;
	struct error err = ERROR_INIT;
	cleanup_text struct text text = TEXT_INIT;
	int result;
	if (release->wheel) {
		result = metadata_of_wheel_file(path, release->file->name, &text, &err) ||
					 release_take(release, text_slice(&text), "wheel", &err)
				 ? -1
				 : 0;
	} else {
		result = release_metadata_of_sdist(&source->arena, path, release->file->name, release->owner->name,
						   &release->release->version, &release->metadata, &err);
		if (!result)
			release_store(release);
	}
	if (result && err.code == ERROR_INPUT)
		release_refuse(release, err.text);
	else if (result)
		release_fail(release, &err);
}

// ---- answers ---------------------------------------------------------------------------------------------------------

static struct source_host *host_of(const struct source_release *release)
{
	return source_host_of(release->owner->source, release->file->url);
}

static void step_next(struct source_release *release, enum ladder_step step)
{
	release->step = step;
	step_run(release);
}

static void core_metadata_done(struct source_release *release, const struct http_response *response)
{
	bool found = response->status == 200 && !response->failure.code &&
		     !release_take(release, text_slice(&response->body), "core-metadata", NULL);
	if (!found)
		step_next(release, release->unannounced || host_of(release)->known.ranges == HOST_NO ? LADDER_WHOLE
												     : LADDER_RANGE);
}

// Ranges did not help: the sibling, unless it was asked for already.
static void range_failed(struct source_release *release)
{
	if (release->file->core_metadata) {
		step_next(release, LADDER_WHOLE);
		return;
	}
	release->unannounced = true;
	step_next(release, LADDER_CORE_METADATA);
}

// The total of "bytes 100-199/1234"; 0 when there is none.
static uint64_t range_total(const struct http_response *response)
{
	const char *slash = response->content_range ? strchr(response->content_range, '/') : NULL;
	uint64_t total;
	return slash && !parse_u64(slice_of(slash + 1), &total) ? total : 0;
}

static void range_remember(struct source_release *release, bool works)
{
	struct source_host *host = host_of(release);
	enum host_ability now = works ? HOST_YES : HOST_NO;
	host->changed |= host->known.ranges != now;
	host->known.ranges = now;
}

static void range_done(struct source_release *release, struct http_response *response)
{
	if (response->status == 200) // the whole file, or the begin of it
		range_remember(release, false);
	if (response->status != 206 || response->failure.code) {
		range_failed(release);
		return;
	}
	range_remember(release, true);
	struct slice data = text_slice(&response->body);
	uint64_t total = range_total(response), from = 0;
	cleanup_text struct text text = TEXT_INIT;
	int found = wheel_tail_find(data, total, &release->member, &from, NULL);
	if (found == 0) { // a long directory: once more from its begin
		bool again = !release->range_need && total - from <= METADATA_LIMIT;
		release->range_need = total - from;
		if (again)
			step_next(release, LADDER_RANGE);
		else
			range_failed(release);
		return;
	}
	uint64_t begin = total - data.len; // found: data is no longer than the total
	if (found > 0 && release->member.offset < begin)
		step_next(release, LADDER_MEMBER);
	else if (found < 0 ||
		 wheel_member_extract(slice_from(data, (size_t)(release->member.offset - begin)), &release->member,
				      &text, NULL) ||
		 release_take(release, text_slice(&text), "range", NULL))
		range_failed(release);
}

static void member_done(struct source_release *release, struct http_response *response)
{
	cleanup_text struct text text = TEXT_INIT;
	if (response->status != 206 || response->failure.code ||
	    wheel_member_extract(text_slice(&response->body), &release->member, &text, NULL) ||
	    release_take(release, text_slice(&text), "range", NULL))
		range_failed(release);
}

// A file for which the index gives no hash: now it is known. It is kept as others are.
static int keep_unhashed(struct source_release *release, struct error *err)
{
	const char *dir = release->owner->source->options->cache_dir;
	char hash[DIGEST_HEX_SIZE], key[DIGEST_HEX_SIZE];
	cleanup_free char *path = NULL;
	if (digest_hex_of_file(release->archive, hash, err) || cache_path(dir, "archives", hash, &path, err))
		return -1;
	if (rename(release->archive, path))
		return error_errno(err, ERROR_WORKSPACE, "the cache: %s", path);
	key_of_url(release->owner, release->file, key);
	return is_lasting(release->owner, release->file)
		       ? cache_write(dir, "hashes", key, (struct slice){hash, DIGEST_HEX_SIZE - 1}, err)
		       : 0;
}

// A file that is not there is a fault of the release; a host in trouble is one of the index, and would make the answer
// depend on the moment.
static void whole_done(struct source_release *release, struct http_response *response)
{
	struct error err = ERROR_INIT;
	if (response->status == 404 || response->status == 410 || response->status == 451) {
		cleanup_free char *reason =
			xasprintf("the index lists it, but answers %ld for the file", response->status);
		release_refuse(release, reason);
	} else if (response->status != 200) {
		error_set(&err, ERROR_INDEX, "%s: the index answers %ld", release->file->url, response->status);
		release_fail(release, &err);
	} else {
		release_take_archive(release, release->archive);
		if (!*release->file->sha256 && keep_unhashed(release, &err) && release->state != SOURCE_FAILED)
			release_fail(release, &err);
	}
}

static void step_done(struct http *http, struct http_response *response, void *context)
{
	(void)http;
	struct source_release *release = context;
	release->owner->source->in_flight--;
	enum error_code failure = response->failure.code;
	bool counts = release->step == LADDER_WHOLE || (release->step == LADDER_CORE_METADATA && !release->unannounced);
	if (failure && (counts || failure == ERROR_INTERRUPTED || failure == ERROR_WORKSPACE)) {
		release_fail(release, &response->failure);
		return;
	}
	switch (release->step) {
	case LADDER_CORE_METADATA: core_metadata_done(release, response); break;
	case LADDER_RANGE: range_done(release, response); break;
	case LADDER_MEMBER: member_done(release, response); break;
	case LADDER_WHOLE: whole_done(release, response); break;
	}
}

// ---- requests --------------------------------------------------------------------------------------------------------

// false when there is nothing to request: it is here already, or failed.
static bool whole_prepare(struct source_release *release, struct http_request *request)
{
	const char *dir = release->owner->source->options->cache_dir, *sha256 = release->file->sha256;
	struct error err = ERROR_INIT;
	char key[DIGEST_HEX_SIZE], actual[DIGEST_HEX_SIZE];
	digest_hex_of(release->file->url, strlen(release->file->url), key);
	free(steal(&release->archive));
	if (cache_path(dir, *sha256 ? "archives" : "unhashed", *sha256 ? sha256 : key, &release->archive, &err)) {
		release_fail(release, &err);
		return false;
	}
	if (!*sha256) { // a name of this process: others may be at the same file
		char *place = release->archive;
		release->archive = xasprintf("%s.%ld", place, (long)getpid());
		free(place);
	}
	if (*sha256 && file_exists(release->archive) && !digest_hex_of_file(release->archive, actual, NULL) &&
	    !strcmp(actual, sha256)) {
		release_take_archive(release, release->archive);
		return false;
	}
	request->sha256 = *sha256 ? sha256 : NULL;
	request->save_to = release->archive;
	request->body_limit = WHOLE_LIMIT;
	return true;
}

static void step_run(struct source_release *release)
{
	struct source *source = release->owner->source;
	const char *credentials = release->owner->direct ? release->owner->direct : source->options->index_url;
	cleanup_free char *url = url_with_credentials_of(release->file->url, credentials);
	cleanup_free char *sibling = xasprintf("%s.metadata", url);
	cleanup_free char *range = NULL;
	const char *headers[] = {"Accept-Encoding: identity", NULL, NULL};
	struct http_request request = {.url = url, .headers = headers, .done = step_done, .context = release};
	switch (release->step) {
	case LADDER_CORE_METADATA:
		headers[0] = NULL;
		request.url = sibling;
		request.body_limit = METADATA_LIMIT;
		request.sha256 = *release->file->metadata_sha256 ? release->file->metadata_sha256 : NULL;
		break;
	case LADDER_RANGE:
		range = xasprintf("Range: bytes=-%" PRIu64,
				  release->range_need ? release->range_need : WHEEL_TAIL_BYTES);
		request.body_limit =
			(size_t)(release->range_need ? release->range_need : WHEEL_TAIL_BYTES) + RANGE_SLACK;
		break;
	case LADDER_MEMBER:
		range = xasprintf("Range: bytes=%" PRIu64 "-%" PRIu64, release->member.offset,
				  release->member.offset + release->member.need - 1);
		request.body_limit = (size_t)release->member.need;
		break;
	case LADDER_WHOLE:
		if (!whole_prepare(release, &request))
			return;
		break;
	}
	headers[1] = range;
	source->in_flight++;
	http_add(source->http, &request);
}

// ---- begin -----------------------------------------------------------------------------------------------------------

static int check_local_hash(const char *path, const char *sha256, struct error *err)
{
	char actual[DIGEST_HEX_SIZE];
	if (!*sha256)
		return 0;
	if (digest_hex_of_file(path, actual, err))
		return -1;
	return !strcmp(actual, sha256)
		       ? 0
		       : error_set(err, ERROR_POLICY, "%s: its SHA-256 is %s, the index says %s", path, actual, sha256);
}

// A file:// index: the sibling when it is there, else the file itself.
static void take_local(struct source_release *release, const char *path)
{
	struct error err = ERROR_INIT;
	cleanup_free char *sibling = xasprintf("%s.metadata", path);
	cleanup_text struct text text = TEXT_INIT;
	if (!file_exists(path)) {
		release_refuse(release, "the index lists it, but the file is not there");
		return;
	}
	bool found = release->wheel && file_exists(sibling);
	if (check_local_hash(path, release->file->sha256, &err) ||
	    (found && check_local_hash(sibling, release->file->metadata_sha256, &err)) ||
	    (found && file_read(sibling, METADATA_LIMIT, &text, &err))) {
		release_fail(release, &err);
		return;
	}
	if (!found || release_take(release, text_slice(&text), "core-metadata", NULL))
		release_take_archive(release, path);
}

static bool take_cached(struct source_release *release)
{
	struct source *source = release->owner->source;
	char key[DIGEST_HEX_SIZE];
	key_of(release, key);
	cleanup_text struct text text = TEXT_INIT;
	if (!is_lasting(release->owner, release->file) ||
	    !cache_read(source->options->cache_dir, "metadata", key, CACHE_METADATA_LIMIT, &text) ||
	    release_metadata_read(&source->arena, text_slice(&text), &release->metadata))
		return false;
	release_ready(release);
	return true;
}

void ladder_start(struct source *source, struct source_release *release)
{
	if (release->state != SOURCE_NONE)
		return;
	release->state = SOURCE_FETCHING;
	if (take_cached(release))
		return;
	cleanup_free char *path = url_file_path(release->file->url);
	if (path)
		take_local(release, path);
	else if (source->options->offline)
		release_refuse(release, "it is not in the cache, and this is offline");
	else if (!release->wheel)
		step_next(release, LADDER_WHOLE);
	else if (release->file->core_metadata)
		step_next(release, LADDER_CORE_METADATA);
	else if (host_of(release)->known.ranges == HOST_NO)
		range_failed(release);
	else
		step_next(release, LADDER_RANGE);
}

// ---- hashes ----------------------------------------------------------------------------------------------------------

int ladder_fetch(struct source *source, const struct source_project *owner, const struct index_file *file, char **path,
		 struct error *err)
{
	const struct resolve_options *options = source->options;
	cleanup_free char *url = url_with_credentials_of(file->url, owner->direct ? owner->direct : options->index_url);
	struct lock_file wanted = {.name = file->name, .url = url, .sha256 = file->sha256, .size = -1};
	return fetch_file(source->http, &wanted, options->cache_dir, path, err);
}

int ladder_hash(struct source *source, const struct source_project *owner, const struct index_file *file,
		char out[DIGEST_HEX_SIZE], struct error *err)
{
	const struct resolve_options *options = source->options;
	char key[DIGEST_HEX_SIZE];
	cleanup_text struct text known = TEXT_INIT;
	key_of_url(owner, file, key);
	if (is_lasting(owner, file) && cache_read(options->cache_dir, "hashes", key, DIGEST_HEX_SIZE, &known) &&
	    known.len == DIGEST_HEX_SIZE - 1) {
		memcpy(out, known.ptr, DIGEST_HEX_SIZE);
		return 0;
	}
	cleanup_free char *path = NULL;
	if (options->offline && !slice_starts(slice_of(file->url), "file:"))
		return error_set(err, ERROR_NETWORK, "%s: the index gives no hash for it, and this is offline",
				 file->name);
	if (ladder_fetch(source, owner, file, &path, err))
		return -1;
	memcpy(out, strrchr(path, '/') + 1, DIGEST_HEX_SIZE); // archives are named by their hash
	return is_lasting(owner, file)
		       ? cache_write(options->cache_dir, "hashes", key, (struct slice){out, DIGEST_HEX_SIZE - 1}, err)
		       : 0;
}
