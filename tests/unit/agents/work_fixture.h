// A workspace with a plan of small releases whose wheels are made here, from Python files, and served as file: URLs. Everything
// behind it is real: fetch, archive policy, CPython, sandbox, store.
#ifndef TESTS_UNIT_AGENTS_WORK_FIXTURE_H
#define TESTS_UNIT_AGENTS_WORK_FIXTURE_H

#include "agents/work.h"
#include "core/asset.h"
#include "tests/unit/agents/python_fixture.h"

struct release_fixture {
	const char *name, *version;
	const struct python_file *files;
	size_t file_count;
	const char *needs[4]; // names
	const char *tag;      // NULL: py3-none-any
};

struct work_fixture {
	char *folder;
	struct config config;
	struct plan plan;
	struct work work;
	FILE *log;
};

static const char wheel_program[] =
	"import os, sys, zipfile\n"
	"root, out = sys.argv[1:]\n"
	"with zipfile.ZipFile(out, 'w') as z:\n"
	"    for folder, dirs, files in os.walk(root):\n"
	"        dirs.sort()\n"
	"        for f in sorted(files):\n"
	"            path = os.path.join(folder, f)\n"
	"            z.writestr(zipfile.ZipInfo(os.path.relpath(path, root)), open(path, 'rb').read())\n";

static inline char *fixture_wheel(const char *folder, const struct release_fixture *release)
{
	struct error err = ERROR_INIT;
	cleanup_free char *root = xasprintf("%s/src-%s-%s", folder, release->name, release->version);
	cleanup_free char *script = xasprintf("%s/wheel.py", folder);
	const char *tag = release->tag ? release->tag : "py3-none-any";
	char *wheel = xasprintf("%s/%s-%s-%s.whl", folder, release->name, release->version, tag);
	cleanup_free char *path = xasprintf("%s-%s.dist-info/METADATA", release->name, release->version);
	cleanup_free char *metadata = xasprintf("Metadata-Version: 2.1\nName: %s\nVersion: %s\nLicense: MIT\n\n",
						release->name, release->version);
	const struct python_file file = {path, metadata};
	fixture_write(root, &file, 1);
	fixture_write(root, release->files, release->file_count);
	assert_int_equal(file_write_atomic(script, wheel_program, strlen(wheel_program), &err), 0);
	cleanup_free char *command = xasprintf("python3 -I -S %s %s %s", script, root, wheel);
	assert_int_equal(system(command), 0);
	return wheel;
}

static inline void fixture_package(struct work_fixture *fixture, struct lock *lock,
				   const struct release_fixture *release)
{
	struct error err = ERROR_INIT;
	char sha256[DIGEST_HEX_SIZE];
	cleanup_free char *wheel = fixture_wheel(fixture->folder, release);
	if (digest_hex_of_file(wheel, sha256, &err))
		fail_msg("%s", err.text);
	const char *const *none = arena_array(&lock->arena, 1, sizeof *none);
	struct lock_package package = {.name = release->name,
				       .version = release->version,
				       .extras = none,
				       .requires_python = ">=3.8",
				       .metadata_source = "wheel"};
	struct lock_file file = {.name = arena_strdup(&lock->arena, strrchr(wheel, '/') + 1),
				 .url = arena_printf(&lock->arena, "file://%s", wheel),
				 .sha256 = arena_strdup(&lock->arena, sha256),
				 .size = 1000,
				 .upload_time = "2026-01-01T00:00:00Z",
				 .wheel = true,
				 .tag = release->tag ? release->tag : "py3-none-any"};
	vec_push(&package.files, file);
	vec_push(&lock->packages, package);
}

