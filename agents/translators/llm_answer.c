// Go files out of a model's answer: what stands in fenced blocks (three or more
// backticks or tildes, CommonMark's rules for their ends). Text around them is
// not read. What is inside is only ever parsed and compiled in the sandbox.
#include "agents/translators/llm.h"
#include "core/file.h"

enum { FILES = 100 };

struct fence {
	char mark;
	size_t length;
	struct slice info; // "go", "golang title=x"
};

static bool read_fence(struct slice line, struct fence *out)
{
	size_t indent = 0, length = 0;
	while (indent < 3 && indent < line.len && line.ptr[indent] == ' ')
		indent++;
	line = slice_from(line, indent);
	char mark = line.len ? *line.ptr : 0;
	while (length < line.len && line.ptr[length] == mark)
		length++;
	if ((mark != '`' && mark != '~') || length < 3)
		return false;
	*out = (struct fence){mark, length, slice_trim(slice_from(line, length))};
	return mark != '`' || !out->info.len || !memchr(out->info.ptr, '`', out->info.len);
}

static bool is_go(struct slice info)
{
	struct slice word;
	if (!slice_cut(&info, ' ', &word))
		return true; // no word: a block of a program that was asked for Go
	return !word.len || slice_is(word, "go") || slice_is(word, "golang") || slice_is(word, "Go");
}

// "package x" may be missing: the one that was asked for.
static bool has_clause(struct slice code)
{
	struct slice line;
	while (slice_cut(&code, '\n', &line))
		if (slice_starts(slice_trim(line), "package "))
			return true;
	return false;
}

static int write_block(struct slice code, const char *package, const char *folder, int *files, struct error *err)
{
	if (!slice_trim(code).len || *files >= FILES)
		return 0;
	cleanup_free char *path = xasprintf("%s/llm_%02d.go", folder, ++*files);
	cleanup_text struct text file = TEXT_INIT;
	if (!has_clause(code))
		text_addf(&file, "package %s\n\n", package);
	text_add_slice(&file, code);
	return file_write_plain(path, file.ptr, file.len, err);
}

int llm_answer_write(struct slice answer, const char *package, const char *folder, int *files, bool *cut,
		     struct error *err)
{
	struct slice line;
	struct fence open = {0}, fence;
	const char *begin = NULL;
	*files = 0;
	*cut = false;
	while (slice_cut(&answer, '\n', &line)) {
		struct slice bare =
			line.len && line.ptr[line.len - 1] == '\r' ? (struct slice){line.ptr, line.len - 1} : line;
		bool is_fence = read_fence(bare, &fence);
		if (!begin && is_fence) {
			open = fence;
			begin = line.ptr + line.len + 1;
		} else if (begin && is_fence && fence.mark == open.mark && fence.length >= open.length &&
			   !fence.info.len) {
			struct slice code = {begin, line.ptr > begin ? (size_t)(line.ptr - begin) : 0};
			begin = NULL;
			if (is_go(open.info) && write_block(code, package, folder, files, err))
				return -1;
		}
	}
	*cut = begin != NULL;
	return 0;
}
