// The ways to a release's metadata, cheapest first: the cache; "<wheel>.metadata" (announced, or tried as long as the
// host has not refused one); the end of the wheel by ranges; the whole file. A source distribution is fetched whole.
// What a host can do is remembered.
#include "resolver/source.h"

#include <inttypes.h>

#include "core/archive.h"
#include "core/file.h"
#include "resolver/url.h"
#include "resolver/wheel_tail.h"

enum { METADATA_LIMIT = 8 << 20, WHOLE_LIMIT = 512 << 20 };

static void step_run(struct source_release *release);

// ---- ends ------------------------------------------------------------------------------------------------------------

static void key_of(const struct source_release *release, char key[DIGEST_HEX_SIZE])
{
	if (*release->file->sha256)
		memcpy(key, release->file->sha256, DIGEST_HEX_SIZE);
	else
		digest_hex_of(release->file->url, strlen(release->file->url), key);
}

static void release_fail(struct source_release *release, const struct error *failure)
{
	release->state = SOURCE_FAILED;
	release->failure = xmalloc(sizeof *failure);
	*release->failure = *failure;
	error_context(release->failure, "%s", release->file->name);
}

// Not to be taken for a reason that is not in the file's content, so nothing is cached.
static void release_refuse(struct source_release *release, const char *reason)
{
	struct source *source = release->owner->source;
	release->metadata = (struct release_metadata){
		.requires_python = "", .source = "", .unusable = arena_printf(&source->arena, "no usable metadata: %s", reason)};
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
	if (cache_write(source->options->cache_dir, "metadata", key, text_slice(&text), &err))
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

// The metadata of an archive on disk; the content's faults make the release unusable.
static void release_take_archive(struct source_release *release, const char *path)
{
	struct source *source = release->owner->source;
	struct error err = ERROR_INIT;
	if (!release->wheel) {
		if (!release_metadata_of_sdist(&source->arena, path, release->file->name, release->owner->name,
					       &release->release->version, &release->metadata, &err))
			release_store(release);
		else
			release_refuse(release, err.text);
		return;
	}
	cleanup_text struct text text = TEXT_INIT;
	const char *first = strchr(release->file->name, '-');
	const char *second = first ? strchr(first + 1, '-') : NULL;
	cleanup_free char *exact = xasprintf("%.*s.dist-info/METADATA", second ? (int)(second - release->file->name) : 0,
	                                     release->file->name);
	int found = archive_read_member_of_file(path, exact, METADATA_LIMIT, &text, &err);
	if (!found)
		found = archive_read_member_of_file(path, "*/METADATA", METADATA_LIMIT, &text, &err);
	if (!found)
		error_set(&err, ERROR_INPUT, "%s: no METADATA in it", release->file->name);
	if (found <= 0 || release_take(release, text_slice(&text), "wheel", &err))
		release_refuse(release, err.text);
}

// ---- answers ---------------------------------------------------------------------------------------------------------

static void core_metadata_done(struct source_release *release, struct http_response *response)
{
	struct source_host *host = source_host_of(release->owner->source, release->file->url);
	bool found = response->status == 200 &&
		     !release_take(release, text_slice(&response->body), "core-metadata", NULL);
	if (!release->file->core_metadata && (found || host->known.metadata == HOST_UNKNOWN) &&
	    (found || (response->status >= 400 && response->status < 500) || response->status == 200)) {
		enum host_ability now = found ? HOST_YES : HOST_NO;
		host->changed |= host->known.metadata != now;
		host->known.metadata = now;
	}
	if (found)
		return;
	release->step = host->known.ranges == HOST_NO ? LADDER_WHOLE : LADDER_RANGE;
	step_run(release);
}

static void whole_next(struct source_release *release)
{
	release->step = LADDER_WHOLE;
	step_run(release);
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
	struct source_host *host = source_host_of(release->owner->source, release->file->url);
	enum host_ability now = works ? HOST_YES : HOST_NO;
	host->changed |= host->known.ranges != now;
	host->known.ranges = now;
}

static void range_done(struct source_release *release, struct http_response *response)
{
	if (response->status != 206 || response->failure.code) {
		range_remember(release, false);
		whole_next(release);
		return;
	}
	range_remember(release, true);
	struct slice data = text_slice(&response->body);
	uint64_t total = range_total(response), from = 0;
	struct wheel_member member;
	cleanup_text struct text text = TEXT_INIT;
	int found = wheel_tail_find(data, total, &member, &from, NULL);
	uint64_t begin = total - data.len; // found >= 0 only when data is no longer than total
	if (found == 0) { // a long directory: once more from its begin
		release->step = total - from > METADATA_LIMIT || release->member_need ? LADDER_WHOLE : LADDER_RANGE;
		release->member_need = total - from;
		step_run(release);
		return;
	}
	if (found < 0) {
		whole_next(release);
	} else if (member.offset < begin) {
		release->member_offset = member.offset;
		release->member_need = total - member.offset < member.need ? total - member.offset : member.need;
		release->tail.len = 0;
		text_add_bytes(&release->tail, &member, sizeof member);
		release->step = LADDER_MEMBER;
		step_run(release);
	} else if (wheel_member_extract(slice_from(data, (size_t)(member.offset - begin)), &member, &text, NULL) ||
		   release_take(release, text_slice(&text), "range", NULL)) {
		whole_next(release);
	}
}

static void member_done(struct source_release *release, struct http_response *response)
{
	struct wheel_member member;
	memcpy(&member, release->tail.ptr, sizeof member);
	cleanup_text struct text text = TEXT_INIT;
	if (response->status != 206 || wheel_member_extract(text_slice(&response->body), &member, &text, NULL) ||
	    release_take(release, text_slice(&text), "range", NULL))
		whole_next(release);
}

static void whole_done(struct source_release *release, struct http_response *response)
{
	if (response->status != 200) {
		cleanup_free char *reason = xasprintf("%s: the index answers %ld for it", release->file->name, response->status);
		release_refuse(release, reason);
		return;
	}
	if (release->archive) {
		release_take_archive(release, release->archive);
		return;
	}
	struct error err = ERROR_INIT;
	char name[] = "/tmp/gophersnake-XXXXXX"; // without a hash there is no place for it in the cache
	cleanup_fd int fd = mkstemp(name);
	if (fd < 0 || write(fd, text_str(&response->body), response->body.len) != (ssize_t)response->body.len) {
		error_errno(&err, ERROR_WORKSPACE, "%s", name);
		release_fail(release, &err);
	} else {
		release_take_archive(release, name);
	}
	if (fd >= 0)
		unlink(name);
}

static void step_done(struct http *http, struct http_response *response, void *context)
{
	(void)http;
	struct source_release *release = context;
	release->owner->source->in_flight--;
	bool optional = release->step == LADDER_RANGE || release->step == LADDER_MEMBER;
	if (response->failure.code && (!optional || response->failure.code == ERROR_POLICY ||
	                               response->failure.code == ERROR_INTERRUPTED)) {
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

static void whole_run(struct source_release *release, struct http_request *request)
{
	struct source *source = release->owner->source;
	struct error err = ERROR_INIT;
	if (*release->file->sha256) {
		if (!release->archive &&
		    cache_path(source->options->cache_dir, "archives", release->file->sha256, &release->archive, &err)) {
			release_fail(release, &err);
			return;
		}
		if (file_exists(release->archive)) {
			release_take_archive(release, release->archive);
			return;
		}
		request->sha256 = release->file->sha256;
		request->save_to = release->archive;
	}
	request->body_limit = *release->file->sha256 ? (size_t)4 << 30 : WHOLE_LIMIT;
	source->in_flight++;
	http_add(source->http, request);
}

static void step_run(struct source_release *release)
{
	struct source *source = release->owner->source;
	cleanup_free char *url = url_with_credentials_of(release->file->url, source->options->index_url);
	cleanup_free char *sibling = xasprintf("%s.metadata", url);
	cleanup_free char *range = NULL;
	const char *headers[2] = {NULL, NULL};
	struct http_request request = {.url = url, .headers = headers, .done = step_done, .context = release};
	switch (release->step) {
	case LADDER_CORE_METADATA:
		request.url = sibling;
		request.body_limit = METADATA_LIMIT;
		if (*release->file->metadata_sha256)
			request.sha256 = release->file->metadata_sha256;
		break;
	case LADDER_RANGE:
		range = xasprintf("Range: bytes=-%" PRIu64, release->member_need ? release->member_need : WHEEL_TAIL_BYTES);
		request.body_limit = (size_t)METADATA_LIMIT + 1;
		break;
	case LADDER_MEMBER:
		range = xasprintf("Range: bytes=%" PRIu64 "-%" PRIu64, release->member_offset,
		                  release->member_offset + release->member_need - 1);
		request.body_limit = (size_t)release->member_need;
		break;
	case LADDER_WHOLE: whole_run(release, &request); return;
	}
	headers[0] = range;
	source->in_flight++;
	http_add(source->http, &request);
}

// A file:// index: the sibling when it is there, else the file itself.
static void take_local(struct source_release *release, const char *path)
{
	struct error err = ERROR_INIT;
	cleanup_free char *sibling = xasprintf("%s.metadata", path);
	cleanup_text struct text text = TEXT_INIT;
	char actual[DIGEST_HEX_SIZE];
	if (*release->file->sha256 && (digest_hex_of_file(path, actual, &err) || strcmp(actual, release->file->sha256) != 0)) {
		if (!err.code)
			error_set(&err, ERROR_POLICY, "its SHA-256 is %s, the index says %s", actual, release->file->sha256);
		release_fail(release, &err);
		return;
	}
	if (release->wheel && file_exists(sibling) && !file_read(sibling, METADATA_LIMIT, &text, &err) &&
	    !release_take(release, text_slice(&text), "core-metadata", &err))
		return;
	release_take_archive(release, path);
}

static bool take_cached(struct source_release *release)
{
	struct source *source = release->owner->source;
	char key[DIGEST_HEX_SIZE];
	key_of(release, key);
	cleanup_text struct text text = TEXT_INIT;
	if (!cache_read(source->options->cache_dir, "metadata", key, CACHE_METADATA_LIMIT, &text) ||
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
	if (path) {
		take_local(release, path);
		return;
	}
	if (source->options->offline) {
		release_refuse(release, "it is not in the cache, and this is offline");
		return;
	}
	const struct source_host *host = source_host_of(source, release->file->url);
	release->step = LADDER_WHOLE;
	if (release->wheel && (release->file->core_metadata || host->known.metadata != HOST_NO))
		release->step = LADDER_CORE_METADATA;
	else if (release->wheel && host->known.ranges != HOST_NO)
		release->step = LADDER_RANGE;
	step_run(release);
}
