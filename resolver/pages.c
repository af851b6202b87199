// Index pages: from the cache, from a folder, over HTTP. A page counts as fresh as long as the server said; where it
// said nothing, as long as the options say. A stale one is revalidated when it has a validator.
#include "core/file.h"
#include "resolver/source.h"
#include "resolver/url.h"

enum { PAGE_LIMIT = 64 << 20 };
#define UNKNOWN_PAGE "unknown\n" // in the cache, of a project that the index does not have: for --offline only

static void page_request(struct source_project *owner);

static char *page_url(const struct source *source, const char *name)
{
	size_t length = strlen(source->options->index_url);
	while (length && source->options->index_url[length - 1] == '/')
		length--;
	return xasprintf("%.*s/%s/", (int)length, source->options->index_url, name);
}

static void page_key(const char *url, char key[DIGEST_HEX_SIZE])
{
	cleanup_free char *public = url_without_credentials(url);
	digest_hex_of(public, strlen(public), key);
}

// ---- HTTP ------------------------------------------------------------------------------------------------------------

static int page_store(struct source_project *owner, const char *url, const struct http_response *response,
		      struct slice page, struct error *err)
{
	const struct cache_page_head *old = &owner->stale_head; // a 304 need not repeat what did not change
	bool renewed = response->status == 304;
	struct cache_page_head head = {
		.name = slice_is(page, UNKNOWN_PAGE) ? NULL : owner->name,
		.etag = response->etag || !renewed ? response->etag : old->etag,
		.last_modified = response->last_modified || !renewed ? response->last_modified : old->last_modified,
		.fetched = owner->source->now,
		.max_age = response->cache_control || !renewed ? cache_max_age(response->cache_control, response->age)
							       : old->max_age};
	cleanup_text struct text text = TEXT_INIT;
	cache_page_head_write(&head, &text);
	text_add_slice(&text, page);
	char key[DIGEST_HEX_SIZE];
	page_key(url, key);
	return cache_write(owner->source->options->cache_dir, "pages", key, text_slice(&text), err);
}

static void page_unknown(struct source_project *owner, const struct http_response *response)
{
	cleanup_free char *url = page_url(owner->source, owner->name);
	struct error err = ERROR_INIT;
	if (page_store(owner, url, response, SLICE(UNKNOWN_PAGE), &err))
		source_page_failed(owner, &err);
	else
		source_page_unknown(owner);
}

static int page_answer(struct source_project *owner, struct http_response *response, struct index_page *page,
		       struct error *err)
{
	cleanup_free char *url = page_url(owner->source, owner->name);
	cleanup_free char *base = url_without_credentials(response->final_url ? response->final_url : url);
	if (response->status == 401 || response->status == 403)
		return error_set(err, ERROR_INDEX,
				 "%s: the index refuses (%ld): does it want user and password in its URL?", base,
				 response->status);
	if (response->status != 200)
		return error_set(err, ERROR_INDEX, "%s: the index answers %ld", base, response->status);
	if (index_page_parse(text_slice(&response->body), response->content_type, base, page, err))
		return -1;
	cleanup_text struct text compact = TEXT_INIT;
	index_page_write(page, &compact);
	if (page_store(owner, url, response, text_slice(&compact), err)) {
		index_page_clear(page);
		return -1;
	}
	return 0;
}

static int page_renewed(struct source_project *owner, const struct http_response *response, struct index_page *page,
			struct error *err)
{
	cleanup_free char *url = page_url(owner->source, owner->name);
	if (page_store(owner, url, response, text_slice(&owner->stale), err)) {
		index_page_clear(page);
		return -1;
	}
	return 0;
}

static void page_done(struct http *http, struct http_response *response, void *context)
{
	(void)http;
	struct source_project *owner = context;
	struct error err = ERROR_INIT;
	struct index_page page = {.arena = ARENA_INIT};
	owner->source->in_flight--;
	if (response->failure.code) {
		bool kept = owner->stale.len && response->failure.code == ERROR_NETWORK;
		err = response->failure;
		if (kept)
			error_set(&err, err.code, "%s\nAn older page of %s is in the cache: --offline takes it.",
				  response->failure.text, owner->name);
		source_page_failed(owner, &err);
	} else if (response->status == 404 || response->status == 410) {
		page_unknown(owner, response);
	} else if (response->status == 304 && owner->stale.len) {
		if (index_page_read(text_slice(&owner->stale), &page)) { // damaged: as if there were none
			text_clear(&owner->stale);
			page_request(owner);
		} else if (page_renewed(owner, response, &page, &err)) {
			source_page_failed(owner, &err);
		} else {
			owner->fetched = owner->source->now;
			source_page_arrived(owner, &page);
		}
	} else if (page_answer(owner, response, &page, &err)) {
		source_page_failed(owner, &err);
	} else {
		owner->fetched = owner->source->now;
		source_page_arrived(owner, &page);
	}
}

