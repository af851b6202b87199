// What a member may be called. Paths are relative, UTF-8, free of control
// characters, backslashes, "..", and of ".git"; no two of them may be the same
// file on a file system that ignores case (macOS, Windows, Go's module zips).
#include <strings.h>
#include <uthash.h>
#include <wctype.h>

#include "core/archive_open.h"

enum {
	COMPONENT_LIMIT = 255,   // bytes; what Linux's file systems take
	DEPTH_LIMIT = 200,       // folders in folders
	PRINTABLE_LIMIT = 200,   // bytes shown
	NAMES_LIMIT = 128 << 20, // bytes of all names, folders included
};

struct archive_name {
	const char *folded; // the key: without case
	const char *path;   // as spelled first
	enum archive_name_kind kind;
	UT_hash_handle hh;
};

void archive_names_clear(struct archive_names *names)
{
	HASH_CLEAR(hh, names->table);
	arena_clear(&names->arena);
}

// One code point of well-formed UTF-8 (no overlong forms, no surrogates); -1 else. *length bytes are used.
static int32_t decode(const char *text, size_t *length)
{
	const unsigned char *at = (const unsigned char *)text;
	static const int32_t least[] = {0, 0x80, 0x800, 0x10000};
	size_t more = at[0] < 0x80 ? 0 : at[0] < 0xC2 ? 9 : at[0] < 0xE0 ? 1 : at[0] < 0xF0 ? 2 : at[0] < 0xF5 ? 3 : 9;
	if (more == 9)
		return -1;
	int32_t code = more == 0 ? at[0] : at[0] & (0x3F >> more);
	for (size_t i = 1; i <= more; i++) {
		if ((at[i] & 0xC0) != 0x80)
			return -1;
		code = code << 6 | (at[i] & 0x3F);
	}
	*length = more + 1;
	return code < least[more] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF) ? -1 : code;
}

static void encode(struct text *out, uint32_t code)
{
	if (code < 0x80) {
		text_add_char(out, (char)code);
	} else if (code < 0x800) {
		text_add_char(out, (char)(0xC0 | code >> 6));
		text_add_char(out, (char)(0x80 | (code & 0x3F)));
	} else if (code < 0x10000) {
		text_add_char(out, (char)(0xE0 | code >> 12));
		text_add_char(out, (char)(0x80 | (code >> 6 & 0x3F)));
		text_add_char(out, (char)(0x80 | (code & 0x3F)));
	} else {
		text_add_char(out, (char)(0xF0 | code >> 18));
		text_add_char(out, (char)(0x80 | (code >> 12 & 0x3F)));
		text_add_char(out, (char)(0x80 | (code >> 6 & 0x3F)));
		text_add_char(out, (char)(0x80 | (code & 0x3F)));
	}
}

// Upper, then lower: "ς" and "σ", "ſ" and "s" meet too. path is well-formed.
static void fold(struct text *out, locale_t locale, const char *path)
{
	size_t length = 1;
	text_reset(out);
	for (const char *at = path; *at; at += length) {
		int32_t code = decode(at, &length);
		if (code < 0x80)
			text_add_char(out, (char)(code >= 'A' && code <= 'Z' ? code + 32 : code));
		else
			encode(out, (uint32_t)towlower_l(towupper_l((wint_t)code, locale), locale));
	}
}

// Code points that are invisible, turn the direction of writing, or control a terminal.
static bool is_control(int32_t code)
{
	return code < 0x20 || (code >= 0x7F && code < 0xA0) || (code >= 0x200B && code <= 0x200F) ||
	       (code >= 0x2028 && code <= 0x202E) || (code >= 0x2060 && code <= 0x206F) || code == 0xFEFF;
}

char *archive_printable(const char *name)
{
	struct text out = TEXT_INIT;
	size_t length = 1;
	for (const char *at = name; *at && out.len < PRINTABLE_LIMIT; at += length) {
		int32_t code = decode(at, &length);
		if (code < 0)
			length = 1;
		if (code < 0 || code == '\\' || is_control(code))
			for (size_t i = 0; i < length; i++)
				text_addf(&out, "\\x%02x", (unsigned char)at[i]);
		else
			text_add_bytes(&out, at, length);
	}
	if (out.len >= PRINTABLE_LIMIT)
		text_add(&out, "…");
	return text_steal(&out);
}

static int check_characters(struct archive_reader *reader, const char *path, const char *what, struct error *err)
{
	size_t length = 1;
	for (const char *at = path; *at; at += length) {
		int32_t code = decode(at, &length);
		if (code < 0)
			return archive_reader_refuse(reader, err, "%s is not UTF-8", what);
		if (is_control(code))
			return archive_reader_refuse(reader, err, "%s has the control character U+%04X", what,
						     (unsigned)code);
		if (code == '\\')
			return archive_reader_refuse(reader, err, "%s has a backslash", what);
	}
	return 0;
}

