// Strict, bounded JSON over jansson. Readers name the key and the place in
// their errors (ERROR_INPUT); writers are canonical: sorted keys, the same
// value always gives the same bytes.
#ifndef CORE_JSON_H
#define CORE_JSON_H

#include <jansson.h>
#include <stdbool.h>

#include "core/error.h"
#include "core/text.h"

static inline void cleanup_json_impl(json_t **json)
{
	json_decref(*json);
}
#define cleanup_json __attribute__((cleanup(cleanup_json_impl)))

// what names the thing in errors ("lock file x.json"). Duplicate keys are refused. NULL on error.
json_t *json_parse(struct slice data, const char *what, struct error *err);
json_t *json_read_file(const char *path, size_t limit, struct error *err);
// Refuses a document whose "schema" is not exactly this ("gophersnake.lock/1").
int json_check_schema(json_t *object, const char *schema, const char *what, struct error *err);

json_t *json_sorted_keys(json_t *object);                      // a new array of strings, by bytes
void json_write_compact(const json_t *json, struct text *out); // one line, sorted keys, no final newline
void json_write_pretty(const json_t *json, struct text *out);  // two spaces, sorted keys, final newline

// Typed members. The required ones fail with "what: key \"k\": expected a string".
// The returned pointers borrow from the object.
int json_get_string(json_t *object, const char *key, const char *what, const char **out, struct error *err);
int json_get_integer(json_t *object, const char *key, const char *what, int64_t *out, struct error *err);
int json_get_bool(json_t *object, const char *key, const char *what, bool *out, struct error *err);
int json_get_array(json_t *object, const char *key, const char *what, json_t **out, struct error *err);
int json_get_object(json_t *object, const char *key, const char *what, json_t **out, struct error *err);
// Optional ones: absent or null gives the fallback; a wrong type too.
const char *json_string_or(json_t *object, const char *key, const char *fallback);
int64_t json_integer_or(json_t *object, const char *key, int64_t fallback);
bool json_bool_or(json_t *object, const char *key, bool fallback);
#endif
