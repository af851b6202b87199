// Index pages: JSON, HTML, and the compact form. Files that are malformed are put aside with the reason;
// only a page that is no page at all is an error.
#include "resolver/index.h"

#include <string.h>
#include <strings.h>

#include "core/json.h"
#include "resolver/index_html.h"
#include "resolver/url.h"
#include "resolver/utf8.h"

#define COMPACT_HEAD "gophersnake.page/1"

void index_page_clear(struct index_page *page)
{
	vec_clear(&page->files);
	vec_clear(&page->ignored);
	arena_clear(&page->arena);
}

static bool is_clean(const char *text) // the compact form has no escapes, and locks are UTF-8
{
	for (const char *c = text; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			return false;
	return utf8_is_valid(slice_of(text));
}

// For text that people wrote: control characters become spaces; "" when it is no text at all.
static const char *cleaned(struct index_page *page, const char *text)
{
	char *copy = arena_strdup(&page->arena, text);
	for (char *c = copy; *c; c++)
		if ((unsigned char)*c < 0x20 || *c == 0x7f)
			*c = ' ';
	return utf8_is_valid(slice_of(copy)) ? copy : "";
}

// Lower case; NULL when it is no SHA-256.
static const char *lower_hash(struct index_page *page, const char *text)
{
	char *copy = arena_strdup(&page->arena, text);
	for (char *c = copy; *c; c++)
		if (*c >= 'A' && *c <= 'F')
			*c = (char)(*c - 'A' + 'a');
	return strlen(copy) == 64 && strspn(copy, "0123456789abcdef") == 64 ? copy : NULL;
}

static void ignore(struct index_page *page, const char *name, const char *reason)
{
	vec_push(&page->ignored,
		 arena_printf(&page->arena, "%s: %s", is_clean(name) && strlen(name) < 300 ? name : "?", reason));
}

// Takes the file when it is sound. reference is what the page gives as its URL; its "#sha256=…" counts when the file
// has no hash yet. The strings of file may be short-lived, but for the hashes.
static void add_file(struct index_page *page, const char *base, const char *reference, struct index_file *file)
{
	cleanup_free char *fragment = NULL;
	cleanup_free char *joined = url_join(base, slice_of(reference), &fragment);
	if (!joined) {
		ignore(page, file->name ? file->name : reference, "its URL cannot be used");
		return;
	}
	cleanup_free char *url = url_without_credentials(joined);
	cleanup_free char *name = url_file_name(url);
	if (!file->name)
		file->name = name ? name : "";
	if (!*file->name || *file->name == '.' || strchr(file->name, '/') || !is_clean(file->name)) {
		ignore(page, *file->name ? file->name : reference, "its file name cannot be used");
		return;
	}
	if (file->sha256 && !*file->sha256 && !strncmp(fragment, "sha256=", 7)) {
		cleanup_free char *hash = xstrndup(fragment + 7, strcspn(fragment + 7, "&"));
		file->sha256 = lower_hash(page, hash);
	}
	if (!file->sha256 || !file->metadata_sha256) {
		ignore(page, file->name, "the index gives a hash for it that is none");
		return;
	}
	struct index_file kept = *file;
	kept.name = arena_strdup(&page->arena, file->name);
	kept.url = arena_strdup(&page->arena, url);
	kept.upload_time = is_clean(file->upload_time) ? arena_strdup(&page->arena, file->upload_time) : "";
	kept.requires_python = cleaned(page, file->requires_python);
	kept.yanked = file->yanked ? cleaned(page, file->yanked) : NULL;
	vec_push(&page->files, kept);
}

// ---- JSON ------------------------------------------------------------------------------------------------------------

// true, or an object of hashes, under the new or one of the old names.
static void read_announced(struct index_page *page, json_t *entry, struct index_file *file)
{
	static const char *const keys[] = {"core-metadata", "dist-info-metadata", "data-dist-info-metadata"};
	for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
		json_t *value = json_object_get(entry, keys[i]);
		if (json_is_true(value) || json_is_object(value)) {
			const char *hash = json_string_or(value, "sha256", "");
			file->core_metadata = true;
			file->metadata_sha256 = *hash ? lower_hash(page, hash) : "";
			return;
		}
	}
}

