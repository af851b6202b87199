// Recorded values (docs/formats/recording.md) against those that the driver of
// agents/translators/prove read back from Go. Types count: a bool is no int, a
// tuple no list, -0.0 not 0.0, dicts have an order. Two things do not: NaN is
// NaN whatever its payload, and a "ref" stands for what it refers to, since
// nothing that Python gives to Go keeps its identity.
#include <math.h>
#include <string.h>

#include "agents/prove.h"

enum { DEPTH = 200, SHOWN = 300, SHOWN_ITEMS = 20 };

typedef VEC(json_t *) identities;

static const char *word_of(json_t *value)
{
	const char *word = json_is_array(value) ? json_string_value(json_array_get(value, 0)) : NULL;
	return word ? word : "";
}

static bool is_word(json_t *value, const char *word)
{
	return !strcmp(word_of(value), word);
}

// ---- references ------------------------------------------------------------------------------------------------------

static void collect(json_t *value, identities *out);

static void collect_items(json_t *items, identities *out)
{
	size_t index;
	json_t *item;
	json_array_foreach (items, index, item) {
		collect(item, out);
	}
}

static void collect_pairs(json_t *pairs, identities *out)
{
	size_t index;
	json_t *pair;
	json_array_foreach (pairs, index, pair) {
		collect(json_array_get(pair, 0), out);
		collect(json_array_get(pair, 1), out);
	}
}

// In the order in which they begin.
static void collect(json_t *value, identities *out)
{
	static const char *const counted[] = {"list",      "dict",       "OrderedDict", "set", "bytearray",
					      "dataclass", "namedtuple", "exception",   "sub", "handle"};
	json_t *content = json_array_get(value, 1), *last = json_array_get(value, 2);
	for (size_t i = 0; i < ARRAY_LENGTH(counted); i++)
		if (is_word(value, counted[i]))
			vec_push(out, value);
	if (is_word(value, "list") || is_word(value, "tuple") || is_word(value, "set") || is_word(value, "frozenset"))
		collect_items(content, out);
	else if (is_word(value, "dict") || is_word(value, "OrderedDict"))
		collect_pairs(content, out);
	else if (is_word(value, "namedtuple") || is_word(value, "exception"))
		collect_items(last, out);
	else if (is_word(value, "sub"))
		collect(last, out);
	else if (is_word(value, "dataclass")) {
		size_t index;
		json_t *pair;
		json_array_foreach (last, index, pair) {
			collect(json_array_get(pair, 1), out);
		}
	}
}

static void collect_arguments(json_t *arguments, identities *out)
{
	size_t index;
	json_t *pair;
	json_array_foreach (arguments, index, pair) {
		collect(json_array_get(pair, 1), out);
	}
}

static json_t *resolve(json_t *value, const identities *known)
{
	json_int_t number = json_integer_value(json_array_get(value, 1));
	if (!is_word(value, "ref"))
		return value;
	return number >= 0 && (size_t)number < known->count ? known->items[number] : NULL;
}

// ---- comparison ------------------------------------------------------------------------------------------------------

static bool equal(json_t *wanted, json_t *got, const identities *known, int depth);

static bool equal_items(json_t *wanted, json_t *got, const identities *known, int depth)
{
	if (!json_is_array(wanted) || !json_is_array(got) || json_array_size(wanted) != json_array_size(got))
		return false;
	for (size_t i = 0; i < json_array_size(wanted); i++)
		if (!equal(json_array_get(wanted, i), json_array_get(got, i), known, depth))
			return false;
	return true;
}

static bool equal_pairs(json_t *wanted, json_t *got, const identities *known, int depth)
{
	if (!json_is_array(wanted) || !json_is_array(got) || json_array_size(wanted) != json_array_size(got))
		return false;
	for (size_t i = 0; i < json_array_size(wanted); i++)
		if (!equal_items(json_array_get(wanted, i), json_array_get(got, i), known, depth))
			return false;
	return true;
}

// In any order: each of one side has its own on the other one.
static bool equal_sets(json_t *wanted, json_t *got, const identities *known, int depth)
{
	size_t count = json_array_size(wanted), found = 0;
	if (!json_is_array(wanted) || !json_is_array(got) || count != json_array_size(got))
		return false;
	cleanup_free bool *taken = xcalloc(count + 1, sizeof *taken);
	for (size_t i = 0; i < count && found == i; i++)
		for (size_t j = 0; j < count && found == i; j++)
			if (!taken[j] && equal(json_array_get(wanted, i), json_array_get(got, j), known, depth))
				found += taken[j] = true;
	return found == count;
}

static double float_of(json_t *value)
{
	const char *digits = json_string_value(json_array_get(value, 1));
	uint64_t bits = digits ? strtoull(digits, NULL, 16) : 0;
	double number;
	memcpy(&number, &bits, sizeof number);
	return number;
}

