// Splices mapped paths into a Go file. The header reader says where the specs
// are; here is what changes: literals in place, and for a run of specs whose
// order a change broke, whole lines (go/ast.SortImports and go/printer decide
// what a run is and how comments are aligned; this does the same to bytes).
#include "agents/go/rewrite.h"

#include <string.h>

#include "agents/go/header.h"

struct edit {
	size_t start, end;
	const char *with;
	size_t length;
};

// One import as it will stand: at the place of specs[i], what comes from *spec.
struct row {
	const struct go_spec *spec;
	struct slice path;
	bool mapped;
	bool moved; // it stood elsewhere
};

struct rewriting {
	struct slice source;
	rewrite_mapping *mapping;
	void *context;
	struct arena arena;
	struct text scratch;
	struct go_header header;
	struct row *rows; // [spec]
	VEC(struct edit) edits;
};

bool rewrite_path_below(struct slice path, struct slice prefix)
{
	return path.len >= prefix.len && !memcmp(path.ptr, prefix.ptr, prefix.len) &&
	       (path.len == prefix.len || path.ptr[prefix.len] == '/');
}

static bool map_path(struct rewriting *rewriting, struct slice path, struct slice *out)
{
	text_reset(&rewriting->scratch);
	if (!rewriting->mapping(rewriting->context, path, &rewriting->scratch))
		return false;
	if (slice_equal(text_slice(&rewriting->scratch), path))
		return false;
	*out = (struct slice){arena_slice(&rewriting->arena, text_slice(&rewriting->scratch)), rewriting->scratch.len};
	return true;
}

static void add_edit(struct rewriting *rewriting, size_t start, size_t end, struct slice with)
{
	vec_push(&rewriting->edits, (struct edit){start, end, with.ptr, with.len});
}

// ---- order -----------------------------------------------------------------------------------------------------------

static struct slice comment_of(const struct rewriting *rewriting, const struct go_spec *spec)
{
	return (struct slice){rewriting->source.ptr + spec->comment, spec->end - spec->comment};
}

static int compare_rows(const struct rewriting *rewriting, const struct row *left, const struct row *right)
{
	int order = slice_compare(left->path, right->path);
	if (!order)
		order = slice_compare(left->spec->name, right->spec->name);
	return order ? order : slice_compare(comment_of(rewriting, left->spec), comment_of(rewriting, right->spec));
}

static bool is_c(const struct go_spec *spec)
{
	return slice_is(spec->path, "C");
}

// Stable, by insertion: runs are short and nearly sorted.
static void sort_run(struct rewriting *rewriting, size_t first, size_t count)
{
	const struct go_spec *specs = rewriting->header.specs.items;
	struct row *rows = rewriting->rows;
	bool changed = false;
	for (size_t i = first; i < first + count; i++) {
		changed |= rows[i].mapped;
		if (!specs[i].regular || (i > first && specs[i].line != specs[i - 1].line + 1))
			return; // no layout of gofmt's: leave the order
	}
	if (!changed)
		return;
	for (size_t i = first + 1; i < first + count; i++) {
		struct row row = rows[i];
		size_t at = i;
		for (; at > first && compare_rows(rewriting, &row, &rows[at - 1]) < 0; at--)
			rows[at] = rows[at - 1];
		rows[at] = row;
	}
	for (size_t i = first; i < first + count; i++)
		rows[i].moved = rows[i].spec != &specs[i];
}

// Runs of specs on successive lines of one group. `import "C"` is a run of its own: its preamble stays above it.
static void sort_rows(struct rewriting *rewriting)
{
	const struct go_spec *specs = rewriting->header.specs.items;
	size_t count = rewriting->header.specs.count;
	for (size_t first = 0, next; first < count; first = next) {
		next = first + 1;
		while (next < count && specs[next].group == specs[first].group && specs[first].group >= 0 &&
		       specs[next].line <= specs[next - 1].line + 1 && !is_c(&specs[next]) && !is_c(&specs[next - 1]))
			next++;
		if (next - first > 1)
			sort_run(rewriting, first, next - first);
	}
}

// ---- columns of comments ---------------------------------------------------------------------------------------------

static size_t rune_count(const char *text, size_t length)
{
	size_t count = 0;
	for (size_t i = 0; i < length; i++)
		count += ((unsigned char)text[i] & 0xc0) != 0x80;
	return count;
}

