#include "agents/kept_calls.h"

#include <string.h>

#include "core/vec.h"

enum { SHAPE_DEPTH = 3 };

struct candidate {
	json_t *call;
	char *shape;
	size_t size;
	bool taken;
};
typedef VEC(struct candidate) candidates;

// ---- shapes ----------------------------------------------------------------------------------------------------------

static void add_shape(json_t *value, int depth, struct text *out);

static void add_string(const char *text, struct text *out)
{
	bool ascii = true, space = false, digit = false;
	for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
		ascii = ascii && *c < 0x80;
		space = space || *c <= ' ';
		digit = digit || (*c >= '0' && *c <= '9');
	}
	text_addf(out, "s%s%s%s%s,", *text ? "" : "0", ascii ? "" : "u", space ? "w" : "", digit ? "d" : "");
}

static void add_array(json_t *array, int depth, struct text *out)
{
	size_t index;
	json_t *item;
	text_add_char(out, '(');
	json_array_foreach (array, index, item) {
		if (index == 4) {
			text_add(out, "…");
			break;
		}
		if (index == 0 && json_is_string(item))
			text_addf(out, "%s ", json_string_value(item)); // a word
		else
			add_shape(item, depth + 1, out);
	}
	text_add(out, "),");
}

// What a value is, not which one.
static void add_shape(json_t *value, int depth, struct text *out)
{
	if (depth > SHAPE_DEPTH)
		text_add(out, "…,");
	else if (json_is_array(value))
		add_array(value, depth, out);
	else if (json_is_string(value))
		add_string(json_string_value(value), out);
	else if (json_is_integer(value))
		text_addf(out, "i%d,", (json_integer_value(value) > 0) - (json_integer_value(value) < 0));
	else
		text_add(out, json_is_null(value) ? "n," : json_is_true(value) ? "t," : "f,");
}

static char *shape_of(json_t *call)
{
	struct text text = TEXT_INIT;
	json_t *exception = json_object_get(call, "exception");
	size_t index;
	json_t *pair;
	json_array_foreach (json_object_get(call, "args"), index, pair) {
		text_addf(&text, "%s=", json_string_value(json_array_get(pair, 0)));
		add_shape(json_array_get(pair, 1), 0, &text);
	}
	if (exception)
		text_addf(&text, "!%s", json_string_value(json_array_get(exception, 1)));
	else
		add_shape(json_object_get(call, "result"), 0, &text);
	text_add(&text, json_object_get(call, "after") ? "+" : "");
	return text_steal(&text);
}

// References would need the identities of a whole call: such calls stay at home.
static bool has_reference(json_t *value)
{
	size_t index;
	json_t *item;
	if (!json_is_array(value))
		return false;
	if (json_array_size(value) == 2 && json_is_integer(json_array_get(value, 1)) &&
	    !strcmp(json_string_value(json_array_get(value, 0)) ? json_string_value(json_array_get(value, 0)) : "",
		    "ref"))
		return true;
	json_array_foreach (value, index, item) {
		if (has_reference(item))
			return true;
	}
	return false;
}

// ---- the choice ------------------------------------------------------------------------------------------------------

static json_t *shortened(json_t *call)
{
	static const char *const keys[] = {"f", "id", "args", "after", "result", "exception"};
	json_t *out = json_object();
	for (size_t i = 0; i < ARRAY_LENGTH(keys); i++)
		if (json_object_get(call, keys[i]))
			json_object_set(out, keys[i], json_object_get(call, keys[i]));
	return out;
}

static size_t size_of(json_t *call)
{
	cleanup_text struct text text = TEXT_INIT;
	json_write_compact(call, &text);
	return text.len;
}

static int compare(const void *left, const void *right)
{
	const struct candidate *a = left, *b = right;
	if (a->size != b->size)
		return a->size < b->size ? -1 : 1;
	return strcmp(json_string_or(a->call, "id", ""), json_string_or(b->call, "id", ""));
}

static void list_candidates(json_t *calls, candidates *out)
{
	size_t index;
	json_t *call;
	json_array_foreach (calls, index, call) {
		static const char *const parts[] = {"args", "after", "result", "exception"};
		bool fits = !json_object_get(call, "output");
		for (size_t i = 0; i < ARRAY_LENGTH(parts); i++)
			fits = fits && !has_reference(json_object_get(call, parts[i]));
		json_t *kept = fits ? shortened(call) : NULL;
		size_t size = kept ? size_of(kept) : 0;
		if (kept && size <= KEPT_CALL_LIMIT)
			vec_push(out,
				 (struct candidate){.call = json_incref(kept), .shape = shape_of(kept), .size = size});
		json_decref(kept);
	}
	vec_sort(out, compare);
}