static bool equal(json_t *wanted, json_t *got, const identities *known, int depth)
{
	wanted = wanted ? resolve(wanted, known) : NULL;
	if (!wanted || !got || depth > DEPTH)
		return false;
	if (!json_is_array(wanted) || !json_is_array(got))
		return json_equal(wanted, got); // 1, true and null are of different types here
	if (strcmp(word_of(wanted), word_of(got)) != 0)
		return false;
	json_t *left = json_array_get(wanted, 1), *right = json_array_get(got, 1);
	if (is_word(wanted, "list") || is_word(wanted, "tuple"))
		return equal_items(left, right, known, depth + 1);
	if (is_word(wanted, "set") || is_word(wanted, "frozenset"))
		return equal_sets(left, right, known, depth + 1);
	if (is_word(wanted, "dict"))
		return equal_pairs(left, right, known, depth + 1);
	if (is_word(wanted, "exception"))
		return json_equal(left, right) &&
		       equal_items(json_array_get(wanted, 2), json_array_get(got, 2), known, depth + 1) &&
		       equal(json_array_get(wanted, 3), json_array_get(got, 3), known, depth + 1);
	if (is_word(wanted, "float") && isnan(float_of(wanted)) && isnan(float_of(got)))
		return true;
	return json_equal(wanted, got);
}

// [[name, value]…]
static bool equal_arguments(json_t *wanted, json_t *got, const identities *known)
{
	if (json_array_size(wanted) != json_array_size(got))
		return false;
	for (size_t i = 0; i < json_array_size(wanted); i++) {
		json_t *left = json_array_get(wanted, i), *right = json_array_get(got, i);
		if (!json_equal(json_array_get(left, 0), json_array_get(right, 0)) ||
		    !equal(json_array_get(left, 1), json_array_get(right, 1), known, 0))
			return false;
	}
	return true;
}

// ---- texts -----------------------------------------------------------------------------------------------------------

static void show(json_t *value, const identities *known, struct text *out, int depth);

static void show_list(json_t *items, const char *open, const char *close, const identities *known, struct text *out,
		      int depth)
{
	size_t index;
	json_t *item;
	text_add(out, open);
	json_array_foreach (items, index, item) {
		if (index)
			text_add(out, ", ");
		if (index == SHOWN_ITEMS || out->len > 4 * SHOWN) {
			text_add(out, "…");
			break;
		}
		show(item, known, out, depth);
	}
	text_add(out, close);
}

static void show_dict(json_t *pairs, const identities *known, struct text *out, int depth)
{
	size_t index;
	json_t *pair;
	text_add_char(out, '{');
	json_array_foreach (pairs, index, pair) {
		if (index)
			text_add(out, ", ");
		if (index == SHOWN_ITEMS || out->len > 4 * SHOWN) {
			text_add(out, "…");
			break;
		}
		show(json_array_get(pair, 0), known, out, depth);
		text_add(out, ": ");
		show(json_array_get(pair, 1), known, out, depth);
	}
	text_add_char(out, '}');
}

static void show_scalar(json_t *value, struct text *out)
{
	if (json_is_null(value))
		text_add(out, "None");
	else if (json_is_boolean(value))
		text_add(out, json_is_true(value) ? "True" : "False");
	else
		json_write_compact(value, out);
}

// "datetime(2020-01-02T03:04:05, fold=1, tzinfo=[3600,0,"UTC+01:00"])"
static void show_time(json_t *value, const char *written, struct text *out)
{
	json_t *zone = json_array_get(value, 3);
	text_addf(out, "%s(%s", word_of(value), written ? written : "…");
	if (json_integer_value(json_array_get(value, 2)))
		text_add(out, ", fold=1");
	if (json_is_array(zone)) {
		text_add(out, ", tzinfo=");
		json_write_compact(zone, out);
	}
	text_add_char(out, ')');
}

// As a Python literal where there is one.
static void show(json_t *value, const identities *known, struct text *out, int depth)
{
	value = value ? resolve(value, known) : NULL;
	json_t *content = json_array_get(value, 1);
	const char *written = json_string_value(content);
	if (!value || depth > 20)
		text_add(out, "…");
	else if (!json_is_array(value))
		show_scalar(value, out);
	else if (is_word(value, "list"))
		show_list(content, "[", "]", known, out, depth + 1);
	else if (is_word(value, "tuple"))
		show_list(content, "(", json_array_size(content) == 1 ? ",)" : ")", known, out, depth + 1);
	else if (is_word(value, "dict"))
		show_dict(content, known, out, depth + 1);
	else if (is_word(value, "set") && json_array_size(content))
		show_list(content, "{", "}", known, out, depth + 1);
	else if (is_word(value, "frozenset"))
		show_list(content, "frozenset({", "})", known, out, depth + 1);
	else if (is_word(value, "date") || is_word(value, "time") || is_word(value, "datetime"))
		show_time(value, written, out);
	else if (is_word(value, "Decimal") && written)
		text_addf(out, "Decimal('%s')", written);
	else if (is_word(value, "timedelta"))
		show_list(content, "timedelta(", ")", known, out, depth + 1);
	else if (is_word(value, "float"))
		text_addf(out, strpbrk(written ? written : "", "123456789abcdef") ? "float %.17g" : "float %.1f",
			  float_of(value));
	else if (is_word(value, "int") && written)
		text_addf(out, "%s0x%s", *written == '-' ? "-" : "", written + (*written == '-'));
	else if (is_word(value, "bytes") && written)
		text_addf(out, "bytes(base64 \"%s\")", written);
	else if (is_word(value, "go") && written)
		text_add(out, written);
	else if (is_word(value, "exception") && written) {
		const char *class = !strncmp(written, "builtins:", 9) ? written + 9 : written;
		text_add(out, class);
		show_list(json_array_get(value, 2), "(", ")", known, out, depth + 1);
		text_add(out, " with the message ");
		show(json_array_get(value, 3), known, out, depth + 1);
	} else
		json_write_compact(value, out);
}

