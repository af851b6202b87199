// Reads the licence fields and files of an unpacked wheel, and judges them by
// the configuration.
#include "agents/licence.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "core/file.h"
#include "core/vec.h"
#include "resolver/metadata.h"

enum { FILE_LIMIT = 16 * 1024 * 1024, SHORT_TEXT = 64, DEPTH = 32 };

// ---- the fields ------------------------------------------------------------------------------------------------------

// The one *.dist-info of a wheel, "" when there is none.
static int find_dist_info(const char *folder, char **out, struct error *err)
{
	file_names names = VEC_INIT;
	if (dir_list(folder, &names, err))
		return -1;
	*out = NULL;
	vec_each (&names, name)
		if (!*out && slice_ends(slice_of(*name), ".dist-info"))
			*out = xasprintf("%s/%s", folder, *name);
	file_names_clear(&names);
	return *out ? 0 : error_set(err, ERROR_INPUT, "the wheel has no .dist-info folder");
}

static json_t *licence_classifiers(const struct metadata *metadata)
{
	json_t *list = json_array();
	for (size_t i = 0; i < metadata->classifier.count; i++)
		if (!strncmp(metadata->classifier.items[i], "License :: ", 11))
			json_array_append_new(list, json_string(metadata->classifier.items[i]));
	return list;
}

static const char *last_part(const char *classifier)
{
	const char *last = classifier;
	for (const char *at = classifier; (at = strstr(at, " :: ")); last = at)
		at += 4;
	return last;
}

// For people: the expression, or what the classifiers call it.
static json_t *text_of(const char *expression, json_t *classifiers)
{
	cleanup_text struct text text = TEXT_INIT;
	size_t index;
	json_t *classifier;
	json_array_foreach (classifiers, index, classifier) {
		text_addf(&text, "%s%s", index ? ", " : "", last_part(json_string_value(classifier)));
	}
	return json_string(*expression ? expression : text.len ? text_str(&text) : "unknown");
}

static json_t *fields_of(const struct metadata *metadata)
{
	json_t *classifiers = licence_classifiers(metadata);
	struct slice text = slice_trim(slice_of(metadata->license));
	bool is_short = text.len > 0 && text.len <= SHORT_TEXT && !memchr(text.ptr, '\n', text.len) &&
			strncasecmp(text.ptr, "UNKNOWN", text.len) != 0;
	const char *source = "none";
	cleanup_free char *expression = slice_dup(slice_trim(slice_of(metadata->license_expression)));
	if (*expression) {
		source = "License-Expression";
	} else if (json_array_size(classifiers)) {
		source = "classifiers";
	} else if (is_short) {
		source = "License";
		free(expression);
		expression = slice_dup(text);
	}
	return json_pack("{s:s, s:s, s:o, s:o}", "expression", expression, "source", source, "text",
			 text_of(expression, classifiers), "classifiers", classifiers);
}

// ---- the files -------------------------------------------------------------------------------------------------------

static bool is_licence_name(const char *name)
{
	static const char *const starts[] = {"licen", "copying", "copyright", "notice", "authors"};
	for (size_t i = 0; i < ARRAY_LENGTH(starts); i++)
		if (!strncasecmp(name, starts[i], strlen(starts[i])))
			return true;
	return false;
}

static bool is_listed(const struct metadata *metadata, const char *name)
{
	for (size_t i = 0; i < metadata->license_file.count; i++)
		if (!strcmp(metadata->license_file.items[i], name))
			return true;
	return false;
}

// The last elements decide: "licenses/x/vendor/y" would be left out of a module zip, a trailing dot refused by Go.
static char *safe_path(const char *path)
{
	struct text out = TEXT_INIT;
	struct slice rest = slice_of(path), element;
	if (strchr(path, '/'))
		text_add(&out, "licenses");
	while (slice_cut(&rest, '/', &element)) {
		if (out.len)
			text_add_char(&out, '/');
		for (size_t i = 0; i < element.len; i++) {
			char c = element.ptr[i];
			bool allowed = isalnum((unsigned char)c) || strchr("-_+=@~.", c);
			text_add_char(&out, allowed && c ? c : '_');
		}
		if (slice_is(element, "vendor") || slice_ends(element, "."))
			text_add_char(&out, '_');
	}
	return text_steal(&out);
}