static int parse_json(struct slice body, const char *url, struct index_page *page, struct error *err)
{
	cleanup_json json_t *json = json_parse(body, url, err);
	if (!json) {
		if (err)
			err->code = ERROR_INDEX;
		return -1;
	}
	json_t *files = json_object_get(json, "files");
	const char *version = json_string_or(json_object_get(json, "meta"), "api-version", "1.0");
	if (strncmp(version, "1.", 2) != 0)
		return error_set(err, ERROR_INDEX, "%s: Simple API version %.20s is not supported (1.x is)", url,
				 version);
	if (!json_is_array(files))
		return error_set(err, ERROR_INDEX, "%s: no list of files in the index page", url);
	if (json_array_size(files) > INDEX_MAX_FILES)
		return error_set(err, ERROR_INDEX, "%s: more than %d files", url, INDEX_MAX_FILES);
	size_t i;
	json_t *entry;
	json_array_foreach (files, i, entry) {
		struct index_file file = {.sha256 = "", .size = -1, .metadata_sha256 = ""};
		const char *reference = json_string_or(entry, "url", "");
		json_t *size = json_object_get(entry, "size"), *yanked = json_object_get(entry, "yanked");
		file.name = json_string_or(entry, "filename", "");
		file.upload_time = json_string_or(entry, "upload-time", "");
		file.requires_python = json_string_or(entry, "requires-python", "");
		const char *hash = json_string_or(json_object_get(entry, "hashes"), "sha256", "");
		file.sha256 = *hash ? lower_hash(page, hash) : "";
		if (json_is_integer(size) && json_integer_value(size) >= 0)
			file.size = json_integer_value(size);
		if (json_is_string(yanked))
			file.yanked = json_string_value(yanked);
		else if (json_is_true(yanked))
			file.yanked = "";
		read_announced(page, entry, &file);
		if (*reference)
			add_file(page, url, reference, &file);
		else
			ignore(page, file.name, "it has no URL");
	}
	return 0;
}

// ---- HTML ------------------------------------------------------------------------------------------------------------

struct html_page { // what an index page would have, and what it would not
	struct index_page *page;
	const char *url, *base;
	size_t anchors, distributions;
	bool form, markup; // an input form; any tag at all
};

// By its end: something that indexes have offered at some time, even when no installer takes it today.
static bool is_distribution(const char *name)
{
	static const char *const ends[] = {".whl", ".zip", ".gz",  ".tgz", ".bz2", ".tbz", ".xz",
					   ".tar", ".egg", ".exe", ".msi", ".rpm", ".deb", ".dmg"};
	for (size_t i = 0; i < ARRAY_LENGTH(ends); i++)
		if (slice_ends(slice_of(name), ends[i]))
			return true;
	return false;
}

static void read_anchor(struct html_page *html, const struct html_tag *tag)
{
	const char *reference = html_attribute(tag, "href");
	if (!reference)
		return;
	struct index_file file = {.sha256 = "", .size = -1, .upload_time = "", .metadata_sha256 = ""};
	const char *python = html_attribute(tag, "data-requires-python");
	const char *announced = html_attribute(tag, "data-core-metadata");
	if (!announced)
		announced = html_attribute(tag, "data-dist-info-metadata");
	file.requires_python = python ? python : "";
	file.yanked = html_attribute(tag, "data-yanked");
	if (announced && strcasecmp(announced, "false") != 0) {
		file.core_metadata = true;
		if (!strncmp(announced, "sha256=", 7))
			file.metadata_sha256 = lower_hash(html->page, announced + 7);
	}
	cleanup_free char *joined = url_join(html->base, slice_of(reference), NULL);
	cleanup_free char *name = joined ? url_file_name(joined) : NULL;
	if (joined && !is_distribution(name ? name : ""))
		return; // "up", "home", signatures: links, not files
	html->distributions++;
	add_file(html->page, html->base, reference, &file);
}

static int read_tag(struct html_page *html, const struct html_tag *tag, struct arena *scratch, struct error *err)
{
	html->markup = true;
	if (html_tag_is(tag, "a")) {
		if (html->anchors++ == INDEX_MAX_FILES)
			return error_set(err, ERROR_INDEX, "%s: more than %d files", html->url, INDEX_MAX_FILES);
		read_anchor(html, tag);
	} else if (html_tag_is(tag, "base") && html_attribute(tag, "href")) {
		cleanup_free char *joined = url_join(html->url, slice_of(html_attribute(tag, "href")), NULL);
		if (joined)
			html->base = arena_strdup(scratch, joined);
	} else if (html_tag_is(tag, "form") || html_tag_is(tag, "input")) {
		html->form = true;
	} else if (html_tag_is(tag, "meta")) {
		const char *name = html_attribute(tag, "name"), *content = html_attribute(tag, "content");
		if (name && content && !strcmp(name, "pypi:repository-version") && strncmp(content, "1.", 2) != 0)
			return error_set(err, ERROR_INDEX, "%s: Simple API version %.20s is not supported (1.x is)",
					 html->url, content);
	}
	return 0;
}

