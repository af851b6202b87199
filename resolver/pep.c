// The operations of `gophersnake pep`: a table of name and function. Each takes the request and gives a new JSON
// value, or NULL with the error filled in.
#include "resolver/pep.h"

#include <jansson.h>

#include "resolver/name.h"
#include "resolver/requirement.h"

enum { LINE_MAX_BYTES = 16 << 20 };

static int string_get(const json_t *request, const char *key, struct slice *out, struct error *err)
{
	const json_t *value = json_object_get(request, key);
	if (!json_is_string(value))
		return error_set(err, ERROR_INPUT, "key \"%s\": expected a string", key);
	*out = (struct slice){json_string_value(value), json_string_length(value)};
	return 0;
}

static int version_get(struct arena *arena, const json_t *request, const char *key, struct version *out,
		       struct error *err)
{
	struct slice text;
	return string_get(request, key, &text, err) ? -1 : version_parse(arena, text, out, err);
}

static json_t *op_version_compare(struct arena *arena, const json_t *request, struct error *err)
{
	struct version a, b;
	if (version_get(arena, request, "a", &a, err) || version_get(arena, request, "b", &b, err))
		return NULL;
	int order = version_compare(&a, &b);
	return json_integer((order > 0) - (order < 0));
}

static json_t *op_version_normalize(struct arena *arena, const json_t *request, struct error *err)
{
	struct version version;
	if (version_get(arena, request, "version", &version, err))
		return NULL;
	return json_string(version_string(arena, &version));
}

static json_t *op_specifier_contains(struct arena *arena, const json_t *request, struct error *err)
{
	struct slice specifier, raw;
	struct specifier_set set;
	if (string_get(request, "specifier", &specifier, err) || string_get(request, "version", &raw, err) ||
	    specifier_parse(arena, specifier, &set, err))
		return NULL;
	const json_t *wanted = json_object_get(request, "prereleases");
	if (wanted && !json_is_boolean(wanted) && !json_is_null(wanted)) {
		error_set(err, ERROR_INPUT, "key \"prereleases\": expected true, false or null");
		return NULL;
	}
	enum specifier_prereleases prereleases = json_is_true(wanted)    ? SPECIFIER_PRE_YES
						 : json_is_false(wanted) ? SPECIFIER_PRE_NO
									 : SPECIFIER_PRE_DEFAULT;
	struct error ignored = ERROR_INIT; // what is no version can still match "==="
	struct version version;
	bool parsed = version_parse(arena, raw, &version, &ignored) == 0;
	return json_boolean(specifier_contains_text(&set, parsed ? &version : NULL, raw, prereleases));
}

static json_t *op_requirement_parse(struct arena *arena, const json_t *request, struct error *err)
{
	struct slice text;
	struct requirement requirement;
	if (string_get(request, "requirement", &text, err) || requirement_parse(arena, text, &requirement, err))
		return NULL;
	json_t *extras = json_array();
	for (const char *const *extra = requirement.extras; *extra; extra++)
		json_array_append_new(extras, json_string(*extra));
	const char *marker = requirement.marker.count ? marker_string(arena, &requirement.marker) : NULL;
	return json_pack("{s:s, s:o, s:s, s:s?, s:s?}", "name", requirement.raw_name, "extras", extras, "specifier",
			 specifier_string(arena, &requirement.specifier), "url", requirement.url, "marker", marker);
}

static const char *environment_lookup(const void *context, const char *variable)
{
	return json_string_value(json_object_get(context, variable));
}

static json_t *op_marker_evaluate(struct arena *arena, const json_t *request, struct error *err)
{
	struct slice text;
	struct marker marker;
	const json_t *environment = json_object_get(request, "environment");
	if (string_get(request, "marker", &text, err) || marker_parse(arena, text, &marker, err))
		return NULL;
	if (!json_is_object(environment)) {
		error_set(err, ERROR_INPUT, "key \"environment\": expected an object");
		return NULL;
	}
	const struct marker_environment lookup = {environment_lookup, environment};
	bool value;
	if (marker_evaluate(&marker, &lookup, environment_lookup(environment, "extra"), &value, err))
		return NULL;
	return json_boolean(value);
}

static json_t *op_name_normalize(struct arena *arena, const json_t *request, struct error *err)
{
	struct slice name;
	if (string_get(request, "name", &name, err))
		return NULL;
	if (!name_is_valid(name)) {
		error_set(err, ERROR_INPUT, "invalid name \"%.*s\"", name.len > 80 ? 80 : (int)name.len, name.ptr);
		return NULL;
	}
	return json_string(name_normalise(arena, name));
}

static const struct {
	const char *name;
	json_t *(*run)(struct arena *arena, const json_t *request, struct error *err);
} operations[] = {
	{"version-compare", op_version_compare},       {"version-normalize", op_version_normalize},
	{"specifier-contains", op_specifier_contains}, {"requirement-parse", op_requirement_parse},
	{"marker-evaluate", op_marker_evaluate},       {"name-normalize", op_name_normalize},
};

static json_t *run(struct arena *arena, struct slice line, struct error *err)
{
	if (line.len > LINE_MAX_BYTES) {
		error_set(err, ERROR_INPUT, "request of %zu bytes: larger than %d", line.len, LINE_MAX_BYTES);
		return NULL;
	}
	json_error_t why;
	json_t *request = json_loadb(line.ptr ? line.ptr : "", line.len, JSON_REJECT_DUPLICATES, &why);
	if (!request) {
		error_set(err, ERROR_INPUT, "request is not JSON: %s", why.text);
		return NULL;
	}
	struct slice op;
	json_t *result = NULL;
	if (!string_get(request, "op", &op, err)) {
		size_t i = 0;
		while (i < ARRAY_LENGTH(operations) && !slice_is(op, operations[i].name))
			i++;
		if (i < ARRAY_LENGTH(operations))
			result = operations[i].run(arena, request, err);
		else
			error_set(err, ERROR_INPUT, "unknown operation \"%.*s\"", op.len > 80 ? 80 : (int)op.len,
				  op.ptr);
	}
	json_decref(request);
	return result;
}

int pep_line(struct slice json_line, struct text *answer)
{
	struct error err = ERROR_INIT;
	cleanup_arena struct arena arena = ARENA_INIT;
	json_t *result = run(&arena, json_line, &err);
	bool failed = !result;
	json_t *object = NULL;
	if (failed) { // a message cut in the middle of a character is no UTF-8: then it is shown without it
		json_t *message = json_string(err.text);
		for (char *c = err.text; !message && *c; c++)
			if ((unsigned char)*c >= 0x80)
				*c = '?';
		object = json_pack("{s:o}", "error",
				   message ? message : json_string(*err.text ? err.text : "cannot answer"));
	} else {
		object = json_pack("{s:o}", "result", result);
	}
	char *dump = object ? json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
	text_add(answer, dump ? dump : "{\"error\":\"the answer is not valid text\"}");
	free(dump);
	json_decref(object);
	return failed ? -1 : 0;
}
