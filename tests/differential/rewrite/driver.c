// The C half of the rewriter's differential test: rewrites the files named on
// standard input under a mapping that oracle.go knows too, and writes
// "<path>\t<status>\t<bytes>\n" and the bytes for each. With "bench" it reads them all, then measures.
#include <stdio.h>
#include <time.h>

#include "agents/go/rewrite.h"
#include "core/memory.h"
#include "core/vec.h"

static bool map_prefix(void *context, struct slice path, struct text *out)
{
	(void)context;
	text_add(out, "zz.example/m/");
	text_add_slice(out, path);
	return true;
}

static bool map_reverse(void *context, struct slice path, struct text *out)
{
	(void)context;
	text_add(out, "q.example/");
	for (size_t i = path.len; i > 0; i--)
		text_add_char(out, path.ptr[i - 1]);
	return true;
}

static bool map_some(void *context, struct slice path, struct text *out)
{
	(void)context;
	if (path.len % 2)
		return false;
	text_add(out, path.len % 4 ? "a.example/" : "z/");
	text_add_slice(out, path);
	return true;
}

static bool map_below(void *context, struct slice path, struct text *out)
{
	(void)context;
	static const struct {
		const char *from, *to;
	} rows[] = {
		{"net", "b.example/net"}, {"go/ast", "x.example/py-go/a"}, {"internal", "go.internal/py-internal/v2"}};
	for (size_t i = 0; i < ARRAY_LENGTH(rows); i++) {
		struct slice from = slice_of(rows[i].from);
		if (!rewrite_path_below(path, from))
			continue;
		text_add(out, rows[i].to);
		text_add_slice(out, slice_from(path, from.len));
		return true;
	}
	return false;
}

static bool map_identity(void *context, struct slice path, struct text *out)
{
	(void)context;
	text_add_slice(out, path);
	return true;
}

static const struct {
	const char *name;
	rewrite_mapping *mapping;
} mappings[] = {
	{"identity", map_identity}, {"prefix", map_prefix}, {"reverse", map_reverse},
	{"some", map_some},         {"below", map_below},
};

static int read_whole(const char *path, struct text *out)
{
	cleanup_file FILE *file = fopen(path, "re");
	if (!file)
		return -1;
	char buffer[65536];
	for (size_t count; (count = fread(buffer, 1, sizeof buffer, file)) > 0;)
		text_add_bytes(out, buffer, count);
	return ferror(file) ? -1 : 0;
}

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void bench(struct text *files, size_t count)
{
	for (size_t m = 0; m < ARRAY_LENGTH(mappings); m++) {
		double best = 1e9;
		size_t bytes = 0;
		for (int round = 0; round < 5; round++) {
			cleanup_text struct text out = TEXT_INIT;
			double start = now();
			bytes = 0;
			for (size_t i = 0; i < count; i++) {
				text_reset(&out);
				rewrite_go(text_slice(&files[i]), "file", mappings[m].mapping, NULL, &out, NULL);
				bytes += files[i].len;
			}
			double took = now() - start;
			best = took < best ? took : best;
		}
		printf("rewrite %-8s %5.0f MB/s (%zu files, %.1f MB)\n", mappings[m].name, (double)bytes / best / 1e6,
		       count, (double)bytes / 1e6);
	}
}

int main(int argc, char **argv)
{
	rewrite_mapping *mapping = NULL;
	for (size_t i = 0; argc > 1 && i < ARRAY_LENGTH(mappings); i++)
		if (!strcmp(argv[1], mappings[i].name))
			mapping = mappings[i].mapping;
	bool benching = argc > 1 && !strcmp(argv[1], "bench");
	if (!mapping && !benching)
		return 2;
	VEC(struct text) files = VEC_INIT;
	char path[4096];
	while (fgets(path, sizeof path, stdin)) {
		path[strcspn(path, "\n")] = '\0';
		struct text source = TEXT_INIT;
		if (read_whole(path, &source))
			return 1;
		if (benching) {
			vec_push(&files, source);
			continue;
		}
		struct error err = ERROR_INIT;
		cleanup_text struct text out = TEXT_INIT;
		int status = rewrite_go(text_slice(&source), path, mapping, NULL, &out, &err);
		printf("%s\t%d\t%zu\n", path, status, out.len);
		fwrite(text_str(&out), 1, out.len, stdout);
		text_clear(&source);
	}
	if (benching)
		bench(files.items, files.count);
	vec_each (&files, file)
		text_clear(file);
	vec_clear(&files);
	return fflush(stdout) ? 1 : 0;
}