// Cuts what was added since start, at the beginning of a character.
static void cut(struct text *out, size_t start)
{
	if (out->len - start <= SHOWN)
		return;
	size_t end = start + SHOWN;
	while (end > start && ((unsigned char)out->ptr[end] & 0xc0) == 0x80)
		end--;
	out->len = end;
	out->ptr[end] = '\0';
	text_add(out, "…");
}

static void add_value(json_t *value, const identities *known, struct text *out)
{
	size_t start = out->len;
	show(value, known, out, 0);
	cut(out, start);
}

static void add_arguments(json_t *arguments, struct text *out)
{
	identities known = VEC_INIT;
	size_t index, start = out->len;
	json_t *pair;
	collect_arguments(arguments, &known);
	json_array_foreach (arguments, index, pair) {
		text_addf(out, "%s%s=", index ? ", " : "", json_string_value(json_array_get(pair, 0)));
		show(json_array_get(pair, 1), &known, out, 0);
	}
	cut(out, start);
	vec_clear(&known);
}

void prove_show_call(json_t *call, struct text *out)
{
	const char *name = json_string_or(call, "f", "");
	const char *colon = strchr(name, ':');
	text_addf(out, "%s(", colon ? colon + 1 : name);
	add_arguments(json_object_get(call, "args"), out);
	text_add_char(out, ')');
}

static json_t *after_of(json_t *call)
{
	json_t *after = json_object_get(call, "after");
	return after ? after : json_object_get(call, "args");
}

// References of an outcome count from the arguments as they are afterwards.
static void outcome_identities(json_t *call, identities *known)
{
	collect_arguments(after_of(call), known);
	json_t *exception = json_object_get(call, "exception");
	collect(exception ? exception : json_object_get(call, "result"), known);
}

static void add_side(json_t *of, const identities *known, struct text *out)
{
	json_t *exception = json_object_get(of, "exception");
	text_add(out, exception ? "raises " : "gives ");
	add_value(exception ? exception : json_object_get(of, "result"), known, out);
}

void prove_show_outcome(json_t *call, struct text *out)
{
	identities known = VEC_INIT;
	outcome_identities(call, &known);
	add_side(call, &known, out);
	vec_clear(&known);
}

// ---- one call --------------------------------------------------------------------------------------------------------

static bool same_outcome(json_t *call, json_t *outcome)
{
	identities known = VEC_INIT;
	outcome_identities(call, &known);
	json_t *exception = json_object_get(call, "exception");
	const char *key = exception ? "exception" : "result";
	json_t *got = json_object_get(outcome, key);
	bool same = got && equal(json_object_get(call, key), got, &known, 0);
	vec_clear(&known);
	return same;
}

static bool same_arguments(json_t *call, json_t *outcome)
{
	identities known = VEC_INIT;
	json_t *changed = json_object_get(outcome, "after"), *wanted = json_object_get(call, "after");
	if (!changed && !wanted)
		return true;
	collect_arguments(after_of(call), &known);
	bool same = equal_arguments(after_of(call), changed ? changed : json_object_get(call, "args"), &known);
	vec_clear(&known);
	return same;
}

char *prove_compare(json_t *call, json_t *outcome)
{
	static const char *const words[] = {"panic", "error"};
	struct text text = TEXT_INIT;
	identities none = VEC_INIT;
	const char *said = NULL;
	for (size_t i = 0; i < ARRAY_LENGTH(words) && !said; i++)
		said = json_string_or(outcome, words[i], NULL);
	if (said) {
		text_addf(&text, "the Go %s %s; CPython ", json_object_get(outcome, "panic") ? "fails:" : "gives",
			  said);
		prove_show_outcome(call, &text);
	} else if (!same_outcome(call, outcome)) {
		text_add(&text, "the Go ");
		add_side(outcome, &none, &text);
		text_add(&text, "; CPython ");
		prove_show_outcome(call, &text);
	} else if (!same_arguments(call, outcome)) {
		json_t *changed = json_object_get(outcome, "after");
		text_add(&text, "after the call the arguments are ");
		add_arguments(changed ? changed : json_object_get(call, "args"), &text);
		text_add(&text, "; with CPython ");
		add_arguments(after_of(call), &text);
	} else if (json_bool_or(outcome, "printed", false)) {
		text_add(&text, "the Go writes to standard output, CPython does not");
	} else {
		return NULL;
	}
	return text_steal(&text);
}
