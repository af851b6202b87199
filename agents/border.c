// Functions that nobody has timed yet go into one bundle and are timed in one
// process (agents/python/border); one that ends it costs another process for those behind it.
#include "agents/border.h"

#include <string.h>

#include "agents/bundle/bundle.h"
#include "agents/kept_calls.h"
#include "agents/record_internal.h"
#include "agents/site.h"
#include "core/asset.h"
#include "core/file.h"

enum { IMPORT_TIME = 120000, TIME = 10000, OUTPUT_LIMIT = 16 << 20 }; // milliseconds; TIME: of a function, at most
static const char program[] = "border";
static const char boot[] = "import sys; sys.path[0] = '/gophersnake'; from gophersnake_border import main; main.run()";

struct measuring {
	struct recording recording; // folders and paths, as a recording has them
	struct border_cases *cases;
	VEC(struct border_case *) waiting;
};

// ---- cases -----------------------------------------------------------------------------------------------------------

void border_cases_init(struct border_cases *cases)
{
	*cases = (struct border_cases){.units = json_object()};
}

void border_cases_clear(struct border_cases *cases)
{
	vec_each (&cases->items, item) {
		json_decref(item->calls);
		json_decref(item->row);
	}
	vec_clear(&cases->items);
	json_decref(cases->units);
	cases->units = NULL;
}

void border_add(struct border_cases *cases, json_t *unit, const char *digest, json_t *calls, json_t *rows,
		const char *key)
{
	size_t index, number;
	json_t *function, *row;
	json_array_foreach (json_object_get(unit, "functions"), index, function) {
		cleanup_free char *dotted = xasprintf("%s.%s", json_string_or(function, "module", ""),
						      json_string_or(function, "name", ""));
		json_array_foreach (rows, number, row) {
			if (strcmp(json_string_or(row, key, ""), dotted) != 0 || json_object_get(row, "border"))
				continue;
			struct border_case item = {
				.function = function, .calls = kept_calls_of(calls, dotted), .row = json_incref(row)};
			memcpy(item.unit, digest, sizeof item.unit);
			vec_push(&cases->items, item);
			json_object_set(cases->units, digest, unit);
		}
	}
}

static void settle(struct border_case *item, json_t *border)
{
	json_object_set_new(item->row, "border", border);
}

static void settle_waiting(struct measuring *measuring, const char *reason)
{
	vec_each (&measuring->waiting, item)
		if (!json_object_get((*item)->row, "border"))
			settle(*item, json_pack("{s:s}", "reason", reason));
}

// ---- figures that are known ------------------------------------------------------------------------------------------

static void make_key(struct work *work, const struct border_case *item, char key[DIGEST_HEX_SIZE])
{
	char tools[DIGEST_HEX_SIZE];
	struct digest_hasher *hasher = digest_new();
	cleanup_text struct text calls = TEXT_INIT;
	json_write_compact(item->calls, &calls);
	bundle_tools_digest(work, tools);
	const char *const words[] = {"border/1",
				     tools,
				     work->plan->lock.python,
				     item->unit,
				     json_string_or(item->function, "module", ""),
				     json_string_or(item->function, "name", ""),
				     text_str(&calls)};
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++)
		digest_add_string(hasher, words[i]);
	for (size_t i = 0; i < asset_count; i++) {
		struct asset asset = asset_at(i);
		if (!strncmp(asset.path, "agents/python/border/", strlen("agents/python/border/")))
			digest_add(hasher, asset.data.ptr, asset.data.len);
	}
	digest_final_hex(hasher, key);
	digest_free(hasher);
}

static int look_up(struct measuring *measuring, struct border_case *item, struct error *err)
{
	struct work *work = measuring->recording.work;
	char key[DIGEST_HEX_SIZE], digest[DIGEST_HEX_SIZE];
	if (!json_array_size(item->calls)) {
		settle(item, json_pack("{s:s}", "reason", "no recorded call of it can be made again"));
		return 0;
	}
	make_key(work, item, key);
	int found = store_memo_get(work->store, key, digest, err);
	json_t *border = found == 1 ? store_get_json(work->store, digest, "figures of the border", err) : NULL;
	if (found < 0 || (found && !border))
		return -1;
	if (border)
		settle(item, border);
	else
		vec_push(&measuring->waiting, item);
	return 0;
}

static int keep(struct measuring *measuring, struct border_case *item, struct error *err)
{
	struct work *work = measuring->recording.work;
	char key[DIGEST_HEX_SIZE], digest[DIGEST_HEX_SIZE];
	make_key(work, item, key);
	return store_put_json(work->store, json_object_get(item->row, "border"), digest, err) ||
			       store_memo_put(work->store, key, digest, err)
		       ? -1
		       : 0;
}

// ---- what the program needs ------------------------------------------------------------------------------------------

// 1 = it is there, 0 = it cannot be built: all have their reason, -1.
static int build(struct measuring *measuring, const char *folder, struct error *err)
{
	struct error why = ERROR_INIT;
	cleanup_json json_t *units = json_array();
	cleanup_json json_t *seen = json_object();
	vec_each (&measuring->waiting, item) {
		if (json_object_get(seen, (*item)->unit))
			continue;
		json_object_set_new(seen, (*item)->unit, json_true());
		json_array_append(units, json_object_get(measuring->cases->units, (*item)->unit));
	}
	if (!bundle_install(measuring->recording.work, units, folder, &why))
		return 1;
	if (why.code == ERROR_INTERRUPTED || why.code == ERROR_WORKSPACE)
		return error_set(err, why.code, "%s", why.text);
	cleanup_free char *reason = xasprintf("no bundle to measure it with could be built: %.300s", why.text);
	settle_waiting(measuring, reason);
	return 0;
}