static bool has_comment(const struct go_spec *spec)
{
	return spec->comment < spec->end;
}

// In runes, from the line's first byte that is not blank to the end of the path.
static size_t old_width(const struct rewriting *rewriting, const struct go_spec *spec)
{
	return rune_count(rewriting->source.ptr + spec->begin, spec->literal_end - spec->begin);
}

static size_t new_width(const struct rewriting *rewriting, const struct row *row)
{
	const struct go_spec *spec = row->spec;
	if (!row->mapped)
		return old_width(rewriting, spec);
	return rune_count(rewriting->source.ptr + spec->begin, spec->literal - spec->begin) + 2 +
	       rune_count(row->path.ptr, row->path.len);
}

// The end of the block of successive lines with comments that begins at first.
static size_t block_end(const struct rewriting *rewriting, size_t first, bool old)
{
	const struct go_spec *specs = rewriting->header.specs.items;
	size_t next = first;
	while (next < rewriting->header.specs.count && has_comment(old ? &specs[next] : rewriting->rows[next].spec) &&
	       (next == first ||
		(specs[next].line == specs[next - 1].line + 1 && specs[next].group == specs[first].group)))
		next++;
	return next;
}

// Were all comments where gofmt puts them: one column a block, one space behind the longest path?
static bool aligned_before(const struct rewriting *rewriting)
{
	const struct go_spec *specs = rewriting->header.specs.items;
	size_t count = rewriting->header.specs.count;
	for (size_t first = 0, next; first<count; first = next> first ? next : first + 1) {
		next = block_end(rewriting, first, true);
		size_t width = 0;
		for (size_t i = first; i < next; i++)
			width = old_width(rewriting, &specs[i]) > width ? old_width(rewriting, &specs[i]) : width;
		for (size_t i = first; i < next; i++) {
			size_t gap = specs[i].comment - specs[i].literal_end;
			const char *at = rewriting->source.ptr + specs[i].literal_end;
			if (!specs[i].regular || old_width(rewriting, &specs[i]) + gap != width + 1 ||
			    memchr(at, '\t', gap) || memchr(at, ';', gap))
				return false;
		}
	}
	return true;
}

// gap[spec] = spaces before its comment, 0 = as they are.
static void align(const struct rewriting *rewriting, size_t *gap)
{
	size_t count = rewriting->header.specs.count;
	for (size_t first = 0, next; first<count; first = next> first ? next : first + 1) {
		next = block_end(rewriting, first, false);
		size_t width = 0;
		for (size_t i = first; i < next; i++)
			width = new_width(rewriting, &rewriting->rows[i]) > width
					? new_width(rewriting, &rewriting->rows[i])
					: width;
		for (size_t i = first; i < next; i++)
			gap[i] = width + 1 - new_width(rewriting, &rewriting->rows[i]);
	}
}

// ---- edits -----------------------------------------------------------------------------------------------------------

static void add_literal(const struct rewriting *rewriting, const struct row *row, struct text *out)
{
	char quote = rewriting->source.ptr[row->spec->literal];
	size_t length = row->spec->literal_end - row->spec->literal;
	bool escaped = quote == '"' && memchr(rewriting->source.ptr + row->spec->literal, '\\', length);
	text_add_char(out, quote);
	for (size_t i = 0; escaped && i < row->path.len; i++) {
		unsigned char c = (unsigned char)row->path.ptr[i];
		text_addf(out, c < ' ' || c == '"' || c == '\\' || c >= 0x7f ? "\\x%02x" : "%c", c);
	}
	if (!escaped)
		text_add_slice(out, row->path);
	text_add_char(out, quote);
}

static void keep_edit(struct rewriting *rewriting, size_t start, size_t end, const struct text *text)
{
	const char *kept = arena_slice(&rewriting->arena, text_slice(text));
	add_edit(rewriting, start, end, (struct slice){kept, text->len});
}

