// The two forms of a page are made from the same JSON.
#include "agents/wheel/simple.h"

#include <string.h>
#include <sys/stat.h>

#include "agents/registry.h"
#include "core/arena.h"
#include "core/digest.h"
#include "core/file.h"
#include "resolver/metadata.h"
#include "resolver/url.h"

enum { PAGE_LIMIT = 256 * 1024 * 1024 };

// ---- files -----------------------------------------------------------------------------------------------------------

int simple_add(const char *folder, const struct simple_upload *upload, json_t **out, struct error *err)
{
	cleanup_free char *files = xasprintf("%s/files", folder);
	cleanup_free char *path = xasprintf("%s/%s", files, upload->file_name);
	cleanup_free char *metadata_path = xasprintf("%s.metadata", path);
	cleanup_arena struct arena arena = ARENA_INIT;
	struct metadata metadata;
	char sha256[DIGEST_HEX_SIZE], metadata_sha256[DIGEST_HEX_SIZE];
	if (metadata_parse(&arena, upload->metadata, &metadata, err))
		return error_context(err, "%s", upload->file_name);
	if (registry_make_folder(files, err) ||
	    file_write_once(metadata_path, upload->metadata.ptr, upload->metadata.len, err) < 0 ||
	    file_write_once(path, upload->data.ptr, upload->data.len, err) < 0)
		return -1;
	cleanup_text struct text url = TEXT_INIT;
	text_add(&url, "../files/");
	url_escape(upload->file_name, &url);
	digest_hex_of(upload->data.ptr, upload->data.len, sha256);
	digest_hex_of(upload->metadata.ptr, upload->metadata.len, metadata_sha256);
	json_t *hashes = json_pack("{s:s}", "sha256", metadata_sha256);
	*out = json_pack("{s:s, s:s, s:{s:s}, s:I, s:O, s:o}", "filename", upload->file_name, "url", text_str(&url),
			 "hashes", "sha256", sha256, "size", (json_int_t)upload->data.len, "core-metadata", hashes,
			 "dist-info-metadata", hashes);
	if (*metadata.requires_python)
		json_object_set_new(*out, "requires-python", json_string(metadata.requires_python));
	if (*upload->time)
		json_object_set_new(*out, "upload-time", json_string(upload->time));
	json_object_set_new(*out, "yanked",
			    !upload->yanked   ? json_false()
			    : *upload->yanked ? json_string(upload->yanked)
					      : json_true());
	return 0;
}

static bool is_there(const char *folder, const char *name, json_t *file)
{
	struct stat status;
	cleanup_free char *path = xasprintf("%s/files/%s", folder, name), *metadata = xasprintf("%s.metadata", path);
	return !strchr(name, '/') && !stat(path, &status) && S_ISREG(status.st_mode) &&
	       status.st_size == json_integer_or(file, "size", -1) && file_exists(metadata);
}

json_t *simple_known(const char *folder, const char *project)
{
	json_t *known = json_object(), *file;
	size_t index;
	struct error ignored = ERROR_INIT; // an unreadable page is made again
	cleanup_free char *path = xasprintf("%s/%s/index.json", folder, project);
	cleanup_json json_t *page = file_exists(path) ? json_read_file(path, PAGE_LIMIT, &ignored) : NULL;
	json_array_foreach (json_object_get(page, "files"), index, file) {
		const char *name = json_string_or(file, "filename", "");
		if (*name && is_there(folder, name, file))
			json_object_set(known, name, file);
	}
	return known;
}

// ---- pages -----------------------------------------------------------------------------------------------------------

static void add_html(const char *value, struct text *out)
{
	for (const char *at = value; *at; at++)
		switch (*at) {
		case '&': text_add(out, "&amp;"); break;
		case '<': text_add(out, "&lt;"); break;
		case '>': text_add(out, "&gt;"); break;
		case '"': text_add(out, "&quot;"); break;
		default: text_add_char(out, *at);
		}
}

static void add_attribute(const char *name, const char *value, struct text *out)
{
	text_addf(out, " %s=\"", name);
	add_html(value, out);
	text_add_char(out, '"');
}

