// Where the tests of a release are, and what they need: its source
// distribution (or the wheel itself), the wheels of its dependencies, and
// pytest with the release's test extra, resolved by the resolver and unpacked
// side by side. No pip; what has no wheel is built in the sandbox, or left out and noted.
#include <string.h>

#include "agents/build_source.h"
#include "agents/record_internal.h"
#include "agents/site.h"
#include "core/archive.h"
#include "core/file.h"
#include "resolver/metadata.h"
#include "resolver/requirement.h"

static void note(struct recording *recording, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void note(struct recording *recording, const char *format, ...)
{
	char buffer[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(buffer, sizeof buffer, format, args);
	va_end(args);
	for (char *at = strchr(buffer, '\n'); at; at = strchr(at, '\n'))
		*at = ' ';
	json_t *text = json_string(buffer);
	json_array_append_new(recording->notes, text ? text : json_string("a note that is no text"));
	work_note(recording->work, "%s", buffer);
}

const struct lock_file *recording_sdist(const struct lock_package *package)
{
	vec_each (&package->files, file)
		if (!file->wheel)
			return file;
	return NULL;
}

static bool is_test_file(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct slice name = slice_of(slash ? slash + 1 : path);
	return (slice_starts(name, "test") && slice_ends(name, ".py")) || slice_ends(name, "_test.py");
}

// Are there tests below the folder? Fills where with the usual folders for them.
static int look(struct recording *recording, const char *folder, bool *found, struct error *err)
{
	static const char *const usual[] = {"tests", "test"};
	cleanup_with(file_names_clear) file_names files = VEC_INIT;
	struct error ignored = ERROR_INIT; // a tree with links: the usual folders decide
	*found = false;
	(void)err;
	if (!dir_walk_files(folder, &files, &ignored))
		vec_each (&files, file)
			*found |= is_test_file(*file);
	for (size_t i = 0; i < ARRAY_LENGTH(usual); i++) {
		cleanup_free char *path = xasprintf("%s/%s", folder, usual[i]);
		if (dir_exists(path)) {
			*found = true;
			json_array_append_new(recording->where, json_string(usual[i]));
		}
	}
	return 0;
}

int recording_find_suite(struct recording *recording, struct error *err)
{
	const struct lock_file *sdist = recording_sdist(recording->package);
	bool found = false;
	if (sdist) {
		cleanup_free char *path = NULL;
		cleanup_free char *folder = xasprintf("%s/sdist", recording->scratch);
		struct error refused = ERROR_INIT;
		cleanup_with(file_names_clear) file_names names = VEC_INIT;
		if (work_fetch(recording->work, sdist, &path, err))
			return -1;
		if (archive_unpack(path, folder, NULL, &refused)) {
			if (refused.code != ERROR_INPUT) {
				*err = refused;
				return -1;
			}
			note(recording, "its source distribution cannot be used: %s", refused.text);
		} else if (dir_list(folder, &names, err)) {
			return -1;
		} else if (names.count) {
			cleanup_free char *top = xasprintf("%s/%s", folder, names.items[0]);
			if (look(recording, top, &found, err))
				return -1;
			if (found)
				recording->suite = steal(&top);
		}
	} else {
		note(recording, "it has no source distribution");
	}
	if (!recording->suite) {
		cleanup_free char *release = xasprintf("%s/release", recording->scratch);
		if (look(recording, release, &found, err))
			return -1;
		if (found)
			recording->suite = steal(&release);
		else
			note(recording, "it has no tests");
	}
	return 0;
}

static int add_wheel(struct recording *recording, const char *wheel, struct error *err)
{
	size_t number = recording->dependencies.count;
	cleanup_free char *folder = xasprintf("%s/deps/%zu", recording->scratch, number);
	cleanup_free char *inside = xasprintf("/deps/%zu", number);
	if (site_unpack(wheel, folder, err))
		return -1;
	site_add_path(folder, inside, recording->path);
	vec_push(&recording->dependencies, steal(&folder));
	return 0;
}

// What the release needs, directly or not: exactly as the plan has it.
static int add_planned(struct recording *recording, bool *have, struct error *err)
{
	struct work *work = recording->work;
	const struct lock *lock = &work->plan->lock;
	VEC(int) stack = VEC_INIT;
	int start = (int)(recording->package - lock->packages.items), status = 0;
	have[start] = true;
	vec_push(&stack, start);
	int planned;
	for (size_t i = 0; record_need(work, start, i, &planned); i++) {
		if (planned < 0)
			note(recording, "proposed inputs need %s, which the plan does not have: left out",
			     record_need(work, start, i, &planned));
		else if (!have[planned]) {
			have[planned] = true;
			vec_push(&stack, planned);
		}
	}
	while (stack.count && !status) {
		int number = stack.items[--stack.count];
		vec_each (&lock->packages.items[number].requires, require)
			if (!have[require->target]) {
				have[require->target] = true;
				vec_push(&stack, require->target);
			}
		if (number == start)
			continue;
		char digest[DIGEST_HEX_SIZE];
		status = scan_run(work, number, digest, err);
		cleanup_json json_t *scan = status ? NULL : scan_result(work, number, err);
		cleanup_free char *wheel = scan ? store_path(work->store, json_string_or(scan, "wheel", "")) : NULL;
		status = wheel ? add_wheel(recording, wheel, err) : -1;
	}
	vec_clear(&stack);
	return status;
}

// Libraries that tests are written with. Others of an extra that is not called a test's (linters, documentation) are not needed;
// those that would change the order of the tests or watch them as we do are left out.
static bool is_test_library(const char *name)
{
	static const char *const yes[] = {"hypothesis",   "mock",     "freezegun", "parameterized", "pretend",
					  "time-machine", "flexmock", "ddt",       "testfixtures",  "nose2"};
	static const char *const no[] = {"pytest-randomly", "pytest-random-order", "pytest-cov",
					 "pytest-xdist",    "pytest-benchmark",    "pytest-timeout"};
	for (size_t i = 0; i < ARRAY_LENGTH(no); i++)
		if (!strcmp(name, no[i]))
			return false;
	for (size_t i = 0; i < ARRAY_LENGTH(yes); i++)
		if (!strcmp(name, yes[i]))
			return true;
	return !strncmp(name, "pytest-", strlen("pytest-"));
}

typedef VEC(const char *) strings;

// Requirements beside pytest: the release's test extra, else the test libraries of whatever extra has them.
static void needed_by(const struct recording *recording, const struct metadata *metadata, struct arena *arena,
		      strings *out)
{
	static const char *const names[] = {"test", "tests", "testing"};
	for (size_t i = 0; i < ARRAY_LENGTH(names); i++)
		for (size_t j = 0; j < metadata->provides_extra.count; j++)
			if (!strcmp(metadata->provides_extra.items[j], names[i])) {
				vec_push(out, arena_printf(arena, "%s[%s]==%s", recording->package->name, names[i],
							   recording->package->version));
				return;
			}
	for (size_t i = 0; i < metadata->requires_dist.count; i++) {
		const char *text = metadata->requires_dist.items[i];
		struct requirement requirement;
		struct error ignored = ERROR_INIT; // the resolver has judged the release's metadata already
		if (strstr(text, "extra") && !requirement_parse(arena, slice_of(text), &requirement, &ignored) &&
		    !requirement.url && is_test_library(requirement.name))
			vec_push(out, arena_printf(arena, "%s%s", requirement.name,
						   specifier_string(arena, &requirement.specifier)));
	}
}

static int test_requirements(struct recording *recording, struct arena *arena, strings *out, struct error *err)
{
	cleanup_text struct text data = TEXT_INIT;
	cleanup_free char *wheel = store_path(recording->work->store, json_string_or(recording->scan, "wheel", ""));
	struct metadata metadata;
	struct error ignored = ERROR_INIT; // metadata that cannot be read has no extras
	int found = archive_read_member_of_file(wheel, "*/METADATA", METADATA_MAX_BYTES, &data, err);
	vec_push(out, "pytest");
	if (found == 1 && !metadata_parse(arena, text_slice(&data), &metadata, &ignored))
		needed_by(recording, &metadata, arena, out);
	return found < 0 ? -1 : 0;
}

static bool is_fault_of_source(enum error_code code)
{
	return code == ERROR_INPUT || code == ERROR_FAILED || code == ERROR_NO_SOLUTION || code == ERROR_INDEX;
}

static int add_resolved(struct recording *recording, const struct lock *lock, const bool *have, struct error *err)
{
	const struct lock *plan = &recording->work->plan->lock;
	vec_each (&lock->packages, package) {
		int planned = lock_find(plan, package->name);
		if (planned >= 0 && have[planned])
			continue;
		cleanup_free char *path = NULL, *shown = xasprintf("%s %s", package->name, package->version);
		cleanup_json json_t *built = NULL;
		struct error refused = ERROR_INIT;
		int status = build_release(recording->work, package, &path, &built, &refused);
		if (status && !package->files.items[0].wheel && is_fault_of_source(refused.code)) {
			note(recording, "%s is needed by its tests and has no wheel: left out: %s", shown,
			     refused.text);
			continue;
		}
		if (status)
			*err = refused;
		if (status || add_wheel(recording, path, err))
			return error_context(err, "%s", shown);
		json_array_append_new(recording->requirements, json_string(shown));
	}
	return 0;
}

static int add_for_tests(struct recording *recording, const strings *requirements, const bool *have, struct error *err)
{
	// All of it, else pytest alone; without pytest its tests run under unittest.
	for (size_t count = requirements->count; count; count = count > 1 ? 1 : 0) {
		struct error refused = ERROR_INIT;
		struct lock lock;
		lock_init(&lock);
		int status = work_resolve(recording->work, requirements->items, count, &lock, &refused);
		int added = status ? 0 : add_resolved(recording, &lock, have, err);
		lock_clear(&lock);
		if (!status)
			return added;
		if (refused.code != ERROR_NO_SOLUTION && refused.code != ERROR_INDEX) {
			*err = refused;
			return -1;
		}
		note(recording, "what its tests need cannot be resolved (%s%s): %s", requirements->items[count - 1],
		     count > 1 ? " and others" : "", refused.text);
	}
	return 0;
}

int recording_find_dependencies(struct recording *recording, struct error *err)
{
	const struct lock *plan = &recording->work->plan->lock;
	cleanup_free bool *have = xcalloc(plan->packages.count, sizeof *have);
	if (add_planned(recording, have, err))
		return -1;
	if (!recording->suite)
		return 0;
	struct arena arena = ARENA_INIT;
	strings requirements = VEC_INIT;
	int status = test_requirements(recording, &arena, &requirements, err);
	if (!status)
		status = add_for_tests(recording, &requirements, have, err);
	vec_clear(&requirements);
	arena_clear(&arena);
	return status;
}
