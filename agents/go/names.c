// Name mangling: pure functions from Python identifiers to Go identifiers and
// import path elements, and the set that keeps what it hands out apart.
//
// Nothing here knows modules or classes; who asks in which order decides who
// gets the plain name, so callers ask in source order.
#include "agents/go/names.h"

#include <string.h>
#include <strings.h>
#include <uthash.h>

static bool is_lower(char c)
{
	return c >= 'a' && c <= 'z';
}

static bool is_upper(char c)
{
	return c >= 'A' && c <= 'Z';
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool in_list(const char *const *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (!strcmp(list[i], name))
			return true;
	return false;
}

// Adds one code point that is not ASCII as its number, so that names don't depend on Unicode tables.
static size_t add_code_point(struct text *out, const char *at, const char *format)
{
	const unsigned char *byte = (const unsigned char *)at;
	size_t length = byte[0] >= 0xf0 ? 4 : byte[0] >= 0xe0 ? 3 : 2;
	unsigned int value = length == 4 ? byte[0] & 0x07u : length == 3 ? byte[0] & 0x0fu : byte[0] & 0x1fu;
	size_t used = 1;
	while (used < length && (byte[used] & 0xc0) == 0x80)
		value = value << 6 | (byte[used++] & 0x3fu);
	_Pragma("GCC diagnostic push") _Pragma("GCC diagnostic ignored \"-Wformat-nonliteral\"")
		text_addf(out, format, value);
	_Pragma("GCC diagnostic pop") return used;
}

// Letters, digits and underscores as they are; dots become underscores.
static void add_raw(struct text *out, const char *python)
{
	while (*python) {
		if ((unsigned char)*python >= 0x80) {
			python += add_code_point(out, python, "U%04X");
		} else {
			text_add_char(out, *python == '.' ? '_' : *python);
			python++;
		}
	}
}

static void add_camel(struct text *out, const char *python, size_t length)
{
	bool start = true;
	for (size_t i = 0; i < length;) {
		char c = python[i];
		if (c == '_') {
			start = true;
			i++;
		} else if ((unsigned char)c >= 0x80) {
			i += add_code_point(out, python + i, "U%04X");
			start = false;
		} else {
			if (start && is_digit(c) && out->len && is_digit(out->ptr[out->len - 1]))
				text_add_char(out, '_');
			text_add_char(out, start && is_lower(c) ? (char)(c - 'a' + 'A') : c);
			start = false;
			i++;
		}
	}
}

bool name_is_dunder(const char *python)
{
	size_t length = strlen(python);
	return length > 4 && !strncmp(python, "__", 2) && !strcmp(python + length - 2, "__") && python[2] != '_';
}

char *name_plain_dunder(const char *python)
{
	if (!name_is_dunder(python))
		return NULL;
	struct text out = TEXT_INIT;
	add_camel(&out, python + 2, strlen(python) - 4);
	if (!out.len || !is_upper(out.ptr[0])) {
		text_clear(&out);
		return NULL;
	}
	return text_steal(&out);
}

// One identifier, appended.
static void add_exported(struct text *out, const char *python, size_t length)
{
	cleanup_free char *name = xstrndup(python, length);
	bool lower = false, upper = false;
	for (const char *at = name; *at; at++) {
		lower |= is_lower(*at) || (unsigned char)*at >= 0x80;
		upper |= is_upper(*at);
	}
	if (name_is_dunder(name)) {
		text_add(out, "Dunder");
		add_camel(out, name + 2, length - 4);
	} else if (name[0] == '_') {
		text_add_char(out, 'X');
		add_raw(out, name);
	} else if (upper && !lower) {
		add_raw(out, name);
	} else {
		if (!is_lower(name[0]) && !is_upper(name[0]))
			text_add_char(out, 'X');
		add_camel(out, name, length);
	}
}

char *name_exported(const char *python)
{
	struct text out = TEXT_INIT;
	for (;;) {
		size_t length = strcspn(python, ".");
		add_exported(&out, python, length);
		if (!python[length])
			return text_steal(&out);
		python += length + 1;
	}
}

static const char *const keywords[] = {"break",  "case",        "chan", "const",   "continue", "default", "defer",
				       "else",   "fallthrough", "for",  "func",    "go",       "goto",    "if",
				       "import", "interface",   "map",  "package", "range",    "return",  "select",
				       "struct", "switch",      "type", "var"};
static const char *const predeclared[] = {
	"any",        "append",    "bool",  "byte",   "cap",    "clear",   "close",   "comparable", "complex",
	"complex128", "complex64", "copy",  "delete", "error",  "false",   "float32", "float64",    "imag",
	"int",        "int16",     "int32", "int64",  "int8",   "iota",    "len",     "make",       "max",
	"min",        "new",       "nil",   "panic",  "print",  "println", "real",    "recover",    "rune",
	"string",     "true",      "uint",  "uint16", "uint32", "uint64",  "uint8",   "uintptr"};
// What generated bodies use beside these.
static const char *const locals[] = {"_", "err", "init", "o", "options", "pyrt", "result", "self", "types", "bound"};

char *name_parameter(const char *python)
{
	struct text out = TEXT_INIT;
	bool upper = false;
	for (const char *at = python; *at; at++)
		upper |= is_upper(*at) || (unsigned char)*at >= 0x80;
	if (upper)
		text_add(&out, "p_");
	add_raw(&out, python);
	if (in_list(keywords, ARRAY_LENGTH(keywords), text_str(&out)) ||
	    in_list(predeclared, ARRAY_LENGTH(predeclared), text_str(&out)) ||
	    in_list(locals, ARRAY_LENGTH(locals), text_str(&out)))
		text_add_char(&out, '_');
	return text_steal(&out);
}

// Names that the go command, its module zips or Windows treat apart: with as many underscores as one likes after them.
static bool is_special_directory(const char *name, size_t length)
{
	static const char *const special[] = {"internal", "vendor", "testdata", "con", "prn", "aux", "nul"};
	while (length && name[length - 1] == '_')
		length--;
	if (length == 4 && (!strncasecmp(name, "com", 3) || !strncasecmp(name, "lpt", 3)) && is_digit(name[3]))
		return true;
	for (size_t i = 0; i < ARRAY_LENGTH(special); i++)
		if (strlen(special[i]) == length && !strncasecmp(special[i], name, length))
			return true;
	return false;
}

char *name_directory(const char *python)
{
	struct text out = TEXT_INIT;
	if (python[strspn(python, "X")] == '_')
		text_add_char(&out, 'X');
	for (const char *at = python; *at;) {
		if ((unsigned char)*at >= 0x80)
			at += add_code_point(&out, at, "-u%x-");
		else
			text_add_char(&out, *at++);
	}
	if (is_special_directory(python, strlen(python)))
		text_add_char(&out, '_');
	if (out.ptr[0] == '-') { // a path element must not begin with a hyphen
		cleanup_free char *rest = text_steal(&out);
		text_addf(&out, "X%s", rest);
	}
	return text_steal(&out);
}

char *name_package(const char *python)
{
	static const char *const avoided[] = {"main", "init", "documentation", "internal", "vendor", "testdata", "_"};
	struct text out = TEXT_INIT;
	if (python[0] == '_' || is_digit(python[0]))
		text_add_char(&out, 'x');
	for (const char *at = python; *at;) {
		if ((unsigned char)*at >= 0x80) {
			at += add_code_point(&out, at, out.len ? "u%x" : "xu%x");
		} else {
			text_add_char(&out, is_upper(*at) ? (char)(*at - 'A' + 'a') : *at);
			at++;
		}
	}
	if (in_list(keywords, ARRAY_LENGTH(keywords), text_str(&out)) ||
	    in_list(predeclared, ARRAY_LENGTH(predeclared), text_str(&out)) ||
	    in_list(avoided, ARRAY_LENGTH(avoided), text_str(&out)))
		text_add_char(&out, '_');
	return text_steal(&out);
}

struct name_entry {
	UT_hash_handle hh;
	char name[];
};

struct name_set {
	struct name_entry *entries;
};

struct name_set *name_set_new(void)
{
	return xcalloc(1, sizeof(struct name_set));
}

void name_set_free(struct name_set *set)
{
	if (!set)
		return;
	struct name_entry *entry, *next;
	HASH_ITER (hh, set->entries, entry, next) {
		HASH_DEL(set->entries, entry);
		free(entry);
	}
	free(set);
}

static const char *add_free_name(struct name_set *set, const char *name)
{
	struct name_entry *entry = NULL;
	size_t length = strlen(name);
	HASH_FIND(hh, set->entries, name, length, entry);
	if (entry)
		return NULL;
	entry = xcalloc(1, sizeof *entry + length + 1);
	memcpy(entry->name, name, length + 1);
	HASH_ADD_KEYPTR(hh, set->entries, entry->name, length, entry);
	return entry->name;
}

void name_set_reserve(struct name_set *set, const char *name)
{
	add_free_name(set, name);
}

void name_set_reserve_methods(struct name_set *set)
{
	static const char *const methods[] = {
		"PyObject", "PyBind", "PyCall", "PyGet", "PySet", "String", "Instance", "GoString",
		// go vet's stdmethods, those it looks at whatever their parameters are
		"GobDecode", "GobEncode", "MarshalJSON", "MarshalXML", "ReadByte", "ReadRune", "UnmarshalJSON",
		"UnmarshalXML", "UnreadByte", "UnreadRune", "WriteByte",
		// error and its friends: a class is no Go error by chance
		"Error", "Is", "As", "Unwrap"};
	for (size_t i = 0; i < ARRAY_LENGTH(methods); i++)
		add_free_name(set, methods[i]);
}

bool name_set_has(const struct name_set *set, const char *name)
{
	struct name_entry *entry = NULL;
	HASH_FIND_STR(set->entries, name, entry);
	return entry != NULL;
}

const char *name_set_claim(struct name_set *set, const char *wanted)
{
	const char *name = add_free_name(set, wanted);
	for (unsigned int number = 2; !name; number++) {
		cleanup_free char *next = xasprintf("%s_%u", wanted, number);
		name = add_free_name(set, next);
	}
	return name;
}
