// Distribution file names (PEP 427, 425, 600, 625) and the wheel tags an interpreter supports, in its order.
#ifndef RESOLVER_TAG_H
#define RESOLVER_TAG_H

#include <stdbool.h>
#include <stdint.h>

#include "core/vec.h"
#include "resolver/version.h"

struct wheel_name {       // in the arena
	const char *name; // normalised
	struct version version;
	bool has_build;
	uint64_t build;          // its leading number
	const char *build_rest;  // what follows the number, ""
	const char *const *tags; // expanded "py2-none-any", "py3-none-any", NULL-terminated, lower case
	size_t tag_count;
};

struct sdist_name {
	const char *name; // normalised
	struct version version;
};

typedef VEC(const char *) tag_list; // most preferred first; strings in an arena

int wheel_name_parse(struct arena *arena, struct slice file, struct wheel_name *out, struct error *err);
// project: its normalised name, which decides where the version begins (names with dashes). .tar.gz and .zip.
int sdist_name_parse(struct arena *arena, struct slice file, const char *project, struct sdist_name *out,
		     struct error *err);
// As packaging.tags.sys_tags on Linux: machine "x86_64"; glibc 0.0 leaves out manylinux; free_threaded: no stable ABI.
void tags_for_cpython(struct arena *arena, int major, int minor, bool free_threaded, const char *machine,
		      int glibc_major, int glibc_minor, tag_list *out);
// Position of the wheel's best tag among the supported ones (0 is best), -1 when none fits; *best gets that tag.
int wheel_rank(const struct wheel_name *wheel, const char *const *supported, size_t supported_count, const char **best);

#endif
