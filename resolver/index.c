// Index pages: JSON, HTML through gumbo, and the compact form. Files that are malformed are put aside with the reason;
// only a page that is no page at all is an error.
#include "resolver/index.h"

#include <ctype.h>
#include <gumbo.h>
#include <string.h>
#include <strings.h>

#include "core/json.h"
#include "resolver/url.h"

enum { HTML_MAX_TAGS = 20000, HTML_MAX_FORMATS = 100 };

#define COMPACT_HEAD "gophersnake.page/1"

void index_page_clear(struct index_page *page)
{
	vec_clear(&page->files);
	vec_clear(&page->ignored);
	arena_clear(&page->arena);
}

static bool is_clean(const char *text) // the compact form has no escapes
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

static bool is_sha256(const char *text)
{
	return strlen(text) == 64 && strspn(text, "0123456789abcdef") == 64;
}

static const char *lower_hash(struct index_page *page, const char *text)
{
	char *copy = arena_strdup(&page->arena, text);
	for (char *c = copy; *c; c++)
		if (*c >= 'A' && *c <= 'F')
			*c = (char)(*c - 'A' + 'a');
	return is_sha256(copy) ? copy : "";
}

static void ignore(struct index_page *page, const char *name, const char *reason)
{
	vec_push(&page->ignored, arena_printf(&page->arena, "%.200s: %s", is_clean(name) ? name : "?", reason));
}