static int parse_html(struct slice body, const char *url, struct index_page *page, struct error *err)
{
	cleanup_arena struct arena scratch = ARENA_INIT;
	struct html_reader reader = {.rest = body};
	struct html_page html = {.page = page, .url = url, .base = url};
	cleanup_free struct html_tag *tag = xcalloc(1, sizeof *tag);
	while (html_next(&reader, &scratch, tag))
		if (read_tag(&html, tag, &scratch, err))
			return -1;
	if (reader.cut)
		return error_set(err, ERROR_NETWORK, "%s: the page is cut off in the middle", url);
	if (!html.distributions && (html.form || html.anchors || !html.markup))
		return error_set(err, ERROR_INDEX,
				 "%s: the answer is a web page, not an index page (no distribution files in it%s)", url,
				 html.form ? ", but a form: does the index want a login?" : "");
	return 0;
}

int index_page_parse(struct slice body, const char *content_type, const char *url, struct index_page *out,
		     struct error *err)
{
	struct index_page page = {.arena = ARENA_INIT};
	if (slice_starts(body, "\xef\xbb\xbf"))
		body = slice_from(body, 3);
	struct slice text = slice_trim(body);
	bool json = content_type ? strcasestr(content_type, "json") != NULL : text.len && text.ptr[0] == '{';
	int status;
	if (!json && content_type && !strcasestr(content_type, "html"))
		status = error_set(err, ERROR_INDEX, "%s: the answer is neither JSON nor HTML but %.60s", url,
				   content_type);
	else if (!json && (!text.len || text.ptr[0] != '<'))
		status = error_set(err, ERROR_INDEX, "%s: the answer is no index page", url);
	else
		status = json ? parse_json(body, url, &page, err) : parse_html(body, url, &page, err);
	if (status) {
		index_page_clear(&page);
		return -1;
	}
	*out = page;
	return 0;
}

// ---- compact form ----------------------------------------------------------------------------------------------------

void index_page_write(const struct index_page *page, struct text *out)
{
	text_add(out, COMPACT_HEAD "\n");
	vec_each (&page->files, file) {
		text_addf(out, "file\t%s\t%s\t%s\t%lld\t%s\t%s\t%s%s\t%s%s\n", file->name, file->url, file->sha256,
			  (long long)file->size, file->upload_time, file->requires_python, file->yanked ? "y" : "-",
			  file->yanked ? file->yanked : "", file->core_metadata ? "m" : "-", file->metadata_sha256);
	}
	vec_each (&page->ignored, line)
		text_addf(out, "ignored\t%s\n", *line);
	text_addf(out, "end\t%zu\n", page->files.count);
}

static int read_file_line(struct slice line, struct index_page *page)
{
	const char *fields[8];
	for (size_t i = 0; i < ARRAY_LENGTH(fields); i++) {
		struct slice field;
		if (!slice_cut(&line, '\t', &field))
			return -1;
		fields[i] = arena_slice(&page->arena, field);
	}
	struct index_file file = {.name = fields[0],
				  .url = fields[1],
				  .sha256 = fields[2],
				  .upload_time = fields[4],
				  .requires_python = fields[5],
				  .yanked = fields[6][0] == 'y' ? fields[6] + 1 : NULL,
				  .core_metadata = fields[7][0] == 'm',
				  .metadata_sha256 = fields[7][0] ? fields[7] + 1 : ""};
	if (parse_i64(slice_of(fields[3]), &file.size) || !*file.name || !*file.url)
		return -1;
	vec_push(&page->files, file);
	return 0;
}

int index_page_read(struct slice data, struct index_page *out)
{
	struct index_page page = {.arena = ARENA_INIT};
	struct slice line;
	bool complete = false;
	int status = slice_cut(&data, '\n', &line) && slice_is(line, COMPACT_HEAD) ? 0 : -1;
	while (!status && !complete && slice_cut(&data, '\n', &line)) {
		struct slice kind;
		if (!slice_cut(&line, '\t', &kind))
			status = -1;
		else if (slice_is(kind, "file"))
			status = read_file_line(line, &page);
		else if (slice_is(kind, "ignored"))
			vec_push(&page.ignored, arena_slice(&page.arena, line));
		else if (slice_is(kind, "end")) {
			uint64_t count;
			complete = !parse_u64(line, &count) && count == page.files.count;
			status = complete ? 0 : -1;
		} else
			status = -1;
	}
	if (status || !complete) {
		index_page_clear(&page);
		return -1;
	}
	*out = page;
	return 0;
}
