// Strict reading on jansson's parser, and one canonical writer of our own: members sorted by bytes, the shortest
// decimal that gives the same double back, no locale, no dependence on jansson's version. Bytes of the store and of
// published files come from here, so its output must never change.
#include "core/json.h"

#include <inttypes.h>

#include "core/file.h"

// jansson itself stops at 2,048 levels; readers and the writer may therefore recurse.
enum { DOCUMENT_LIMIT = 1 << 30, WHAT_SIZE = 256 };

json_t *json_parse(struct slice data, const char *what, struct error *err)
{
	if (data.len > DOCUMENT_LIMIT) {
		error_set(err, ERROR_INPUT, "%s: %zu bytes of JSON, more than the %d that are allowed", what, data.len,
			  DOCUMENT_LIMIT);
		return NULL;
	}
	json_error_t problem;
	json_t *json =
		json_loadb(data.len ? data.ptr : "", data.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &problem);
	if (!json)
		error_set(err, ERROR_INPUT, "%s: line %d, column %d: not valid JSON: %s", what, problem.line,
			  problem.column, problem.text);
	return json;
}

json_t *json_read_file(const char *path, size_t limit, struct error *err)
{
	cleanup_text struct text text = TEXT_INIT;
	if (file_read(path, limit, &text, err))
		return NULL;
	return json_parse(text_slice(&text), path, err);
}

int json_check_schema(json_t *object, const char *schema, const char *what, struct error *err)
{
	if (!json_is_object(object))
		return error_set(err, ERROR_INPUT, "%s: expected an object with \"schema\": \"%s\"", what, schema);
	const char *found = json_string_value(json_object_get(object, "schema"));
	if (!found)
		return error_set(err, ERROR_INPUT, "%s: key \"schema\": expected \"%s\", there is none", what, schema);
	if (strcmp(found, schema) != 0)
		return error_set(err, ERROR_INPUT, "%s: key \"schema\": expected \"%s\", found \"%.*s\"", what, schema,
				 WHAT_SIZE, found);
	return 0;
}

// ---- writing -------------------------------------------------------------------------------------------------------

struct writer {
	struct text *out;
	bool pretty;
};

static void write_string(struct text *out, const char *bytes, size_t length)
{
	text_add_char(out, '"');
	size_t plain = 0; // start of the run that needs no escape
	for (size_t i = 0; i < length; i++) {
		unsigned char c = (unsigned char)bytes[i];
		if (c >= 0x20 && c != '"' && c != '\\')
			continue;
		text_add_bytes(out, bytes + plain, i - plain);
		plain = i + 1;
		switch (c) {
		case '"': text_add(out, "\\\""); break;
		case '\\': text_add(out, "\\\\"); break;
		case '\b': text_add(out, "\\b"); break;
		case '\f': text_add(out, "\\f"); break;
		case '\n': text_add(out, "\\n"); break;
		case '\r': text_add(out, "\\r"); break;
		case '\t': text_add(out, "\\t"); break;
		default: text_addf(out, "\\u%04x", c);
		}
	}
	text_add_bytes(out, bytes + plain, length - plain);
	text_add_char(out, '"');
}

static void write_real(struct text *out, double value)
{
	char digits[64];
	for (int precision = 15; precision <= 17; precision++) {
		snprintf(digits, sizeof digits, "%.*g", precision, value);
		if (strtod(digits, NULL) == value)
			break;
	}
	// Under another LC_NUMERIC the point may be anything; it is the only byte that is no digit, sign or e.
	bool real = false;
	for (char *at = digits; *at; at++) {
		if (!strchr("0123456789+-e", *at))
			*at = '.';
		real = real || *at == '.' || *at == 'e';
	}
	text_add(out, digits);
	if (!real)
		text_add(out, ".0"); // a real stays one when it is read again
}

static void new_line(struct writer *writer, int depth)
{
	if (writer->pretty)
		text_addf(writer->out, "\n%*s", 2 * depth, "");
}