// The whole line at the place of spec number i.
static void edit_line(struct rewriting *rewriting, size_t i, size_t gap)
{
	const struct go_spec *place = &rewriting->header.specs.items[i], *spec = rewriting->rows[i].spec;
	const char *source = rewriting->source.ptr;
	cleanup_text struct text line = TEXT_INIT;
	text_add_bytes(&line, source + spec->begin, spec->literal - spec->begin);
	if (rewriting->rows[i].mapped)
		add_literal(rewriting, &rewriting->rows[i], &line);
	else
		text_add_bytes(&line, source + spec->literal, spec->literal_end - spec->literal);
	if (gap)
		text_addf(&line, "%*s", (int)gap, "");
	else
		text_add_bytes(&line, source + spec->literal_end, spec->comment - spec->literal_end);
	text_add_slice(&line, comment_of(rewriting, spec));
	keep_edit(rewriting, place->begin, place->end, &line);
}

static void edit_spec(struct rewriting *rewriting, size_t i, size_t gap)
{
	const struct row *row = &rewriting->rows[i];
	const struct go_spec *spec = row->spec;
	if (row->moved) {
		edit_line(rewriting, i, gap);
		return;
	}
	cleanup_text struct text text = TEXT_INIT;
	if (row->mapped) {
		add_literal(rewriting, row, &text);
		keep_edit(rewriting, spec->literal, spec->literal_end, &text);
	}
	if (gap && gap != spec->comment - spec->literal_end) {
		text_reset(&text);
		text_addf(&text, "%*s", (int)gap, "");
		keep_edit(rewriting, spec->literal_end, spec->comment, &text);
	}
}

static void edit_imports(struct rewriting *rewriting)
{
	size_t count = rewriting->header.specs.count;
	bool changed = false;
	rewriting->rows = arena_array(&rewriting->arena, count, sizeof *rewriting->rows);
	for (size_t i = 0; i < count; i++) {
		const struct go_spec *spec = &rewriting->header.specs.items[i];
		struct row row = {.spec = spec, .path = spec->path};
		row.mapped = !is_c(spec) && map_path(rewriting, spec->path, &row.path);
		changed |= row.mapped;
		rewriting->rows[i] = row;
	}
	if (!changed)
		return;
	bool aligned = aligned_before(rewriting);
	size_t *gap = arena_array(&rewriting->arena, count, sizeof *gap);
	sort_rows(rewriting);
	if (aligned)
		align(rewriting, gap);
	for (size_t i = 0; i < count; i++)
		edit_spec(rewriting, i, gap[i]);
}

static void edit_import_comment(struct rewriting *rewriting)
{
	struct slice path = rewriting->header.import_comment, mapped;
	if (!path.ptr || !map_path(rewriting, path, &mapped))
		return;
	size_t start = (size_t)(path.ptr - rewriting->source.ptr);
	add_edit(rewriting, start, start + path.len, mapped);
}

// ---- directives ------------------------------------------------------------------------------------------------------

// The linker writes dots of a path's last element as %2e, since a dot ends the path.
static void unescape_path(struct slice path, struct text *out)
{
	for (size_t i = 0; i < path.len; i++) {
		bool dot = path.len - i >= 3 && !strncasecmp(path.ptr + i, "%2e", 3);
		text_add_char(out, dot ? '.' : path.ptr[i]);
		i += dot ? 2 : 0;
	}
}

static void edit_linkname(struct rewriting *rewriting, struct slice line)
{
	struct slice rest = slice_trim(line), word = {NULL, 0};
	for (int i = 0; i < 3; i++) { // "//go:linkname", the local name, what it stands for
		size_t length = 0;
		while (length < rest.len && rest.ptr[length] != ' ' && rest.ptr[length] != '\t')
			length++;
		word = (struct slice){rest.ptr, length};
		rest = slice_trim(slice_from(rest, length));
	}
	const char *slash = word.len ? memrchr(word.ptr, '/', word.len) : NULL;
	const char *last = slash ? slash + 1 : word.ptr;
	const char *dot = word.len ? memchr(last, '.', word.len - (size_t)(last - word.ptr)) : NULL;
	if (!dot)
		return;
	struct slice path = {word.ptr, (size_t)(dot - word.ptr)}, mapped;
	cleanup_text struct text plain = TEXT_INIT, escaped = TEXT_INIT;
	unescape_path(path, &plain);
	if (!map_path(rewriting, text_slice(&plain), &mapped))
		return;
	const char *mapped_slash = memrchr(mapped.ptr, '/', mapped.len);
	size_t folder = mapped_slash ? (size_t)(mapped_slash - mapped.ptr) + 1 : 0;
	text_add_bytes(&escaped, mapped.ptr, folder);
	for (size_t i = folder; i < mapped.len; i++) {
		if (mapped.ptr[i] == '.')
			text_add(&escaped, "%2e");
		else
			text_add_char(&escaped, mapped.ptr[i]);
	}
	size_t start = (size_t)(path.ptr - rewriting->source.ptr);
	keep_edit(rewriting, start, start + path.len, &escaped);
}

