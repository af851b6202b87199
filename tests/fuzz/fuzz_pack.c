// pack.json: whatever it says, the reader takes it or refuses it, and what it takes names folders that stay below the pack's.
#include <stdlib.h>
#include <string.h>

#include "agents/pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_rows(json_t *pack, const char *key)
{
	size_t index;
	json_t *row;
	json_array_foreach (json_object_get(pack, key), index, row) {
		const char *unit = json_string_or(row, "unit", "");
		if (!*unit || strchr(unit, '/') || strstr(unit, "..") || !*json_string_or(row, "python", ""))
			abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct error err = ERROR_INIT;
	json_t *pack = pack_parse((struct slice){(const char *)data, size}, "pack.json", &err);
	if (!pack && (!err.code || strncmp(err.text, "pack.json", 9) != 0))
		abort();
	check_rows(pack, "functions");
	check_rows(pack, "bridged");
	json_decref(pack);
	return 0;
}