static int compare_keys(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

json_t *json_sorted_keys(json_t *object)
{
	VEC(const char *) keys = VEC_INIT;
	json_t *array = json_array(), *value;
	const char *key;
	json_object_foreach (object, key, value) {
		vec_push(&keys, key);
	}
	vec_sort(&keys, compare_keys);
	vec_each (&keys, name)
		json_array_append_new(array, json_string(*name));
	vec_clear(&keys);
	return array;
}

static void write_value(struct writer *writer, const json_t *json, int depth);

static void write_object(struct writer *writer, const json_t *json, int depth)
{
	VEC(const char *) keys = VEC_INIT;
	const char *key;
	json_t *value, *object = (json_t *)json; // jansson's iterators take no const
	vec_reserve(&keys, json_object_size(object));
	json_object_foreach (object, key, value)
		vec_push(&keys, key);
	vec_sort(&keys, compare_keys);
	text_add_char(writer->out, '{');
	for (size_t i = 0; i < keys.count; i++) {
		if (i)
			text_add_char(writer->out, ',');
		new_line(writer, depth + 1);
		write_string(writer->out, keys.items[i], strlen(keys.items[i]));
		text_add(writer->out, writer->pretty ? ": " : ":");
		write_value(writer, json_object_get(object, keys.items[i]), depth + 1);
	}
	if (keys.count)
		new_line(writer, depth);
	text_add_char(writer->out, '}');
	vec_clear(&keys);
}

static void write_array(struct writer *writer, const json_t *json, int depth)
{
	size_t count = json_array_size(json);
	text_add_char(writer->out, '[');
	for (size_t i = 0; i < count; i++) {
		if (i)
			text_add_char(writer->out, ',');
		new_line(writer, depth + 1);
		write_value(writer, json_array_get(json, i), depth + 1);
	}
	if (count)
		new_line(writer, depth);
	text_add_char(writer->out, ']');
}

static void write_value(struct writer *writer, const json_t *json, int depth)
{
	if (!json) { // a value that could not be built (text that is no UTF-8, say): a bug, and null would hide it
		fputs("gophersnake: a JSON value is missing\n", stderr);
		abort();
	}
	switch (json_typeof(json)) {
	case JSON_OBJECT: write_object(writer, json, depth); break;
	case JSON_ARRAY: write_array(writer, json, depth); break;
	case JSON_STRING: write_string(writer->out, json_string_value(json), json_string_length(json)); break;
	case JSON_INTEGER: text_addf(writer->out, "%" JSON_INTEGER_FORMAT, json_integer_value(json)); break;
	case JSON_REAL: write_real(writer->out, json_real_value(json)); break;
	case JSON_TRUE: text_add(writer->out, "true"); break;
	case JSON_FALSE: text_add(writer->out, "false"); break;
	case JSON_NULL: text_add(writer->out, "null"); break;
	}
}

void json_write_compact(const json_t *json, struct text *out)
{
	struct writer writer = {.out = out, .pretty = false};
	write_value(&writer, json, 0);
}

void json_write_pretty(const json_t *json, struct text *out)
{
	struct writer writer = {.out = out, .pretty = true};
	write_value(&writer, json, 0);
	text_add_char(out, '\n');
}

// ---- members -------------------------------------------------------------------------------------------------------

static const char *type_name(const json_t *json)
{
	if (!json)
		return "nothing";
	switch (json_typeof(json)) {
	case JSON_OBJECT: return "an object";
	case JSON_ARRAY: return "an array";
	case JSON_STRING: return "a string";
	case JSON_INTEGER: return "an integer";
	case JSON_REAL: return "a real number";
	case JSON_TRUE:
	case JSON_FALSE: return "a boolean";
	case JSON_NULL: return "null";
	}
	return "something else";
}

static int wrong_type(json_t *object, const char *key, const char *what, const char *expected, struct error *err)
{
	if (!json_is_object(object))
		return error_set(err, ERROR_INPUT, "%s: expected an object with key \"%s\", found %s", what, key,
				 type_name(object));
	return error_set(err, ERROR_INPUT, "%s: key \"%s\": expected %s, found %s", what, key, expected,
			 type_name(json_object_get(object, key)));
}

int json_get_string(json_t *object, const char *key, const char *what, const char **out, struct error *err)
{
	json_t *value = json_object_get(object, key);
	if (!json_is_string(value))
		return wrong_type(object, key, what, "a string", err);
	*out = json_string_value(value);
	return 0;
}

int json_get_integer(json_t *object, const char *key, const char *what, int64_t *out, struct error *err)
{
	json_t *value = json_object_get(object, key);
	if (!json_is_integer(value))
		return wrong_type(object, key, what, "an integer", err);
	*out = json_integer_value(value);
	return 0;
}

int json_get_bool(json_t *object, const char *key, const char *what, bool *out, struct error *err)
{
	json_t *value = json_object_get(object, key);
	if (!json_is_boolean(value))
		return wrong_type(object, key, what, "a boolean", err);
	*out = json_is_true(value);
	return 0;
}

int json_get_array(json_t *object, const char *key, const char *what, json_t **out, struct error *err)
{
	json_t *value = json_object_get(object, key);
	if (!json_is_array(value))
		return wrong_type(object, key, what, "an array", err);
	*out = value;
	return 0;
}

int json_get_object(json_t *object, const char *key, const char *what, json_t **out, struct error *err)
{
	json_t *value = json_object_get(object, key);
	if (!json_is_object(value))
		return wrong_type(object, key, what, "an object", err);
	*out = value;
	return 0;
}

const char *json_string_or(json_t *object, const char *key, const char *fallback)
{
	const char *found = json_string_value(json_object_get(object, key));
	return found ? found : fallback;
}

int64_t json_integer_or(json_t *object, const char *key, int64_t fallback)
{
	json_t *value = json_object_get(object, key);
	return json_is_integer(value) ? json_integer_value(value) : fallback;
}

bool json_bool_or(json_t *object, const char *key, bool fallback)
{
	json_t *value = json_object_get(object, key);
	return json_is_boolean(value) ? json_is_true(value) : fallback;
}