json_t *kept_calls_choose(json_t *calls)
{
	candidates list = VEC_INIT;
	cleanup_json json_t *seen = json_object();
	json_t *out = json_array();
	size_t taken = 0, left = 0, number = 0;
	list_candidates(calls, &list);
	vec_each (&list, each)
		if (taken < KEPT_CALLS / 2 && !json_object_get(seen, each->shape)) {
			json_object_set_new_nocheck(seen, each->shape, json_true());
			each->taken = true;
			taken++;
		}
	size_t rest = list.count - taken, wanted = KEPT_CALLS - taken < rest ? KEPT_CALLS - taken : rest;
	vec_each (&list, each) // every (rest / wanted)-th of the others, the largest with them
		if (!each->taken && left++ == (wanted > 1 ? number * (rest - 1) / (wanted - 1) : rest - 1) &&
		    number < wanted) {
			each->taken = true;
			number++;
		}
	vec_each (&list, each) {
		if (each->taken)
			json_array_append(out, each->call);
		json_decref(each->call);
		free(each->shape);
	}
	vec_clear(&list);
	return out;
}

// ---- the file --------------------------------------------------------------------------------------------------------

static void add_document(const char *name, const char *version, const candidates *list, struct text *out)
{
	bool first = true;
	cleanup_json json_t *header =
		json_pack("{s:s, s:s, s:s}", "schema", "gophersnake.calls/1", "name", name, "version", version);
	json_write_compact(header, out);
	out->len--;
	text_add(out, ",\"calls\":[");
	vec_each (list, each)
		if (each->taken) {
			text_add(out, first ? "\n" : ",\n");
			json_write_compact(each->call, out);
			first = false;
		}
	text_add(out, "\n]}\n");
}

static bool alone(const candidates *list, const struct candidate *of)
{
	size_t count = 0;
	vec_each (list, each)
		count += each->taken && !strcmp(each->shape, of->shape);
	return count <= 1;
}

static bool leave_out_largest(candidates *list)
{
	struct candidate *largest = NULL;
	vec_each (list, each)
		if (each->taken && (!largest || each->size > largest->size) && !alone(list, each))
			largest = each;
	if (largest)
		largest->taken = false;
	return largest != NULL;
}

void kept_calls_write(const char *name, const char *version, json_t *calls, size_t limit, struct text *out)
{
	candidates list = VEC_INIT; // shape: the function
	size_t index, total = 200;
	json_t *call;
	json_array_foreach (calls, index, call) {
		size_t size = size_of(call);
		total += size + 2;
		vec_push(&list, (struct candidate){call, xstrdup(json_string_or(call, "f", "")), size, true});
	}
	while (total > limit && leave_out_largest(&list)) {
		total = 200;
		vec_each (&list, each)
			total += each->taken ? each->size + 2 : 0;
	}
	add_document(name, version, &list, out);
	vec_each (&list, each)
		free(each->shape);
	vec_clear(&list);
}

json_t *kept_calls_parse(struct slice data, const char *what, struct error *err)
{
	cleanup_json json_t *document = json_parse(data, what, err);
	json_t *calls, *call, *args;
	const char *f;
	size_t index;
	if (!document || json_check_schema(document, "gophersnake.calls/1", what, err) ||
	    json_get_array(document, "calls", what, &calls, err))
		return NULL;
	json_array_foreach (calls, index, call) {
		cleanup_free char *place = xasprintf("%s: call %zu", what, index);
		if (!json_is_object(call)) {
			error_set(err, ERROR_INPUT, "%s: expected an object", place);
			return NULL;
		}
		if (json_get_string(call, "f", place, &f, err) || json_get_array(call, "args", place, &args, err))
			return NULL;
		if (!json_object_get(call, "result") == !json_object_get(call, "exception")) {
			error_set(err, ERROR_INPUT, "%s: expected one of \"result\" and \"exception\"", place);
			return NULL;
		}
	}
	return json_incref(calls);
}

json_t *kept_calls_of(json_t *calls, const char *python)
{
	json_t *out = json_array(), *call;
	size_t index;
	json_array_foreach (calls, index, call) {
		const char *f = json_string_or(call, "f", ""), *colon = strchr(f, ':');
		size_t module = colon ? (size_t)(colon - f) : 0;
		if (colon && !strncmp(f, python, module) && python[module] == '.' &&
		    !strcmp(colon + 1, python + module + 1))
			json_array_append(out, call);
	}
	return out;
}
