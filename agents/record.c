// Stage `record R`: unpacks the release, its tests and what they need; lets the
// programs of agents/python/recording run one after the other in the sandbox;
// keeps evidence, visible calls and held-out calls as three objects. The digest
// of the held-out ones stands in no document: it is found by a memo of its own,
// so that nobody comes across it who only reads results.
#include "agents/record.h"

#include <string.h>

#include "agents/held_out.h"
#include "agents/record_internal.h"
#include "agents/site.h"
#include "core/archive.h"
#include "core/asset.h"
#include "core/clock.h"
#include "core/file.h"

enum { SUITE_TIME = 300000, GENERATE_TIME = 300000, OTHER_TIME = 120000, FINAL_LIMIT = 512 << 20 };
static const char programs[] = "agents/python/recording/";

static int memo_key(struct work *work, int package, const char *part, char key[DIGEST_HEX_SIZE], struct error *err)
{
	const struct lock_package *of = &work->plan->lock.packages.items[package];
	const struct lock_file *sdist = recording_sdist(of);
	cleanup_json json_t *scan = scan_result(work, package, err);
	if (!scan)
		return -1;
	struct digest_hasher *hasher = digest_new();
	digest_add_string(hasher, "record/1");
	digest_add_string(hasher, part);
	for (size_t i = 0; i < asset_count; i++) {
		struct asset asset = asset_at(i);
		if (!strncmp(asset.path, programs, strlen(programs)))
			digest_add(hasher, asset.data.ptr, asset.data.len);
	}
	digest_add_string(hasher, json_string_or(scan, "wheel", ""));
	digest_add_string(hasher, json_string_or(scan, "inventory", ""));
	digest_add_string(hasher, sdist ? sdist->sha256 : "");
	digest_add_string(hasher, work->toolchain->python_version);
	// What it needs is below it in the plan; other versions of that may behave otherwise.
	vec_each (&of->requires, require)
		digest_add_string(hasher, work->plan->lock.packages.items[require->target].files.items[0].sha256);
	const json_t *proposals = record_proposals(work, package);
	if (proposals) {
		cleanup_text struct text text = TEXT_INIT;
		json_write_compact(proposals, &text);
		digest_add_string(hasher, "proposals");
		digest_add(hasher, text_str(&text), text.len);
		int planned;
		for (size_t i = 0; record_need(work, package, i, &planned); i++)
			if (planned >= 0)
				digest_add_string(hasher,
						  work->plan->lock.packages.items[planned].files.items[0].sha256);
	}
	digest_final_hex(hasher, key);
	digest_free(hasher);
	return 0;
}

// 1 = there and whole, 0 = not, -1 = error
static int find(struct work *work, int package, const char *part, char digest[DIGEST_HEX_SIZE], struct error *err)
{
	char key[DIGEST_HEX_SIZE];
	return memo_key(work, package, part, key, err) ? -1 : store_memo_get(work->store, key, digest, err);
}

int record_known(struct work *work, int package, char digest[DIGEST_HEX_SIZE], struct error *err)
{
	static const char *const parts[] = {"recording", "visible", "held out"};
	struct digest_hasher *hasher = digest_new();
	int found = 1;
	for (size_t i = 0; i < ARRAY_LENGTH(parts) && found == 1; i++) {
		char part[DIGEST_HEX_SIZE] = "";
		found = find(work, package, parts[i], part, err);
		digest_add_string(hasher, part);
	}
	digest_final_hex(hasher, digest);
	digest_free(hasher);
	return found;
}

static json_t *read_part(struct work *work, int package, const char *part, struct error *err)
{
	char digest[DIGEST_HEX_SIZE];
	const struct lock_package *of = &work->plan->lock.packages.items[package];
	int found = find(work, package, part, digest, err);
	if (found == 0)
		error_set(err, ERROR_WORKSPACE, "%s %s: it was not recorded yet", of->name, of->version);
	return found == 1 ? store_get_json(work->store, digest, part, err) : NULL;
}

json_t *record_result(struct work *work, int package, struct error *err)
{
	return read_part(work, package, "recording", err);
}

json_t *record_visible(struct work *work, int package, struct error *err)
{
	return read_part(work, package, "visible", err);
}

json_t *held_out_calls(struct work *work, int package, struct error *err)
{
	return read_part(work, package, "held out", err);
}

static int put_part(struct work *work, int package, const char *part, const json_t *json, char digest[DIGEST_HEX_SIZE],
		    struct error *err)
{
	char key[DIGEST_HEX_SIZE];
	return memo_key(work, package, part, key, err) || store_put_json(work->store, json, digest, err) ||
			       store_memo_put(work->store, key, digest, err)
		       ? -1
		       : 0;
}

static int put_calls(struct work *work, int package, const char *part, json_t *calls, struct error *err)
{
	char digest[DIGEST_HEX_SIZE];
	const struct lock_package *of = &work->plan->lock.packages.items[package];
	cleanup_json json_t *document = json_pack("{s:s, s:s, s:s, s:O}", "schema", "gophersnake.calls/1", "name",
						  of->name, "version", of->version, "calls", calls);
	return put_part(work, package, part, document, digest, err);
}

