// Go modules from outside (agents/mirror.h) that a unit's Go imports.
#include "agents/translate.h"

// All packages at once: a build has one version of each module.
int translation_modules(struct translation *translation, const char *folder, struct error *err)
{
	const struct plan *plan = translation->work->plan;
	cleanup_json json_t *imports = json_object(), *record = NULL, *rows = json_array();
	cleanup_free char *requirements = xasprintf("%s/requirements", translation->folder);
	if (mirror_imports_of_folder(plan, translation->code, imports, err) ||
	    mirror_imports_of_folder(plan, folder, imports, err))
		return -1;
	mirror_use_clear(&translation->mirror);
	json_object_clear(translation->packages);
	if (!json_object_size(imports))
		return 0;
	if (mirror_record(translation->work, imports, &record, err))
		return -1;
	json_object_update(translation->packages, json_object_get(record, "packages"));
	mirror_join(rows, json_object_get(record, "modules"), false, false);
	return mirror_use_make(translation->work, rows, requirements, &translation->mirror, err);
}

json_t *translation_modules_record(struct translation *translation, struct error *err)
{
	cleanup_json json_t *imports = json_object();
	json_t *record = NULL;
	if (mirror_imports_of_folder(translation->work->plan, translation->code, imports, err))
		return NULL;
	if (!json_object_size(imports))
		return json_null();
	return mirror_record(translation->work, imports, &record, err) ? NULL : record;
}