static int prepare(struct measuring *measuring, struct error *err)
{
	struct recording *recording = &measuring->recording;
	struct work *work = recording->work;
	if (work_temporary(work, program, &recording->scratch, err))
		return -1;
	cleanup_free char *bundle = xasprintf("%s/bundle", recording->scratch);
	int built = build(measuring, bundle, err);
	if (built <= 0)
		return built;
	vec_push(&recording->dependencies, xstrdup(bundle));
	site_add_path(bundle, "/deps/0", recording->path);
	cleanup_free char *wheel = store_path(work->store, json_string_or(recording->scan, "wheel", ""));
	cleanup_free char *release = xasprintf("%s/release", recording->scratch);
	if (site_unpack(wheel, release, err))
		return -1;
	site_add_path(release, "/release", recording->path);
	return recording_find_dependencies(recording, err) || recording_unpack_programs(recording, "recording", err) ||
			       recording_unpack_programs(recording, program, err)
		       ? -1
		       : 1;
}

// ---- the runs --------------------------------------------------------------------------------------------------------

static json_t *task_of(const struct measuring *measuring, size_t first)
{
	json_t *functions = json_array(), *call;
	size_t index;
	vec_each (&measuring->waiting, each) {
		const struct border_case *item = *each;
		json_t *calls = json_array();
		json_array_foreach (item->calls, index, call) {
			json_array_append_new(calls, json_pack("{s:O, s:b}", "args", json_object_get(call, "args"),
							       "changes", json_object_get(call, "after") != NULL));
		}
		json_array_append_new(functions, json_pack("{s:s, s:O, s:O, s:o}", "unit", item->unit, "module",
							   json_object_get(item->function, "module"), "name",
							   json_object_get(item->function, "name"), "calls", calls));
	}
	return json_pack("{s:O, s:I, s:o}", "path", measuring->recording.path, "first", (json_int_t)first, "functions",
			 functions);
}

// Where the next run begins: the number of functions when it came to its end.
static size_t take_lines(struct measuring *measuring, size_t first, struct slice rest)
{
	struct slice line;
	size_t at = first;
	while (memchr(rest.ptr ? rest.ptr : "", '\n', rest.ptr ? rest.len : 0) && slice_cut(&rest, '\n', &line)) {
		struct error ignored = ERROR_INIT; // a line that is none is one of a program that was ended
		cleanup_json json_t *found = json_parse(line, program, &ignored);
		json_t *border = json_object_get(found, "border");
		if (json_object_get(found, "end"))
			return measuring->waiting.count;
		int64_t number = json_integer_or(found, "at", -1);
		if (number < (int64_t)at || number >= (int64_t)measuring->waiting.count)
			continue;
		at = (size_t)number;
		if (json_is_object(border))
			settle(measuring->waiting.items[at++], json_incref(border));
	}
	return at;
}

static int run(struct measuring *measuring, struct error *err)
{
	size_t first = 0, count = measuring->waiting.count;
	while (first < count) {
		struct process_result result = {0};
		cleanup_json json_t *task = task_of(measuring, first);
		int64_t timeout = IMPORT_TIME + (int64_t)(count - first) * TIME;
		if (recording_python(&measuring->recording, boot, NULL, task, timeout, OUTPUT_LIMIT, &result, err)) {
			process_result_clear(&result);
			return -1;
		}
		first = take_lines(measuring, first, text_slice(&result.output));
		work_note(measuring->recording.work, "times inside CPython: %zu of %zu functions after %lld ms", first,
			  count, (long long)result.wall_time);
		if (first < count) {
			size_t length = result.error_output.len;
			cleanup_free char *reason =
				xasprintf("the process in which it was timed %s: %s",
					  result.timed_out ? "came to no end" : "ended",
					  text_str(&result.error_output) + (length > 300 ? length - 300 : 0));
			settle(measuring->waiting.items[first++], json_pack("{s:s}", "reason", reason));
		}
		process_result_clear(&result);
	}
	vec_each (&measuring->waiting, item)
		if (keep(measuring, *item, err))
			return -1;
	return 0;
}

static int measure(struct measuring *measuring, int package, struct error *err)
{
	struct recording *recording = &measuring->recording;
	recording->package = &recording->work->plan->lock.packages.items[package];
	recording->path = json_array();
	recording->notes = json_array();
	recording->scan = scan_result(recording->work, package, err);
	int prepared = recording->scan ? prepare(measuring, err) : -1;
	int status = prepared > 0 ? run(measuring, err) : prepared;
	struct error ignored = ERROR_INIT;
	if (recording->scratch && dir_remove_tree(recording->scratch, status ? &ignored : err))
		status = -1;
	recording_clear(recording);
	return status;
}

int border_measure(struct work *work, int group, struct border_cases *cases, struct error *err)
{
	const struct plan_group *of = &work->plan->groups.items[group];
	struct measuring measuring = {.recording = {.work = work}, .cases = cases};
	int status = 0;
	vec_each (&cases->items, item)
		if (!status)
			status = look_up(&measuring, item, err);
	// The members of a cycle need each other: each has all others on its path.
	if (!status && measuring.waiting.count)
		status = measure(&measuring, of->members[0], err);
	vec_clear(&measuring.waiting);
	return status ? error_context(err, "%s: times inside CPython", of->name) : 0;
}
