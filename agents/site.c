// Spread installation (PEP 427, "purelib" and "platlib") by sys.path alone.
#include "agents/site.h"

#include <string.h>

#include "core/archive.h"
#include "core/file.h"

int site_unpack(const char *wheel, const char *folder, struct error *err)
{
	const char *slash = strrchr(folder, '/');
	cleanup_free char *parent = xstrndup(folder, slash ? (size_t)(slash - folder) : 0);
	return dir_make(parent, 0755, err) || archive_unpack(wheel, folder, NULL, err) ? -1 : 0;
}

void site_add_path(const char *folder, const char *inside, json_t *path)
{
	static const char *const kinds[] = {"purelib", "platlib"};
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	struct error ignored = ERROR_INIT; // it was unpacked just now
	json_array_append_new(path, json_string(inside));
	if (dir_list(folder, &names, &ignored))
		return;
	vec_each (&names, name)
		for (size_t i = 0; i < ARRAY_LENGTH(kinds) && slice_ends(slice_of(*name), ".data"); i++)
			json_array_append_new(path, json_sprintf("%s/%s/%s", inside, *name, kinds[i]));
}
