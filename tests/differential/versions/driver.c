// Random PEP 440 versions in the resolver's order, each with its Go version: "<go version>\t<python version>\n".
//
//     driver COUNT SEED
//
// Also holds go_version_compare against that order, for neighbours and for random pairs. check.go holds the output against
// golang.org/x/mod.
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agents/go/version.h"
#include "core/vec.h"

struct row {
	struct version version;
	char *go;
};

static uint64_t state;

static uint64_t random_below(uint64_t bound)
{
	state += UINT64_C(0x9e3779b97f4a7c15); // splitmix64
	uint64_t z = state;
	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return (z ^ z >> 31) % bound;
}

static uint64_t random_number(void)
{
	static const uint64_t numbers[] = {
		0, 0, 0, 1, 1, 2, 3, 9, 10, 11, 99, 100, 2024, 20240115, 20240115123456, 20060102150405, UINT64_MAX};
	static const uint64_t bounds[] = {4, 8, 12, ARRAY_LENGTH(numbers)};
	return numbers[random_below(bounds[random_below(4)])];
}

static void random_version(struct text *out)
{
	static const char *const pre[] = {"a", "b", "rc"};
	static const char *const local[] = {"abc", "1",  "ubuntu.1", "ubuntu",   "ubuntu.10", "cu118",
					    "2",   "10", "1.a",      "g1234abc", "0a",        "a.b.c"};
	text_reset(out);
	if (random_below(20) == 0)
		text_addf(out, "%" PRIu64 "!", random_below(4));
	uint64_t parts = 1 + random_below(6);
	for (uint64_t i = 0; i < parts; i++)
		text_addf(out, "%s%" PRIu64, i ? "." : "", random_number());
	if (random_below(10) < 3)
		text_addf(out, "%s%" PRIu64, pre[random_below(3)], random_number());
	if (random_below(4) == 0)
		text_addf(out, ".post%" PRIu64, random_number());
	if (random_below(4) == 0)
		text_addf(out, ".dev%" PRIu64, random_number());
	if (random_below(10) == 0)
		text_addf(out, "+%s", local[random_below(ARRAY_LENGTH(local))]);
}

static int compare_rows(const void *left, const void *right)
{
	return version_compare(&((const struct row *)left)->version, &((const struct row *)right)->version);
}

static int sign(int value)
{
	return (value > 0) - (value < 0);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	size_t count = strtoul(argv[1], NULL, 10), kept = 0;
	state = strtoull(argv[2], NULL, 10);
	cleanup_arena struct arena arena = ARENA_INIT;
	cleanup_text struct text text = TEXT_INIT;
	struct error err = ERROR_INIT;
	VEC(struct row) rows = VEC_INIT;
	for (size_t i = 0; i < count; i++) {
		struct row row = {0};
		random_version(&text);
		if (version_parse(&arena, text_slice(&text), &row.version, &err)) {
			fprintf(stderr, "%s\n", err.text);
			return 1;
		}
		vec_push(&rows, row);
	}
	vec_sort(&rows, compare_rows);
	for (size_t i = 0; i < count; i++) { // equal ones once
		if (kept && !compare_rows(&rows.items[kept - 1], &rows.items[i]))
			continue;
		rows.items[kept++] = rows.items[i];
	}
	for (size_t i = 0; i < kept; i++) {
		struct text go = TEXT_INIT;
		go_version_format(&rows.items[i].version, random_below(2) ? 0 : random_below(30), &go);
		rows.items[i].go = text_steal(&go);
		printf("%s\t%s\n", rows.items[i].go, version_string(&arena, &rows.items[i].version));
	}
	for (size_t i = 1; i < kept; i++) {
		size_t other = random_below(kept);
		if (go_version_compare(rows.items[i - 1].go, rows.items[i].go) >= 0 ||
		    sign(go_version_compare(rows.items[i].go, rows.items[other].go)) != (i > other) - (i < other)) {
			fprintf(stderr, "order: %s, %s, %s\n", rows.items[i - 1].go, rows.items[i].go,
				rows.items[other].go);
			return 1;
		}
	}
	for (size_t i = 0; i < kept; i++)
		free(rows.items[i].go);
	vec_clear(&rows);
	return fflush(stdout) ? 1 : 0;
}
