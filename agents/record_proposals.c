// Inputs that somebody proposes for a release's functions: kept with the work,
// so that whoever asks for a recording asks for the one with them. CPython
// gives the results, in the sandbox; nothing here looks into them.
#include <string.h>

#include "agents/record_internal.h"
#include "core/file.h"

enum { PROPOSALS_LIMIT = 16 << 20 };

const json_t *record_proposals(const struct work *work, int package)
{
	json_t *proposals = json_object_get(work->proposals, work->plan->lock.packages.items[package].name);
	return json_object_size(proposals) ? proposals : NULL;
}

const char *record_need(const struct work *work, int package, size_t number, int *planned)
{
	const json_t *needs = json_object_get(record_proposals(work, package), "needs");
	const char *name = json_string_value(json_is_string(needs) && !number ? needs : json_array_get(needs, number));
	*planned = name ? lock_find(&work->plan->lock, name) : -1;
	return name;
}

int record_propose(struct work *work, int package, json_t *proposals, struct error *err)
{
	const struct lock_package *of = &work->plan->lock.packages.items[package];
	cleanup_text struct text text = TEXT_INIT;
	if (!proposals) {
		if (work->proposals)
			json_object_del(work->proposals, of->name);
		return 0;
	}
	json_write_compact(proposals, &text);
	if (!json_is_object(proposals) || text.len > PROPOSALS_LIMIT)
		return error_set(err, ERROR_INPUT, "%s %s: proposed inputs are %s", of->name, of->version,
				 json_is_object(proposals) ? "larger than 16 MiB" : "no object");
	if (!work->proposals)
		work->proposals = json_object();
	json_object_set(work->proposals, of->name, proposals);
	return 0;
}

int record_run_with(struct work *work, int package, json_t *proposals, char digest[DIGEST_HEX_SIZE], struct error *err)
{
	return record_propose(work, package, proposals, err) || record_run(work, package, digest, err) ? -1 : 0;
}

// A key that several files have: their lists one after the other, each string once. A string is a list of one.
static void add(json_t *all, const char *key, json_t *value)
{
	json_t *list = json_object_get(all, key), *item, *have;
	size_t index, i;
	cleanup_json json_t *one = json_is_array(value) ? json_incref(value) : json_pack("[O]", value);
	if (!list) {
		list = json_array();
		json_object_set_new(all, key, list);
	}
	json_array_foreach (one, index, item) {
		bool known = false;
		json_array_foreach (list, i, have) {
			known |= json_equal(have, item);
		}
		if (!known)
			json_array_append(list, item);
	}
}

json_t *record_read_proposals(const char *folder, struct error *err)
{
	cleanup_with(file_names_clear) file_names names = VEC_INIT;
	cleanup_json json_t *all = json_object();
	if (dir_list(folder, &names, err))
		return NULL;
	vec_push(&names, xstrdup("."));
	vec_each (&names, name) {
		cleanup_free char *path = xasprintf("%s/%s/inputs.json", folder, *name);
		const char *key;
		json_t *value;
		if (!file_exists(path))
			continue;
		cleanup_json json_t *file = json_read_file(path, PROPOSALS_LIMIT, err);
		if (!file)
			return NULL;
		if (!json_is_object(file)) {
			error_set(err, ERROR_INPUT, "%s: proposed inputs are an object", path);
			return NULL;
		}
		json_object_foreach (file, key, value) {
			add(all, key, value);
		}
	}
	return json_incref(all);
}