static bool is_path_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("-._~+/", c)) || (unsigned char)c >= 0x80;
}

// Words of the command that are paths: whole, quoted, after '=' or ',', with "/..." or "@version" behind.
static void edit_generate(struct rewriting *rewriting, struct slice line)
{
	for (size_t at = strlen("//go:generate"), next; at < line.len; at = next + 1) {
		next = at;
		while (next < line.len && is_path_byte(line.ptr[next]))
			next++;
		bool begins = line.ptr[at - 1] && strchr(" \t\"'`=,", line.ptr[at - 1]);
		bool ends = next >= line.len || (line.ptr[next] && strchr(" \t\r\"'`@,", line.ptr[next]));
		struct slice path = {line.ptr + at, next - at}, mapped;
		if (slice_ends(path, "/..."))
			path.len -= strlen("/...");
		if (!begins || !ends || !path.len || !map_path(rewriting, path, &mapped))
			continue;
		size_t start = (size_t)(path.ptr - rewriting->source.ptr);
		add_edit(rewriting, start, start + path.len, mapped);
	}
}

static bool blank_before(struct slice source, size_t at)
{
	while (at > 0 && (source.ptr[at - 1] == ' ' || source.ptr[at - 1] == '\t'))
		at--;
	return at == 0 || source.ptr[at - 1] == '\n';
}

static void edit_directives(struct rewriting *rewriting)
{
	struct slice source = rewriting->source;
	struct go_cursor cursor = {source, 0};
	for (size_t at = 0; at < source.len;) {
		const char *found = memmem(source.ptr + at, source.len - at, "//go:", 5);
		if (!found)
			return;
		size_t start = (size_t)(found - source.ptr);
		const char *newline = memchr(found, '\n', source.len - start);
		struct slice line = {found, newline ? (size_t)(newline - found) : source.len - start};
		at = start + line.len;
		bool generate = slice_starts(line, "//go:generate ") || slice_starts(line, "//go:generate\t");
		bool linkname = slice_starts(line, "//go:linkname");
		if ((!generate && !linkname) || !blank_before(source, start) || !go_cursor_is_comment(&cursor, start))
			continue;
		if (linkname)
			edit_linkname(rewriting, line);
		else if (start == 0 || source.ptr[start - 1] == '\n')
			edit_generate(rewriting, line);
	}
}

// ---- the whole -------------------------------------------------------------------------------------------------------

static int compare_edits(const void *left, const void *right)
{
	const struct edit *a = left, *b = right;
	return a->start < b->start ? -1 : a->start > b->start;
}

int rewrite_go(struct slice source, const char *what, rewrite_mapping *mapping, void *context, struct text *out,
	       struct error *err)
{
	struct rewriting rewriting = {.source = source, .mapping = mapping, .context = context, .arena = ARENA_INIT};
	if (go_header_read(source, what, &rewriting.header, err))
		return -1;
	edit_import_comment(&rewriting);
	edit_imports(&rewriting);
	edit_directives(&rewriting);
	vec_sort(&rewriting.edits, compare_edits);
	text_reserve(out, source.len + 64 * rewriting.edits.count);
	size_t at = 0;
	vec_each (&rewriting.edits, edit) {
		text_add_bytes(out, source.ptr + at, edit->start - at);
		text_add_bytes(out, edit->with, edit->length);
		at = edit->end;
	}
	text_add_bytes(out, source.ptr + at, source.len - at);
	vec_clear(&rewriting.edits);
	text_clear(&rewriting.scratch);
	go_header_clear(&rewriting.header);
	arena_clear(&rewriting.arena);
	return 0;
}

int rewrite_list(struct slice source, const char *what, rewrite_import *import, void *context, struct error *err)
{
	cleanup_go_header struct go_header header;
	if (go_header_read(source, what, &header, err))
		return -1;
	vec_each (&header.specs, spec)
		import(context, &(struct go_import_spec){.name = spec->name, .path = spec->path, .is_c = is_c(spec)});
	return 0;
}
