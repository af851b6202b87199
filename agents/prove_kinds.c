#include "agents/prove_kinds.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/vec.h"

static const char *const words[] = {
	"None", "bool",      "int",  "bigint",   "float",          "str",  "bytes",      "list",      "tuple",   "dict",
	"set",  "frozenset", "date", "datetime", "aware_datetime", "time", "aware_time", "timedelta", "Decimal",
};
enum {
	NONE,
	BOOL,
	INT,
	BIGINT,
	FLOAT,
	STR,
	LIST = STR + 2,
	TUPLE,
	DICT,
	SET,
	FROZENSET,
	DATETIME = FROZENSET + 2,
	TIME = DATETIME + 2
};

enum { DEEPEST = 100, MOST = 1000000 }; // values that are looked at; what is left out is not proved

struct walk {
	int seen;
	VEC(json_t *) made; // what "ref" counts, in the order in which it begins
	bool all[ARRAY_LENGTH(words)], items[ARRAY_LENGTH(words)];
};

static int kind_of(const char *word)
{
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		if (!strcmp(words[i], word))
			return (int)i;
	return -1;
}

static int scalar_kind(json_t *value)
{
	if (json_is_null(value))
		return NONE;
	if (json_is_boolean(value))
		return BOOL;
	if (json_is_integer(value))
		return INT;
	return json_is_string(value) ? STR : -1;
}

static int number_kind(json_t *text)
{
	errno = 0;
	strtoll(json_string_value(text) ? json_string_value(text) : "", NULL, 16);
	return errno == ERANGE ? BIGINT : INT;
}

// again: what was seen before, and is counted already.
static void add(struct walk *walk, json_t *value, int depth, bool again);

static void add_content(struct walk *walk, json_t *content, int kind, int depth, bool again)
{
	size_t index;
	json_t *item;
	json_array_foreach (content, index, item) {
		if (kind == DICT) {
			add(walk, json_array_get(item, 0), depth, again);
			add(walk, json_array_get(item, 1), depth, again);
		} else {
			add(walk, item, depth, again);
		}
	}
}

static void add(struct walk *walk, json_t *value, int depth, bool again)
{
	int kind = scalar_kind(value);
	const char *word = json_string_value(json_array_get(value, 0));
	json_t *content = json_array_get(value, 1);
	if (walk->seen++ > MOST)
		return;
	if (word && !strcmp(word, "ref")) {
		json_int_t number = json_integer_value(content);
		if (number >= 0 && (size_t)number < walk->made.count && depth < DEEPEST)
			add(walk, walk->made.items[number], depth, true);
		return;
	}
	if (word)
		kind = !strcmp(word, "int") ? number_kind(content) : kind_of(word);
	if ((kind == DATETIME || kind == TIME) && !json_is_null(json_array_get(value, 3)))
		kind++; // with a zone
	if (kind < 0)
		return;
	(depth ? walk->items : walk->all)[kind] = true;
	if ((kind == LIST || kind == DICT || kind == SET) && !again)
		vec_push(&walk->made, value);
	if (kind == LIST || kind == TUPLE || kind == DICT || kind == SET || kind == FROZENSET)
		add_content(walk, content, kind, depth + 1, again);
}

static void recall(json_t *list, bool *kinds)
{
	size_t index;
	json_t *word;
	json_array_foreach (list, index, word) {
		int kind = kind_of(json_string_value(word));
		if (kind >= 0)
			kinds[kind] = true;
	}
}

static json_t *words_of(const bool *kinds)
{
	json_t *list = json_array();
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		if (kinds[i])
			json_array_append_new(list, json_string(words[i]));
	return list;
}

void prove_kinds_add(json_t *guards, json_t *call)
{
	struct walk walk = {.made = VEC_INIT};
	size_t index;
	json_t *argument;
	json_array_foreach (json_object_get(call, "args"), index, argument) {
		const char *name = json_string_value(json_array_get(argument, 0));
		json_t *row = json_object_get(guards, name);
		memset(walk.all, 0, sizeof walk.all);
		memset(walk.items, 0, sizeof walk.items);
		recall(json_object_get(row, "kinds"), walk.all);
		recall(json_object_get(row, "items"), walk.items);
		add(&walk, json_array_get(argument, 1), 0, false);
		json_object_set_new(
			guards, name,
			json_pack("{s:o, s:o}", "kinds", words_of(walk.all), "items", words_of(walk.items)));
	}
	vec_clear(&walk.made);
}