// .git in any spelling that some file system takes for it (git's own list: case, final dots and spaces, short name).
static bool is_git(struct slice component)
{
	while (component.len && (component.ptr[component.len - 1] == '.' || component.ptr[component.len - 1] == ' '))
		component.len--;
	return (component.len == 4 && !strncasecmp(component.ptr, ".git", 4)) ||
	       (component.len == 5 && !strncasecmp(component.ptr, "git~1", 5));
}

int archive_path_clean(struct archive_reader *reader, const char *path, const char *what, char **out, struct error *err)
{
	cleanup_text struct text clean = TEXT_INIT;
	int depth = 0;
	struct slice rest = slice_of(path), component;
	if (rest.len > reader->limits.path_bytes)
		return archive_reader_refuse(reader, err, "%s is longer than %zu bytes", what,
					     reader->limits.path_bytes);
	if (check_characters(reader, path, what, err))
		return -1;
	if (*path == '/')
		return archive_reader_refuse(reader, err, "%s is an absolute path", what);
	while (slice_cut(&rest, '/', &component)) {
		if (component.len == 0 || slice_is(component, "."))
			continue;
		if (slice_is(component, ".."))
			return archive_reader_refuse(reader, err, "%s climbs with \"..\"", what);
		if (component.len > COMPONENT_LIMIT)
			return archive_reader_refuse(reader, err, "a part of %s is longer than %d bytes", what,
						     (int)COMPONENT_LIMIT);
		if (is_git(component))
			return archive_reader_refuse(reader, err, "\".git\" in %s would be taken for a repository",
						     what);
		if (++depth > DEPTH_LIMIT)
			return archive_reader_refuse(reader, err, "%s has more than %d parts", what, (int)DEPTH_LIMIT);
		if (clean.len)
			text_add_char(&clean, '/');
		text_add_slice(&clean, component);
	}
	*out = text_steal(&clean);
	return 0;
}

static struct archive_name *find(struct archive_names *names, struct slice folded)
{
	struct archive_name *name;
	HASH_FIND(hh, names->table, folded.ptr, folded.len, name);
	return name;
}

static int remember(struct archive_names *names, struct archive_reader *reader, struct slice folded, struct slice path,
		    enum archive_name_kind kind, struct error *err)
{
	names->bytes += folded.len + path.len;
	if (names->bytes > NAMES_LIMIT)
		return archive_reader_refuse(reader, err, "with it the names take more than %d bytes",
					     (int)NAMES_LIMIT);
	struct archive_name *name = arena_alloc(&names->arena, sizeof *name);
	*name = (struct archive_name){
		.folded = arena_slice(&names->arena, folded), .path = arena_slice(&names->arena, path), .kind = kind};
	HASH_ADD_KEYPTR(hh, names->table, name->folded, folded.len, name);
	return 0;
}

static int add_one(struct archive_names *names, struct archive_reader *reader, struct slice folded, struct slice path,
		   enum archive_name_kind kind, struct error *err)
{
	struct archive_name *name = find(names, folded);
	if (!name)
		return remember(names, reader, folded, path, kind, err);
	if (!slice_is(path, name->path))
		return archive_reader_refuse(reader, err, "its name and \"%s\" differ only in case or spelling",
					     name->path);
	if (name->kind == ARCHIVE_FOLDER && kind == ARCHIVE_FOLDER)
		return 0;
	if (name->kind != ARCHIVE_FOLDER && kind != ARCHIVE_FOLDER)
		return archive_reader_refuse(reader, err, "it is there twice");
	return archive_reader_refuse(reader, err, "\"%s\" is a folder and something else too", name->path);
}

int archive_names_add(struct archive_names *names, struct archive_reader *reader, const char *path,
		      enum archive_name_kind kind, struct error *err)
{
	cleanup_text struct text folded = TEXT_INIT;
	fold(&folded, reader->locale, path);
	// Folding leaves the slashes where they are, counted in parts.
	const char *slash = strchr(path, '/'), *folded_slash = strchr(text_str(&folded), '/');
	for (; slash && folded_slash; slash = strchr(slash + 1, '/'), folded_slash = strchr(folded_slash + 1, '/'))
		if (add_one(names, reader, (struct slice){folded.ptr, (size_t)(folded_slash - folded.ptr)},
			    (struct slice){path, (size_t)(slash - path)}, ARCHIVE_FOLDER, err))
			return -1;
	return add_one(names, reader, text_slice(&folded), slice_of(path), kind, err);
}

bool archive_names_has_file(struct archive_names *names, struct archive_reader *reader, const char *path)
{
	cleanup_text struct text folded = TEXT_INIT;
	fold(&folded, reader->locale, path);
	struct archive_name *name = find(names, text_slice(&folded));
	return name && name->kind == ARCHIVE_FILE && !strcmp(name->path, path);
}
