// Specifier sets against a version: canonical form is stable, and the quick way agrees with the single one.
#include <stdlib.h>

#include "resolver/specifier.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cleanup_arena struct arena arena = ARENA_INIT;
	struct error err = ERROR_INIT;
	struct slice text = {(const char *)data, size}, first;
	struct specifier_set set, again;
	struct version version;
	slice_cut(&text, '\n', &first);
	if (specifier_parse(&arena, first, &set, &err))
		return 0;
	const char *canonical = specifier_string(&arena, &set);
	if (specifier_parse(&arena, slice_of(canonical), &again, &err) ||
	    strcmp(canonical, specifier_string(&arena, &again)) != 0)
		abort();
	if (version_parse(&arena, text, &version, &err))
		return 0;
	const struct version *versions[] = {&version};
	bool allowed;
	specifier_allowed(&set, versions, 1, &allowed);
	if (allowed != specifier_contains(&set, &version, SPECIFIER_PRE_YES))
		abort();
	specifier_contains(&set, &version, SPECIFIER_PRE_DEFAULT);
	specifier_contains_text(&set, NULL, text, SPECIFIER_PRE_NO);
	return 0;
}