// releases sorted by name. cache_dir: NULL for one of its own; a shared one saves the compiling of what was compiled.
static inline void fixture_open(struct work_fixture *fixture, const char *cache_dir,
				const struct release_fixture *releases, size_t count, const char *const *translators,
				const char *const *command)
{
	struct error err = ERROR_INIT;
	*fixture = (struct work_fixture){0};
	assert_int_equal(dir_temporary("/tmp", "work-test", &fixture->folder, &err), 0);
	struct config *config = &fixture->config;
	*config = (struct config){.workspace = xasprintf("%s/workspace", fixture->folder),
				  .cache_dir = cache_dir ? xstrdup(cache_dir) : xasprintf("%s/cache", fixture->folder),
				  .go = xstrdup("go"),
				  .host = xstrdup("go.internal"),
				  .sandbox = SANDBOX_USERNS,
				  .job_timeout = 300000,
				  .job_memory = (int64_t)4 << 30};
	for (size_t i = 0; translators && translators[i]; i++) {
		config->translators.items = xreallocarray(config->translators.items, i + 1, sizeof(char *));
		config->translators.items[config->translators.count++] = xstrdup(translators[i]);
	}
	for (size_t i = 0; command && command[i]; i++) {
		config->translator_command.items =
			xreallocarray(config->translator_command.items, i + 1, sizeof(char *));
		config->translator_command.items[config->translator_command.count++] = xstrdup(command[i]);
	}
	static int never = 0;
	if (work_open(&fixture->work, config, &never, &err))
		fail_msg("%s", err.text);
	struct lock lock;
	lock_init(&lock);
	for (size_t i = 0; i < count; i++)
		fixture_package(fixture, &lock, &releases[i]);
	lock.packages.items[count - 1].target = true;
	lock.python = arena_strdup(&lock.arena, fixture->work.toolchain->python_minor);
	lock.platform = "manylinux_2_17_x86_64";
	const char *const *none = arena_array(&lock.arena, 1, sizeof *none);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < ARRAY_LENGTH(releases[i].needs) && releases[i].needs[j]; j++)
			vec_push(&lock.packages.items[i].requires,
				 (struct lock_require){.name = releases[i].needs[j],
						       .specifier = "",
						       .marker = "",
						       .extras = none,
						       .target = lock_find(&lock, releases[i].needs[j]),
						       .for_extra = ""});
	if (plan_make(&lock, config, &fixture->plan, &err))
		fail_msg("%s", err.text);
	lock_clear(&lock);
	fixture->work.plan = &fixture->plan;
	cleanup_free char *log = xasprintf("%s/log", fixture->folder);
	fixture->log = fopen(log, "we");
	assert_non_null(fixture->log);
	fixture->work.log = fixture->log;
}

static inline void fixture_close(struct work_fixture *fixture)
{
	struct error err = ERROR_INIT;
	work_close(&fixture->work);
	plan_clear(&fixture->plan);
	if (fixture->log)
		fclose(fixture->log);
	free(fixture->config.workspace);
	free(fixture->config.cache_dir);
	free(fixture->config.go);
	free(fixture->config.host);
	struct config_strings *const lists[] = {&fixture->config.translators, &fixture->config.translator_command};
	for (size_t i = 0; i < ARRAY_LENGTH(lists); i++) {
		for (unsigned int j = 0; j < lists[i]->count; j++)
			free(lists[i]->items[j]);
		free(lists[i]->items);
	}
	if (dir_remove_tree(fixture->folder, &err))
		fail_msg("%s", err.text);
	free(fixture->folder);
}

static inline char *fixture_log(const struct work_fixture *fixture)
{
	struct error err = ERROR_INIT;
	struct text text = TEXT_INIT;
	cleanup_free char *log = xasprintf("%s/log", fixture->folder);
	fflush(fixture->log);
	assert_int_equal(file_read(log, 64 << 20, &text, &err), 0);
	return text_steal(&text);
}

// Scans and emits of all groups, leaf first.
static inline void fixture_emit(struct work_fixture *fixture)
{
	struct error err = ERROR_INIT;
	char digest[DIGEST_HEX_SIZE];
	for (size_t i = 0; i < fixture->plan.lock.packages.count; i++)
		if (scan_run(&fixture->work, (int)i, digest, &err))
			fail_msg("%s", err.text);
	for (size_t i = 0; i < fixture->plan.groups.count; i++)
		if (emit_run(&fixture->work, (int)i, digest, &err))
			fail_msg("%s", err.text);
}
#endif