// Takes the file when it is sound. reference is what the page gives as its URL, *fragment_hash set from "#sha256=…".
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
		file->name = name && *name ? name : "";
	if (!*file->name || *file->name == '.' || strchr(file->name, '/') || !is_clean(file->name)) {
		ignore(page, *file->name ? file->name : reference, "its file name cannot be used");
		return;
	}
	if (!*file->sha256 && fragment && !strncmp(fragment, "sha256=", 7))
		file->sha256 = lower_hash(page, fragment + 7);
	const char *const fields[] = {file->upload_time, file->requires_python, file->yanked ? file->yanked : ""};
	for (size_t i = 0; i < ARRAY_LENGTH(fields); i++)
		if (!is_clean(fields[i])) {
			ignore(page, file->name, "control characters in its entry");
			return;
		}
	struct index_file kept = *file;
	kept.name = arena_strdup(&page->arena, file->name);
	kept.url = arena_strdup(&page->arena, url);
	kept.upload_time = arena_strdup(&page->arena, file->upload_time);
	kept.requires_python = arena_strdup(&page->arena, file->requires_python);
	kept.yanked = arena_strdup(&page->arena, file->yanked);
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
			file->core_metadata = true;
			file->metadata_sha256 = lower_hash(page, json_string_or(value, "sha256", ""));
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
		return error_set(err, ERROR_INDEX, "%s: Simple API version %.20s is not supported (1.x is)", url, version);
	if (!json_is_array(files))
		return error_set(err, ERROR_INDEX, "%s: no list of files in the index page", url);
	if (json_array_size(files) > INDEX_MAX_FILES)
		return error_set(err, ERROR_INDEX, "%s: more than %d files", url, INDEX_MAX_FILES);
	size_t i;
	json_t *entry;
	json_array_foreach(files, i, entry) {
		struct index_file file = {.sha256 = "", .size = -1, .metadata_sha256 = ""};
		const char *reference = json_string_or(entry, "url", "");
		json_t *size = json_object_get(entry, "size"), *yanked = json_object_get(entry, "yanked");
		file.name = json_string_or(entry, "filename", "");
		file.upload_time = json_string_or(entry, "upload-time", "");
		file.requires_python = json_string_or(entry, "requires-python", "");
		file.sha256 = lower_hash(page, json_string_or(json_object_get(entry, "hashes"), "sha256", ""));
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

static const char *attribute(const GumboElement *element, const char *name)
{
	const GumboAttribute *found = gumbo_get_attribute(&element->attributes, name);
	return found ? found->value : NULL;
}

static void read_anchor(struct index_page *page, const GumboElement *element, const char *base)
{
	const char *reference = attribute(element, "href");
	if (!reference)
		return;
	struct index_file file = {.sha256 = "", .size = -1, .upload_time = "", .metadata_sha256 = ""};
	const char *python = attribute(element, "data-requires-python");
	const char *announced = attribute(element, "data-core-metadata");
	if (!announced)
		announced = attribute(element, "data-dist-info-metadata");
	file.requires_python = python ? python : "";
	file.yanked = attribute(element, "data-yanked");
	if (announced && strcasecmp(announced, "false") != 0) {
		file.core_metadata = true;
		if (!strncmp(announced, "sha256=", 7))
			file.metadata_sha256 = lower_hash(page, announced + 7);
	}
	add_file(page, base, reference, &file);
}

// The parser of gumbo frees its tree by recursion and copies open formatting elements into every block: what nests
// deeply, or could, is no index page.
static bool is_reasonable_html(struct slice body)
{
	static const char *const formatting[] = {"b", "i", "u", "s", "em", "tt", "big", "code", "font", "nobr", "small", "strike",
	                                         "strong"};
	size_t blocks = 0, formats = 0;
	for (size_t i = 0; i + 1 < body.len; i++) {
		if (body.ptr[i] != '<' || !isalpha((unsigned char)body.ptr[i + 1]))
			continue;
		size_t length = 1;
		while (i + 1 + length < body.len && isalnum((unsigned char)body.ptr[i + 1 + length]))
			length++;
		struct slice name = {body.ptr + i + 1, length};
		if (name.len == 1 && (name.ptr[0] == 'a' || name.ptr[0] == 'A'))
			continue;
		blocks++;
		for (size_t f = 0; f < ARRAY_LENGTH(formatting); f++)
			formats += name.len == strlen(formatting[f]) && !strncasecmp(name.ptr, formatting[f], name.len);
	}
	return blocks <= HTML_MAX_TAGS && formats <= HTML_MAX_FORMATS;
}

static int parse_html(struct slice body, const char *url, struct index_page *page, struct error *err)
{
	if (!is_reasonable_html(body))
		return error_set(err, ERROR_INDEX, "%s: the answer is too complicated for an index page", url);
	GumboOptions options = kGumboDefaultOptions;
	options.max_errors = 0;
	GumboOutput *output = gumbo_parse_with_options(&options, body.ptr, body.len);
	if (!output)
		return error_set(err, ERROR_INDEX, "%s: not an HTML page", url);
	cleanup_free char *base = xstrdup(url);
	VEC(const GumboNode *) stack = VEC_INIT;
	vec_push(&stack, output->root);
	size_t anchors = 0;
	while (stack.count) {
		const GumboNode *node = stack.items[--stack.count];
		if (node->type != GUMBO_NODE_ELEMENT && node->type != GUMBO_NODE_TEMPLATE)
			continue;
		const GumboElement *element = &node->v.element;
		if (element->tag == GUMBO_TAG_BASE && attribute(element, "href")) {
			char *joined = url_join(url, slice_of(attribute(element, "href")), NULL);
			if (joined) {
				free(base);
				base = joined;
			}
		} else if (element->tag == GUMBO_TAG_A && anchors++ < INDEX_MAX_FILES) {
			read_anchor(page, element, base);
		}
		for (unsigned i = element->children.length; i-- > 0;)
			vec_push(&stack, element->children.data[i]);
	}
	vec_clear(&stack);
	gumbo_destroy_output(&options, output);
	return anchors > INDEX_MAX_FILES ? error_set(err, ERROR_INDEX, "%s: more than %d files", url, INDEX_MAX_FILES) : 0;
}

int index_page_parse(struct slice body, const char *content_type, const char *url, struct index_page *out, struct error *err)
{
	struct index_page page = {.arena = ARENA_INIT};
	struct slice text = slice_trim(body);
	bool json = content_type ? strstr(content_type, "json") != NULL : text.len && text.ptr[0] == '{';
	int status;
	if (!json && content_type && !strstr(content_type, "html"))
		status = error_set(err, ERROR_INDEX, "%s: the answer is neither JSON nor HTML but %.60s", url, content_type);
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