static int prepare(struct recording *recording, struct error *err)
{
	struct work *work = recording->work;
	cleanup_free char *wheel = store_path(work->store, json_string_or(recording->scan, "wheel", ""));
	cleanup_free char *release = xasprintf("%s/release", recording->scratch);
	cleanup_free char *records = xasprintf("%s/records/inventory.json", recording->scratch);
	cleanup_text struct text inventory = TEXT_INIT;
	if (archive_unpack(wheel, release, NULL, err) ||
	    store_get(work->store, json_string_or(recording->scan, "inventory", ""), &inventory, err) ||
	    file_write_plain(records, text_str(&inventory), inventory.len, err) ||
	    recording_unpack_programs(recording, "recording", err))
		return -1;
	const json_t *proposals = record_proposals(work, (int)(recording->package - work->plan->lock.packages.items));
	if (proposals) {
		cleanup_free char *path = xasprintf("%s/records/proposals.json", recording->scratch);
		cleanup_text struct text text = TEXT_INIT;
		json_write_compact(proposals, &text);
		if (file_write_plain(path, text_str(&text), text.len, err))
			return -1;
		recording->proposals = true;
	}
	site_add_path(release, "/release", recording->path);
	return recording_find_suite(recording, err) || recording_find_dependencies(recording, err) ? -1 : 0;
}

static int64_t at_most(const struct recording *recording, int64_t time)
{
	int64_t limit = recording->work->config->job_timeout;
	return limit && limit < time ? limit : time;
}

static int collect(struct recording *recording, struct error *err)
{
	if (recording->suite && recording_run(recording, "suite", 0, at_most(recording, SUITE_TIME), err))
		return -1;
	int64_t other = at_most(recording, OTHER_TIME);
	if (recording->proposals && recording_run(recording, "propose", 0, other, err))
		return -1;
	return recording_run(recording, "doctest", 0, other, err) || recording_judge(recording, "examples", err) ||
			       recording_run(recording, "generate", 0, at_most(recording, GENERATE_TIME), err) ||
			       recording_judge(recording, "calls", err) ||
			       recording_run(recording, "replay", 0, other, err) ||
			       recording_run(recording, "replay", 1, other, err) ||
			       recording_judge(recording, "final", err)
		       ? -1
		       : 0;
}

static int keep(struct recording *recording, int package, int64_t started, char digest[DIGEST_HEX_SIZE],
		struct error *err)
{
	struct work *work = recording->work;
	cleanup_free char *path = xasprintf("%s/records/final.json", recording->scratch);
	cleanup_json json_t *final = json_read_file(path, FINAL_LIMIT, err);
	json_t *functions = NULL, *visible = NULL, *held_out = NULL;
	if (!final || json_get_array(final, "functions", "recording", &functions, err) ||
	    json_get_array(final, "visible", "recording", &visible, err) ||
	    json_get_array(final, "held_out", "recording", &held_out, err))
		return -1;
	int64_t elapsed = system_clock.monotonic(system_clock.context) - started;
	work_note(work, "recording: %zu functions, %zu visible and %zu held-out calls, %lld ms",
		  json_array_size(functions), json_array_size(visible), json_array_size(held_out), (long long)elapsed);
	if (put_calls(work, package, "held out", held_out, err) || put_calls(work, package, "visible", visible, err))
		return -1;
	json_object_del(final, "visible");
	json_object_del(final, "held_out");
	json_object_set_new(final, "schema", json_string("gophersnake.recording/1"));
	json_object_set_new(final, "name", json_string(recording->package->name));
	json_object_set_new(final, "version", json_string(recording->package->version));
	json_object_set_new(final, "python", json_string(work->toolchain->python_version));
	json_object_set_new(final, "tier", json_string(sandbox_tier_name(sandbox_tier(work->sandbox))));
	json_object_set(final, "runs", recording->runs);
	json_object_set(final, "requirements", recording->requirements);
	json_array_extend(recording->notes, json_object_get(final, "notes"));
	json_object_set(final, "notes", recording->notes);
	return put_part(work, package, "recording", final, digest, err);
}

void recording_clear(struct recording *recording)
{
	json_t *const owned[] = {recording->scan, recording->where, recording->path,
				 recording->runs, recording->notes, recording->requirements};
	for (size_t i = 0; i < ARRAY_LENGTH(owned); i++)
		json_decref(owned[i]);
	vec_each (&recording->dependencies, folder)
		free(*folder);
	vec_clear(&recording->dependencies);
	free(recording->suite);
	free(recording->scratch);
	*recording = (struct recording){.work = recording->work};
}

int record_run(struct work *work, int package, char digest[DIGEST_HEX_SIZE], struct error *err)
{
	const struct lock_package *of = &work->plan->lock.packages.items[package];
	char other[DIGEST_HEX_SIZE];
	int64_t started = system_clock.monotonic(system_clock.context);
	if (scan_run(work, package, other, err))
		return -1;
	int found = find(work, package, "recording", digest, err);
	if (found == 1)
		found = find(work, package, "visible", other, err);
	if (found == 1)
		found = find(work, package, "held out", other, err);
	if (found)
		return found < 0 ? -1 : 0;
	struct recording recording = {.work = work,
				      .package = of,
				      .scan = scan_result(work, package, err),
				      .where = json_array(),
				      .path = json_array(),
				      .runs = json_array(),
				      .notes = json_array(),
				      .requirements = json_array()};
	int status = recording.scan ? work_temporary(work, "record", &recording.scratch, err) : -1;
	if (!status)
		status = prepare(&recording, err) || collect(&recording, err) ||
					 keep(&recording, package, started, digest, err)
				 ? -1
				 : 0;
	struct error ignored = ERROR_INIT;
	if (recording.scratch && dir_remove_tree(recording.scratch, status ? &ignored : err) && !status)
		status = -1;
	recording_clear(&recording);
	return status ? error_context(err, "%s %s: recording", of->name, of->version) : 0;
}