static void page_request(struct source_project *owner)
{
	cleanup_free char *url = page_url(owner->source, owner->name);
	const struct cache_page_head *head = &owner->stale_head;
	cleanup_free char *validator = NULL;
	if (owner->stale.len && *head->etag)
		validator = xasprintf("If-None-Match: %s", head->etag);
	else if (owner->stale.len && *head->last_modified)
		validator = xasprintf("If-Modified-Since: %s", head->last_modified);
	const char *headers[] = {INDEX_ACCEPT, validator, NULL};
	struct http_request request = {
		.url = url, .headers = headers, .body_limit = PAGE_LIMIT, .done = page_done, .context = owner};
	owner->source->in_flight++;
	http_add(owner->source->http, &request);
}

// ---- folders ---------------------------------------------------------------------------------------------------------

// A folder without a page: its files are the page, as a web server would list them.
static int page_of_listing(const char *folder, const char *url, struct index_page *out, struct error *err)
{
	file_names names = VEC_INIT;
	if (dir_list(folder, &names, err))
		return -1;
	cleanup_text struct text html = TEXT_INIT;
	text_add(&html, "<!DOCTYPE html>");
	vec_each (&names, name) {
		bool plain = (*name)[0] != '.'; // what needs no escapes; others are no distributions
		for (const char *c = *name; *c && plain; c++)
			plain = *c > ' ' && *c <= '~' && !strchr("\"&<>%?#:", *c);
		cleanup_free char *path = xasprintf("%s%s", folder, *name);
		if (plain && file_exists(path) && !slice_ends(slice_of(*name), ".metadata"))
			text_addf(&html, "<a href=\"%s\"></a>", *name);
	}
	file_names_clear(&names);
	struct error ignored = ERROR_INIT; // a folder of other things
	if (index_page_parse(text_slice(&html), "text/html", url, out, &ignored))
		*out = (struct index_page){.arena = ARENA_INIT};
	return 0;
}

// A file:// index: "<project>/index.html" (or .json), else what is in the folder "<project>".
static void page_local(struct source_project *owner, const char *url, const char *folder)
{
	const char *index_url = owner->source->options->index_url;
	cleanup_free char *html = xasprintf("%sindex.html", folder);
	cleanup_free char *json = xasprintf("%sindex.json", folder);
	cleanup_free char *root = url_file_path(index_url);
	const char *path = file_exists(json) ? json : html;
	cleanup_text struct text text = TEXT_INIT;
	struct error err = ERROR_INIT;
	struct index_page page = {.arena = ARENA_INIT};
	int status;
	if (!root || !dir_exists(root)) {
		status = error_set(&err, ERROR_INDEX, "%s: no such folder", index_url);
	} else if (!dir_exists(folder)) {
		source_page_unknown(owner);
		return;
	} else if (file_exists(path)) {
		status = file_read(path, PAGE_LIMIT, &text, &err) ||
					 index_page_parse(text_slice(&text),
							  path == json ? "application/json" : "text/html", url, &page,
							  &err)
				 ? -1
				 : 0;
	} else {
		status = page_of_listing(folder, url, &page, &err);
	}
	owner->fetched = owner->source->now;
	if (status)
		source_page_failed(owner, &err);
	else
		source_page_arrived(owner, &page);
}

// ---- cache -----------------------------------------------------------------------------------------------------------

// true when the cache had the page and it counts as fresh; else what is there is kept for revalidation.
static bool page_cached(struct source_project *owner, const char *url)
{
	const struct resolve_options *options = owner->source->options;
	struct cache_page_head *head = &owner->stale_head;
	char key[DIGEST_HEX_SIZE];
	page_key(url, key);
	cleanup_text struct text text = TEXT_INIT;
	if (!cache_read(options->cache_dir, "pages", key, CACHE_PAGE_LIMIT, &text))
		return false;
	struct slice data = text_slice(&text);
	if (cache_page_head_read(&data, head))
		return false;
	if (slice_is(data, UNKNOWN_PAGE)) {
		if (options->offline)
			source_page_unknown(owner);
		return options->offline;
	}
	int64_t fresh = head->max_age >= 0 ? head->max_age : options->freshness;
	int64_t age = (owner->source->now - head->fetched) / 1000;
	struct index_page page;
	if (options->offline || (!options->refresh && age >= 0 && age < fresh)) {
		if (index_page_read(data, &page))
			return false;
		owner->fetched = head->fetched;
		source_page_arrived(owner, &page);
		return true;
	}
	if (*head->etag || *head->last_modified)
		text_add_slice(&owner->stale, data);
	return false;
}

void page_start(struct source_project *owner)
{
	owner->state = SOURCE_FETCHING;
	cleanup_free char *url = page_url(owner->source, owner->name);
	cleanup_free char *folder = url_file_path(url);
	if (folder) {
		page_local(owner, url, folder);
	} else if (page_cached(owner, url)) {
		return;
	} else if (owner->source->options->offline) {
		struct error err = ERROR_INIT;
		error_set(&err, ERROR_NETWORK, "%s: its index page is not in the cache, and this is offline",
			  owner->name);
		source_page_failed(owner, &err);
	} else {
		page_request(owner);
	}
}
