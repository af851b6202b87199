// A wheel that a project's own build made: is it what it should be (PEP 427),
// and its normal form, which depends on its files alone.
#ifndef AGENTS_WHEEL_CHECK_H
#define AGENTS_WHEEL_CHECK_H

#include "core/arena.h"
#include "core/error.h"
#include "core/text.h"
#include "resolver/metadata.h"

struct wheel_expected {
	const char *file_name;      // as the build called it
	const char *name, *version; // of the release, name normalised; NULL: whatever the wheel is of
	const char *const *tags;    // that this machine takes, best first
	size_t tag_count;
};
struct wheel_checked { // in the arena
	struct metadata metadata;
	const char *tag; // the best one
};
// ERROR_INPUT with the reason when file name, METADATA, WHEEL, RECORD and tags do not agree with each other or with what is
// expected. out gets the same files sorted by path with a RECORD of ours, written by wheel_tree_write.
int wheel_check(const struct wheel_expected *expected, struct slice wheel, struct arena *arena,
		struct wheel_checked *checked, struct text *out, struct error *err);

#endif