static bool is_taken(json_t *files, const char *path)
{
	size_t index;
	json_t *file;
	json_array_foreach (files, index, file) {
		if (!strcasecmp(json_string_or(file, "path", ""), path))
			return true;
	}
	return !strcasecmp(path, "go.mod") || !strcasecmp(path, "README.md");
}

static int add_file(json_t *files, const char *source, const char *path, struct store *store, struct error *err)
{
	char digest[DIGEST_HEX_SIZE];
	cleanup_text struct text data = TEXT_INIT;
	struct stat status;
	if (!stat(source, &status) && status.st_size > FILE_LIMIT)
		return error_set(err, ERROR_INPUT, "%s has %lld bytes, Go takes licence files of up to 16 MiB", path,
				 (long long)status.st_size);
	if (file_read(source, FILE_LIMIT, &data, err) || store_put(store, text_slice(&data), digest, err))
		return -1;
	cleanup_free char *safe = safe_path(path);
	cleanup_free char *unique = xstrdup(safe);
	for (int number = 2; is_taken(files, unique); number++) {
		free(unique);
		unique = xasprintf("%s-%d", safe, number);
	}
	json_array_append_new(files, json_pack("{s:s, s:s}", "path", unique, "digest", digest));
	return 0;
}

// licenses/ of the dist-info folder (PEP 639), else what lies in it and is listed or called like a licence.
static int collect_files(const char *dist_info, const struct metadata *metadata, struct store *store, json_t *files,
			 struct error *err)
{
	cleanup_free char *licences = xasprintf("%s/licenses", dist_info);
	file_names names = VEC_INIT;
	int status = 0;
	if (dir_exists(licences)) {
		status = dir_walk_files(licences, &names, err);
		for (size_t i = 0; !status && i < names.count; i++) {
			cleanup_free char *source = xasprintf("%s/%s", licences, names.items[i]);
			status = add_file(files, source, names.items[i], store, err);
		}
		file_names_clear(&names);
	}
	if (!status)
		status = dir_list(dist_info, &names, err);
	for (size_t i = 0; !status && i < names.count; i++) {
		cleanup_free char *source = xasprintf("%s/%s", dist_info, names.items[i]);
		bool wanted = is_licence_name(names.items[i]) || is_listed(metadata, names.items[i]);
		if (wanted && !dir_exists(source))
			status = add_file(files, source, names.items[i], store, err);
	}
	file_names_clear(&names);
	return status;
}

int licence_of_release(const char *folder, struct store *store, json_t **out, struct error *err)
{
	cleanup_free char *dist_info = NULL;
	cleanup_arena struct arena arena = ARENA_INIT;
	cleanup_text struct text text = TEXT_INIT;
	struct metadata metadata;
	if (find_dist_info(folder, &dist_info, err))
		return error_context(err, "licence");
	cleanup_free char *path = xasprintf("%s/METADATA", dist_info);
	if (file_read(path, METADATA_MAX_BYTES, &text, err) ||
	    metadata_parse(&arena, text_slice(&text), &metadata, err))
		return error_context(err, "licence");
	cleanup_json json_t *licence = fields_of(&metadata);
	json_t *files = json_array();
	if (!licence) {
		json_decref(files);
		return error_set(err, ERROR_INPUT, "licence: METADATA has a field that is not UTF-8");
	}
	json_object_set_new(licence, "files", files);
	if (collect_files(dist_info, &metadata, store, files, err))
		return error_context(err, "licence");
	*out = steal(&licence);
	return 0;
}

// ---- the verdict -----------------------------------------------------------------------------------------------------

static bool is_refused_id(struct slice id, const struct config *config, const char **which)
{
	for (unsigned i = 0; i < config->licence_refused.count; i++) {
		const char *listed = config->licence_refused.items[i];
		if (strlen(listed) == id.len && !strncasecmp(listed, id.ptr, id.len)) {
			*which = listed;
			return true;
		}
	}
	return false;
}

// An SPDX expression (annex D of the SPDX specification) being read; words are separated by spaces, "(" and ")" stand alone.
struct expression {
	struct slice rest;
	const struct config *config;
	const char *which; // what the user listed
	int depth;
	bool broken;
};

static struct slice peek_word(struct expression *expression)
{
	expression->rest = slice_trim(expression->rest);
	size_t length = 0;
	struct slice rest = expression->rest;
	if (rest.len && strchr("()", rest.ptr[0]))
		return (struct slice){rest.ptr, 1};
	while (length < rest.len && !strchr(" \t()", rest.ptr[length]))
		length++;
	return (struct slice){rest.ptr, length};
}