static void begin_page(const char *title, struct text *out)
{
	text_add(out, "<!DOCTYPE html>\n<html>\n<head>\n<meta charset=\"utf-8\">\n"
		      "<meta name=\"pypi:repository-version\" content=\"1.1\">\n<title>");
	add_html(title, out);
	text_add(out, "</title>\n</head>\n<body>\n");
}

static void add_file(json_t *file, struct text *out)
{
	cleanup_free char *metadata =
		xasprintf("sha256=%s", json_string_or(json_object_get(file, "core-metadata"), "sha256", ""));
	cleanup_free char *url = xasprintf("%s#sha256=%s", json_string_or(file, "url", ""),
					   json_string_or(json_object_get(file, "hashes"), "sha256", ""));
	const char *python = json_string_or(file, "requires-python", NULL);
	json_t *yanked = json_object_get(file, "yanked");
	text_add(out, "<a");
	add_attribute("href", url, out);
	if (python)
		add_attribute("data-requires-python", python, out);
	add_attribute("data-core-metadata", metadata, out);
	add_attribute("data-dist-info-metadata", metadata, out);
	if (json_is_string(yanked) || json_is_true(yanked))
		add_attribute("data-yanked", json_is_string(yanked) ? json_string_value(yanked) : "", out);
	text_add_char(out, '>');
	add_html(json_string_or(file, "filename", ""), out);
	text_add(out, "</a><br>\n");
}

static int write_changed(const char *path, const struct text *text, struct error *err)
{
	cleanup_text struct text old = TEXT_INIT;
	struct error ignored = ERROR_INIT;
	if (file_exists(path) && !file_read(path, PAGE_LIMIT, &old, &ignored) &&
	    slice_equal(text_slice(&old), text_slice(text)))
		return 0;
	return file_write_atomic(path, text_str(text), text->len, err);
}

// index.json first: it is what the next update believes.
static int write_pages(const char *folder, json_t *json, const struct text *html, struct error *err)
{
	cleanup_free char *json_path = xasprintf("%s/index.json", folder);
	cleanup_free char *html_path = xasprintf("%s/index.html", folder);
	cleanup_text struct text text = TEXT_INIT;
	json_write_compact(json, &text);
	return registry_make_folder(folder, err) || write_changed(json_path, &text, err) ||
			       write_changed(html_path, html, err)
		       ? -1
		       : 0;
}

static int compare_files(const void *left, const void *right)
{
	return strcmp(json_string_or(*(json_t *const *)left, "filename", ""),
		      json_string_or(*(json_t *const *)right, "filename", ""));
}

int simple_write_project(const char *folder, const char *project, json_t *files, json_t *versions, struct error *err)
{
	VEC(json_t *) sorted = VEC_INIT;
	cleanup_json json_t *listed = json_array();
	cleanup_text struct text html = TEXT_INIT;
	cleanup_free char *title = xasprintf("Links for %s", project), *pages = xasprintf("%s/%s", folder, project);
	json_t *file;
	size_t index;
	json_array_foreach (files, index, file) {
		vec_push(&sorted, file);
	}
	vec_sort(&sorted, compare_files);
	begin_page(title, &html);
	text_addf(&html, "<h1>%s</h1>\n", title);
	vec_each (&sorted, item) {
		json_array_append(listed, *item);
		add_file(*item, &html);
	}
	vec_clear(&sorted);
	text_add(&html, "</body>\n</html>\n");
	cleanup_json json_t *page = json_pack("{s:{s:s}, s:s, s:O, s:O}", "meta", "api-version", "1.1", "name", project,
					      "versions", versions, "files", listed);
	return write_pages(pages, page, &html, err);
}

int simple_write_root(const char *folder, json_t *projects, struct error *err)
{
	cleanup_text struct text html = TEXT_INIT;
	cleanup_json json_t *rows = json_array();
	json_t *project;
	size_t index;
	begin_page("Simple index", &html);
	json_array_foreach (projects, index, project) {
		const char *name = json_string_value(project);
		text_addf(&html, "<a href=\"%s/\">%s</a><br>\n", name, name);
		json_array_append_new(rows, json_pack("{s:s}", "name", name));
	}
	text_add(&html, "</body>\n</html>\n");
	cleanup_json json_t *page = json_pack("{s:{s:s}, s:O}", "meta", "api-version", "1.1", "projects", rows);
	return write_pages(folder, page, &html, err);
}
