// The two text files of Go modules. Nothing that is published needs quoting:
// module paths and versions are made by agents/go/version.c.
#include "agents/go/gomod.h"

#include <stdlib.h>
#include <string.h>

#include "core/digest.h"

static int compare_requires(const void *left, const void *right)
{
	const struct gomod_require *a = left, *b = right;
	return strcmp(a->module, b->module);
}

static void add_block(const struct gomod_require *requires, size_t count, bool indirect, struct text *out)
{
	bool open = false;
	for (size_t i = 0; i < count; i++) {
		if (requires[i].indirect != indirect || requires[i].sum_only)
			continue;
		text_add(out, open ? "" : "\nrequire (\n");
		open = true;
		text_addf(out, "\t%s %s%s\n", requires[i].module, requires[i].version, indirect ? " // indirect" : "");
	}
	text_add(out, open ? ")\n" : "");
}

void gomod_write(const char *module, struct gomod_require *requires, size_t count, struct text *out)
{
	if (count > 1)
		qsort(requires, count, sizeof *requires, compare_requires);
	text_addf(out, "module %s\n\ngo %s\n", module, GOMOD_GO);
	add_block(requires, count, false, out);
	add_block(requires, count, true, out);
}

void gosum_write(const struct gomod_require *requires, size_t count, struct text *out)
{
	for (size_t i = 0; i < count; i++) {
		if (!requires[i].sum_only)
			text_addf(out, "%s %s %s\n", requires[i].module, requires[i].version, requires[i].zip_h1);
		text_addf(out, "%s %s/go.mod %s\n", requires[i].module, requires[i].version, requires[i].mod_h1);
	}
}

void gomod_h1(struct slice gomod, struct text *out)
{
	char hex[DIGEST_HEX_SIZE];
	unsigned char raw[DIGEST_BYTES];
	digest_hex_of(gomod.ptr, gomod.len, hex);
	cleanup_text struct text line = TEXT_INIT;
	text_addf(&line, "%s  go.mod\n", hex);
	struct digest_hasher *hasher = digest_new();
	digest_add(hasher, line.ptr, line.len);
	digest_final(hasher, raw);
	digest_free(hasher);
	text_add(out, "h1:");
	digest_to_base64(raw, out);
}

int gomod_module(struct slice gomod, const char *what, struct slice *out, struct error *err)
{
	struct slice rest = gomod, line;
	while (slice_cut(&rest, '\n', &line)) {
		line = slice_trim(line);
		if (!slice_starts(line, "module ") && !slice_starts(line, "module\t"))
			continue;
		struct slice path = slice_trim(slice_from(line, strlen("module")));
		const char *comment = path.len ? memmem(path.ptr, path.len, "//", 2) : NULL;
		if (comment)
			path = slice_trim((struct slice){path.ptr, (size_t)(comment - path.ptr)});
		if (path.len >= 2 && (path.ptr[0] == '"' || path.ptr[0] == '`') &&
		    path.ptr[path.len - 1] == path.ptr[0])
			path = (struct slice){path.ptr + 1, path.len - 2};
		*out = path;
		if (path.len)
			return 0;
	}
	return error_set(err, ERROR_INPUT, "%s: no module line", what);
}