static bool take_word(struct expression *expression, const char *word)
{
	struct slice next = peek_word(expression);
	if (next.len != strlen(word) || strncasecmp(next.ptr, word, next.len) != 0)
		return false;
	expression->rest = slice_from(expression->rest, next.len);
	return true;
}

static bool refused_or(struct expression *expression);

static bool refused_term(struct expression *expression)
{
	if (take_word(expression, "(")) {
		bool refused = ++expression->depth < DEPTH ? refused_or(expression) : false;
		expression->depth--;
		if (!take_word(expression, ")"))
			expression->broken = true;
		return refused;
	}
	struct slice id = peek_word(expression);
	if (!id.len || slice_is(id, ")")) {
		expression->broken = true;
		return false;
	}
	expression->rest = slice_from(expression->rest, id.len);
	bool refused = is_refused_id(id, expression->config, &expression->which);
	if (take_word(expression, "WITH")) {
		struct slice exception = peek_word(expression);
		expression->rest = slice_from(expression->rest, exception.len);
		struct slice whole = {id.ptr, (size_t)(exception.ptr + exception.len - id.ptr)};
		refused |= is_refused_id(whole, expression->config, &expression->which);
	}
	return refused;
}

static bool refused_and(struct expression *expression)
{
	bool refused = refused_term(expression);
	while (!expression->broken && take_word(expression, "AND"))
		refused |= refused_term(expression);
	return refused;
}

static bool refused_or(struct expression *expression)
{
	bool refused = refused_and(expression);
	while (!expression->broken && take_word(expression, "OR"))
		refused &= refused_and(expression);
	return refused;
}

static bool expression_refused(const char *text, const struct config *config, const char **which)
{
	struct expression expression = {.rest = slice_of(text), .config = config};
	if (is_refused_id(slice_of(text), config, which))
		return true;
	bool refused = refused_or(&expression);
	if (expression.broken || slice_trim(expression.rest).len) { // no SPDX: any word of it binds
		refused = false;
		expression = (struct expression){.rest = slice_of(text), .config = config};
		for (struct slice word; (word = peek_word(&expression)).len;) {
			refused |= is_refused_id(word, config, &expression.which);
			expression.rest = slice_from(expression.rest, word.len);
		}
	}
	*which = expression.which;
	return refused;
}

static bool classifier_refused(const char *classifier, const struct config *config, const char **which)
{
	const char *last = last_part(classifier);
	return is_refused_id(slice_of(classifier), config, which) || is_refused_id(slice_of(last), config, which);
}

static enum licence_verdict verdict_of(enum licence_policy policy)
{
	return policy == LICENCE_REFUSE ? LICENCE_REFUSED : policy == LICENCE_WARN ? LICENCE_REMARK : LICENCE_FINE;
}

static const char *policy_word(enum licence_policy policy)
{
	return policy == LICENCE_REFUSE ? "refuse" : policy == LICENCE_WARN ? "warn" : "allow";
}

enum licence_verdict licence_judge(json_t *licence, const struct config *config, char **reason)
{
	const char *expression = json_string_or(licence, "expression", ""), *which = NULL, *of = expression;
	json_t *classifiers = json_object_get(licence, "classifiers"), *classifier;
	size_t index;
	*reason = NULL;
	bool refused = *expression && expression_refused(expression, config, &which);
	json_array_foreach (classifiers, index, classifier) {
		if (!refused && !*expression && classifier_refused(json_string_value(classifier), config, &which)) {
			refused = true;
			of = json_string_value(classifier);
		}
	}
	if (refused) {
		enum licence_verdict verdict = verdict_of(config->licence_listed);
		if (verdict != LICENCE_FINE)
			*reason = xasprintf("its licence is \"%s\", and \"%s\" is listed in `licence_refused` "
					    "(`licence_listed: %s`)",
					    of, which, policy_word(config->licence_listed));
		return verdict;
	}
	if (strcmp(json_string_or(licence, "source", "none"), "none") != 0)
		return LICENCE_FINE;
	enum licence_verdict verdict = verdict_of(config->licence_unknown);
	if (verdict != LICENCE_FINE)
		*reason = xasprintf(
			"its licence is unknown: METADATA has neither License-Expression nor licence classifiers nor a "
			"short License (`licence_unknown: %s`)",
			policy_word(config->licence_unknown));
	return verdict;
}
