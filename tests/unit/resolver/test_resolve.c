// From requirements to locks against a real server: every way to metadata, caching, offline, and each way in which an
// index can fail.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "resolver/resolve.h"
#include "resolver/tag.h"
#include "tests/support/index_server.h"

static struct index_server server;
static struct environment environment;

struct run {
	struct resolve_options options;
	struct resolve_statistics statistics;
	struct lock lock;
	struct error err;
	char *cache, *index;
	int status;
};

static void run_again(struct run *run, const char *const *requirements)
{
	size_t count = 0;
	while (requirements[count])
		count++;
	lock_clear(&run->lock);
	run->err = (struct error)ERROR_INIT;
	run->options.index_url = run->index;
	run->options.cache_dir = run->cache;
	run->options.environment = &environment;
	run->options.freshness = 600;
	run->status = resolve(requirements, count, &run->options, &run->lock, &run->statistics, &run->err);
}

#define AGAIN(run, ...) run_again(run, (const char *const[]){__VA_ARGS__, NULL})

static void run_new(struct run *run, const char *words, const char *const *requirements)
{
	struct error err = ERROR_INIT;
	*run = (struct run){.index = index_server_url(&server, words, "simple")};
	assert_int_equal(dir_temporary(server.folder, "cache-", &run->cache, &err), 0);
	lock_init(&run->lock);
	run_again(run, requirements);
}

#define RUN(run, words, ...) run_new(run, words, (const char *const[]){__VA_ARGS__, NULL})

static void run_clear(struct run *run)
{
	lock_clear(&run->lock);
	free(run->cache);
	free(run->index);
}

static char *bytes_of(const struct lock *lock)
{
	cleanup_text struct text text = TEXT_INIT;
	cleanup_json json_t *json = lock_to_json(lock);
	json_write_pretty(json, &text);
	return text_steal(&text);
}

static const struct lock_package *package_of(const struct run *run, const char *name)
{
	if (run->status)
		fail_msg("no lock: %s", run->err.text);
	int at = lock_find(&run->lock, name);
	return at < 0 ? NULL : &run->lock.packages.items[at];
}

static void assert_version(const struct run *run, const char *name, const char *version)
{
	const struct lock_package *package = package_of(run, name);
	assert_non_null(package);
	assert_string_equal(package->version, version);
}

static void assert_fails(struct run *run, enum error_code code, const char *says)
{
	assert_int_equal(run->status, -1);
	if (run->err.code != code || !strstr(run->err.text, says))
		fail_msg("expected %s: …%s…, got %s: %s", error_code_name(code), says, error_code_name(run->err.code),
			 run->err.text);
	run_clear(run);
}

static bool skips(const struct lock_package *package, const char *version, const char *reason)
{
	vec_each (&package->skipped, skip)
		if (!strcmp(skip->version, version) && strstr(skip->reason, reason))
			return true;
	return false;
}

// ---- the answer ------------------------------------------------------------------------------------------------------

static void test_lock(void **state)
{
	(void)state;
	struct run run;
	RUN(&run, "json,meta", "app");
	assert_version(&run, "app", "1.1");
	assert_int_equal(run.lock.packages.count, 4);
	const struct lock_package *app = package_of(&run, "app"), *tool = package_of(&run, "tool");
	assert_true(app->target);
	assert_false(tool->target);
	assert_string_equal(tool->extras[0], "fast");
	assert_int_equal(app->requires.count, 2);
	assert_string_equal(app->requires.items[0].name, "lib");
	assert_string_equal(app->requires.items[0].specifier, ">=1.1");
	assert_string_equal(app->requires.items[1].marker, "python_version >= \"3\"");
	assert_string_equal(app->requires.items[1].extras[0], "fast");
	assert_string_equal(tool->requires.items[0].for_extra, "fast");
	assert_string_equal(app->metadata_source, "core-metadata");
	assert_string_equal(app->files.items[0].tag, "py3-none-any");
	assert_int_equal(strlen(app->files.items[0].sha256), 64);
	assert_true(skips(app, "2.2", "yanked: broken"));
	assert_true(skips(app, "2.0", "needs Python >=3.99"));
	assert_true(skips(app, "2.1a1", "a pre-release"));
	assert_true(skips(app, "", "marker is false: winonly"));
	assert_true(skips(package_of(&run, "lib"), "1.3", "needs nowhere-to-be-found, which the index does not have"));
	assert_string_equal(run.lock.python, "3.11");
	assert_string_equal(run.lock.platform, "manylinux_2_36_x86_64");
	assert_string_equal(run.lock.requirements.items[0], "app");
	cleanup_json json_t *json = lock_to_json(&run.lock);
	struct lock copy;
	assert_int_equal(lock_from_json(json, "copy", &copy, &run.err), 0);
	cleanup_free char *a = bytes_of(&run.lock);
	cleanup_free char *b = bytes_of(&copy);
	assert_string_equal(a, b);
	lock_clear(&copy);
	run_clear(&run);
}

// Every way to the metadata gives the same releases, and the same bytes when it is gone again.
static void test_ways(void **state)
{
	(void)state;
	static const char *const ways[][2] = {{"json,meta", "core-metadata"},    {"json,ranges", "range"},
					      {"json,sibling", "core-metadata"}, {"json", "wheel"},
					      {"html,meta", "core-metadata"},    {"html,ranges", "range"},
					      {"html,nohash", "wheel"}};
	for (size_t i = 0; i < ARRAY_LENGTH(ways); i++) {
		struct run first, second;
		RUN(&first, ways[i][0], "app");
		RUN(&second, ways[i][0], "app");
		assert_version(&first, "app", "1.1");
		assert_version(&first, "lib", "1.1");
		vec_each (&first.lock.packages, package) {
			assert_string_equal(package->metadata_source, ways[i][1]);
			assert_int_equal(strlen(package->files.items[0].sha256), 64);
		}
		cleanup_free char *a = bytes_of(&first.lock);
		cleanup_free char *b = bytes_of(&second.lock);
		assert_string_equal(a, b);
		AGAIN(&first, "app");
		cleanup_free char *warm = bytes_of(&first.lock);
		assert_string_equal(a, warm);
		run_clear(&first);
		run_clear(&second);
	}
}

// A directory longer than the first range, and a METADATA that lies before it.
static void test_long_tails(void **state)
{
	(void)state;
	struct run run;
	RUN(&run, "json,ranges", "large");
	assert_string_equal(package_of(&run, "large")->metadata_source, "range");
	run_clear(&run);
	RUN(&run, "json,ranges", "longtail");
	assert_string_equal(package_of(&run, "longtail")->metadata_source, "range");
	run_clear(&run);
	cleanup_free char *log = index_server_log(&server);
	assert_true(index_server_count(log, "large-1.0-py3-none-any.whl bytes=") >= 2);
	assert_int_equal(index_server_count(log, "longtail-1.0-py3-none-any.whl bytes="), 2);
	assert_null(strstr(log, "longtail-1.0-py3-none-any.whl\n"));
	RUN(&run, "json", "large"); // larger than what is taken from an answer without range
	assert_string_equal(package_of(&run, "large")->metadata_source, "wheel");
	run_clear(&run);
}

static void test_order_of_requirements(void **state)
{
	(void)state;
	struct run a, b;
	RUN(&a, "json,meta", "app", "large", "lib<2", "plain");
	RUN(&b, "json,meta", "plain", "lib<2", "app", "app", "large");
	cleanup_free char *one = bytes_of(&a.lock);
	cleanup_free char *other = bytes_of(&b.lock);
	assert_int_equal(a.status, 0);
	assert_string_equal(one, other);
	run_clear(&a);
	run_clear(&b);
}

static void test_requirements(void **state)
{
	(void)state;
	struct run run;
	RUN(&run, "json,meta", "app==1.0");
	assert_version(&run, "app", "1.0");
	assert_true(skips(package_of(&run, "app"), "1.1", "app==1.0 was asked for"));
	assert_true(skips(package_of(&run, "lib"), "1.3", "needs nowhere"));
	run_clear(&run);
	RUN(&run, "json,meta", "app<1.1", "tool[Fast]");
	assert_version(&run, "fast-tool", "2.0");
	run_clear(&run);
	RUN(&run, "json,meta", "lib==1.2"); // yanked, but named
	assert_version(&run, "lib", "1.2");
	assert_string_equal(package_of(&run, "lib")->why_yanked, "");
	run_clear(&run);
	RUN(&run, "json,meta", "app>=2.1a0");
	assert_version(&run, "app", "2.1a1");
	run_clear(&run);
	RUN(&run, "json,meta", "app; sys_platform == 'win32'");
	assert_int_equal(run.status, 0);
	assert_int_equal(run.lock.packages.count, 0);
	run_clear(&run);
	RUN(&run, "json,meta", "broken-need"); // 1.1 has a requirement that is none
	assert_version(&run, "broken-need", "1.0");
	assert_true(skips(package_of(&run, "broken-need"), "1.1", "\"lib >> 2\" is malformed"));
	run_clear(&run);
	RUN(&run, "json,meta", "app >>");
	assert_fails(&run, ERROR_USAGE, "app >>");
}

struct builds { // what was asked of a builder, and what it answers
	struct text asked;
	const char *metadata;
	enum error_code failure;
};

static int build_metadata(void *context, const struct resolve_sdist *sdist, struct text *out, struct error *err)
{
	struct builds *builds = context;
	assert_true(file_exists(sdist->path));
	text_addf(&builds->asked, "%s of %s %s\n", sdist->file, sdist->name, sdist->version);
	text_add(out, builds->metadata);
	return builds->failure ? error_set(err, builds->failure, "no compiler\nits output") : 0;
}

static void test_builds_for_metadata(void **state)
{
	(void)state;
	struct run run;
	struct builds builds = {.metadata = "Name: dynamic\nVersion: 1.0\nRequires-Dist: lib==1.0\n"};
	RUN(&run, "json,meta", "lib"); // fills what the builder cannot change
	run.options.build_metadata = build_metadata;
	run.options.build_context = &builds;
	AGAIN(&run, "dynamic", "vouched"); // of these, one has to be built
	assert_version(&run, "dynamic", "1.0");
	assert_version(&run, "lib", "1.0");
	assert_string_equal(package_of(&run, "dynamic")->metadata_source, "sdist-built");
	assert_string_equal(text_str(&builds.asked), "dynamic-1.0.tar.gz of dynamic 1.0\n");
	cleanup_free char *cold = bytes_of(&run.lock);
	AGAIN(&run, "dynamic", "vouched"); // another CPython might say otherwise: it is asked again
	cleanup_free char *warm = bytes_of(&run.lock);
	assert_string_equal(cold, warm);
	builds.failure = ERROR_FAILED;
	AGAIN(&run, "dynamic");
	assert_version(&run, "dynamic", "0.9");
	assert_true(skips(package_of(&run, "dynamic"), "1.0", "cannot be built: no compiler"));
	assert_false(skips(package_of(&run, "dynamic"), "1.0", "its output"));
	builds.failure = ERROR_INTERRUPTED;
	AGAIN(&run, "dynamic");
	assert_int_equal(run.err.code, ERROR_INTERRUPTED);
	builds = (struct builds){builds.asked, "Name: other\nVersion: 1.0\n", ERROR_NONE};
	AGAIN(&run, "dynamic");
	assert_true(skips(package_of(&run, "dynamic"), "1.0", "its metadata is of other 1.0"));
	builds.metadata = "Name: dynamic\nVersion: 1.0\nRequires-Python: <3\n";
	AGAIN(&run, "dynamic");
	assert_true(skips(package_of(&run, "dynamic"), "1.0", "needs Python <3"));
	text_clear(&builds.asked);
	run_clear(&run);
}

static void test_sdists(void **state)
{
	(void)state;
	static const char *const table[][2] = {{"vouched", "sdist"},
					       {"tables", "sdist-pyproject"},
					       {"recorded", "sdist-recorded"},
					       {"mixed", "wheel"}};
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		struct run run;
		RUN(&run, "json", table[i][0]);
		assert_string_equal(package_of(&run, table[i][0])->metadata_source, table[i][1]);
		assert_false(package_of(&run, table[i][0])->files.items[0].wheel);
		assert_version(&run, "lib", "1.0");
		assert_int_equal(run.lock.packages.count, 2);
		run_clear(&run);
	}
	struct run run;
	RUN(&run, "json", "tables[more]", "recorded[more]");
	assert_version(&run, "fast-tool", "2.0");
	run_clear(&run);
	RUN(&run, "json", "dynamic");
	assert_version(&run, "dynamic", "0.9");
	assert_true(skips(package_of(&run, "dynamic"), "1.0", "does not state its requirements without being built"));
	run_clear(&run);
	RUN(&run, "json", "silent");
	assert_int_equal(run.status, -1);
	assert_non_null(strstr(run.err.text, "silent 0.9 cannot be used (its source distribution has no PKG-INFO)"));
	assert_fails(&run, ERROR_NO_SOLUTION, "does not state its requirements without being built");
}

static void test_direct(void **state)
{
	(void)state;
	struct run run;
	cleanup_free char *url = index_server_url(&server, "json,ranges", "files/app-1.0-py3-none-any.whl");
	cleanup_free char *text = xasprintf("app @ %s", url);
	RUN(&run, "json,ranges", text, "lib");
	assert_version(&run, "app", "1.0");
	const struct lock_file *file = &package_of(&run, "app")->files.items[0];
	assert_string_equal(file->url, url);
	assert_int_equal(strlen(file->sha256), 64);
	assert_string_equal(run.lock.requirements.items[0], text);
	cleanup_free char *pinned = xasprintf("app @ %s#sha256=%s", url, file->sha256);
	cleanup_free char *whole = index_server_url(&server, "json", "files/app-1.0-py3-none-any.whl");
	cleanup_free char *wrong = xasprintf("app @ %s#sha256=%064d", whole, 0);
	run_clear(&run);
	RUN(&run, "json,ranges", pinned);
	assert_version(&run, "app", "1.0");
	run_clear(&run);
	RUN(&run, "json", wrong);
	assert_fails(&run, ERROR_POLICY, "0000 was expected");
	RUN(&run, "json", text, "app>1.0"); // the URL is the only release
	assert_fails(&run, ERROR_NO_SOLUTION, "app");
	cleanup_free char *misnamed = xasprintf("lib @ %s", url);
	RUN(&run, "json", misnamed);
	assert_fails(&run, ERROR_INPUT, "not that of a wheel or source distribution of lib");
	cleanup_free char *other = index_server_url(&server, "json", "files/app-1.1-py3-none-any.whl");
	cleanup_free char *second = xasprintf("app @ %s", other);
	RUN(&run, "json", text, second);
	assert_fails(&run, ERROR_NO_SOLUTION, "two files of app");
	RUN(&run, "json", "app @ git+https://example.invalid/app.git");
	assert_fails(&run, ERROR_INPUT, "only https, loopback http and file URLs");
	cleanup_free char *secret =
		xasprintf("app @ http://u:p@127.0.0.1:%d/json,auth/files/app-1.0-py3-none-any.whl", server.port);
	RUN(&run, "json", secret);
	assert_version(&run, "app", "1.0");
	cleanup_free char *bytes = bytes_of(&run.lock);
	assert_null(strstr(bytes, "u:p"));
	run_clear(&run);
}

static void test_credentials(void **state)
{
	(void)state;
	struct run run;
	RUN(&run, "json,auth", "app");
	assert_fails(&run, ERROR_INDEX, "user and password");
	RUN(&run, "json,auth", "app");
	free(run.index);
	run.index = xasprintf("http://u:p@127.0.0.1:%d/json,auth/simple/", server.port);
	AGAIN(&run, "app");
	assert_version(&run, "app", "1.1");
	cleanup_free char *bytes = bytes_of(&run.lock);
	assert_null(strstr(bytes, "u:p"));
	AGAIN(&run, "no-such-thing");
	assert_null(strstr(run.err.text, "u:p"));
	run_clear(&run);
}

// ---- caching ---------------------------------------------------------------------------------------------------------

static void test_warm(void **state)
{
	(void)state;
	struct run run;
	RUN(&run, "json,meta", "app<1.1", "lib<1.3");
	assert_int_equal(run.status, 0);
	assert_true(run.statistics.http.requests > 0);
	AGAIN(&run, "app<1.1", "lib<1.3");
	assert_int_equal(run.status, 0);
	assert_int_equal(run.statistics.http.requests, 0);
	run.options.refresh = true;
	AGAIN(&run, "app<1.1", "lib<1.3");
	assert_int_equal(run.statistics.http.requests, 2); // the pages; metadata never changes
	run.options.refresh = false;
	run.options.offline = true;
	AGAIN(&run, "app<1.1", "lib<1.3");
	assert_int_equal(run.status, 0);
	assert_int_equal(run.statistics.http.requests, 0);
	AGAIN(&run, "app");
	assert_version(&run, "app", "1.0"); // of 1.1 nothing is known
	assert_true(skips(package_of(&run, "app"), "1.1", "it is not in the cache, and this is offline"));
	AGAIN(&run, "large");
	assert_fails(&run, ERROR_NETWORK, "large: its index page is not in the cache, and this is offline");
}

static void test_offline_as_online(void **state)
{
	(void)state;
	struct run run;
	RUN(&run, "json,meta", "app"); // passes by a project that does not exist
	cleanup_free char *online = bytes_of(&run.lock);
	run.options.offline = true;
	AGAIN(&run, "app");
	assert_int_equal(run.status, 0);
	cleanup_free char *offline = bytes_of(&run.lock);
	assert_string_equal(online, offline);
	run_clear(&run);
}

static void test_validators(void **state)
{
	(void)state;
	struct run run;
	RUN(&run, "json,meta,etag,nostore", "lib<1.3");
	uint64_t first = run.statistics.http.bytes_received;
	AGAIN(&run, "lib<1.3");
	assert_int_equal(run.status, 0);
	assert_int_equal(run.statistics.http.requests, 1);
	assert_true(run.statistics.http.bytes_received < first / 2); // 304
	AGAIN(&run, "lib<1.3");                                      // a 304 had no ETag: it is still known
	assert_int_equal(run.statistics.http.requests, 1);
	assert_true(run.statistics.http.bytes_received < first / 2);
	run_clear(&run);
	RUN(&run, "json,meta,maxage", "lib<1.3");
	AGAIN(&run, "lib<1.3");
	assert_int_equal(run.statistics.http.requests, 0);
	run_clear(&run);
}

// A cache that someone else damaged is as good as none.
static void test_damaged_cache(void **state)
{
	(void)state;
	struct run run;
	RUN(&run, "json", "app");
	cleanup_free char *before = bytes_of(&run.lock);
	file_names files = VEC_INIT;
	assert_int_equal(dir_walk_files(run.cache, &files, &run.err), 0);
	assert_true(files.count > 8);
	vec_each (&files, file) {
		cleanup_free char *path = xasprintf("%s/%s", run.cache, *file);
		assert_int_equal(truncate(path, 30), 0);
	}
	file_names_clear(&files);
	AGAIN(&run, "app");
	cleanup_free char *after = bytes_of(&run.lock);
	assert_int_equal(run.status, 0);
	assert_string_equal(before, after);
	run_clear(&run);
}

static void test_cache_unwritable(void **state)
{
	(void)state;
	struct run run;
	RUN(&run, "json,meta", "lib<1.3");
	cleanup_free char *file = xasprintf("%s/file", run.cache);
	assert_int_equal(file_write_atomic(file, "x", 1, &run.err), 0);
	free(steal(&run.cache));
	run.cache = steal(&file); // a file where the folder should be
	AGAIN(&run, "lib<1.3");
	assert_fails(&run, ERROR_WORKSPACE, "the cache");
}

// ---- folders ---------------------------------------------------------------------------------------------------------

static void save(const char *url, const char *path)
{
	struct http *http = NULL;
	struct error err = ERROR_INIT;
	struct http_response response = {0};
	struct http_request request = {.url = url, .save_to = path};
	if (http_open(NULL, &http, &err) || http_fetch(http, &request, &response, &err))
		fail_msg("%s", err.text);
	http_response_clear(&response);
	http_free(http);
}

static void test_folder(void **state)
{
	(void)state;
	struct run run;
	RUN(&run, "json", "lib<1.3");
	struct error err = ERROR_INIT;
	static const char *const files[] = {"app-1.0-py3-none-any.whl", "lib-1.1-py3-none-any.whl"};
	for (size_t i = 0; i < ARRAY_LENGTH(files); i++) {
		cleanup_free char *part = xasprintf("files/%s", files[i]);
		cleanup_free char *url = index_server_url(&server, "json", part);
		cleanup_free char *path = xasprintf("%s/index/%.3s/%s", run.cache, files[i], files[i]);
		save(url, path);
	}
	free(run.index);
	run.index = xasprintf("file://%s/index", run.cache);
	AGAIN(&run, "app");
	assert_version(&run, "app", "1.0");
	assert_version(&run, "lib", "1.1");
	assert_int_equal(run.statistics.http.requests, 0);
	assert_int_equal(strlen(package_of(&run, "lib")->files.items[0].sha256), 64);
	AGAIN(&run, "lbi");
	assert_int_equal(run.err.code, ERROR_INDEX);
	assert_non_null(strstr(run.err.text, "names like lbi: lib."));
	// A page that says what is there, with a wrong hash for it.
	cleanup_free char *page = xasprintf("%s/index/lib/index.html", run.cache);
	cleanup_free char *html =
		xasprintf("<!DOCTYPE html><a href='lib-1.1-py3-none-any.whl#sha256=%064d'>lib</a>", 0);
	assert_int_equal(file_write_atomic(page, html, strlen(html), &err), 0);
	AGAIN(&run, "app");
	assert_int_equal(run.err.code, ERROR_POLICY);
	assert_non_null(strstr(run.err.text, "lib-1.1-py3-none-any.whl: its SHA-256 is"));
	free(run.index);
	run.index = xstrdup("file:///nowhere/at/all");
	AGAIN(&run, "app");
	assert_fails(&run, ERROR_INDEX, "no such folder");
}

// ---- failures --------------------------------------------------------------------------------------------------------

static void test_failures(void **state)
{
	(void)state;
	static const struct {
		const char *words, *requirement;
		enum error_code code;
		const char *says;
	} table[] = {
		{"json", "no-such-project", ERROR_INDEX, "the index has no no-such-project"},
		{"json", "no-such-project", ERROR_INDEX, "The index is http://127.0.0.1:"},
		{"json", "app>5", ERROR_NO_SOLUTION, "you asked for app>5 (no usable version matches)"},
		{"json", "empty", ERROR_NO_SOLUTION, "no version of empty can be used here"},
		{"json", "native", ERROR_NO_SOLUTION, "no file for this Python and platform"},
		{"json", "clash", ERROR_NO_SOLUTION, "clash 1.0 needs app==1.1"},
		{"json", "liar", ERROR_NO_SOLUTION, "its metadata is of other 1.0"},
		{"json,cut", "app", ERROR_NETWORK, "cut off"},
		{"json,half", "app", ERROR_INDEX, "not valid JSON"},
		{"html,half", "app", ERROR_NETWORK, "cut off in the middle"},
		{"json,login", "app", ERROR_INDEX, "does the index want a login?"},
		{"json,notindex", "app", ERROR_INDEX, "no list of files"},
		{"json,text", "app", ERROR_INDEX, "neither JSON nor HTML but text/plain"},
		{"json,status=500", "app", ERROR_INDEX, "the index answers 500"},
		{"json,status=403", "app", ERROR_INDEX, "the index refuses (403)"},
		{"json,version=2.0", "app", ERROR_INDEX, "Simple API version 2.0"},
		{"html,version=2.0", "app", ERROR_INDEX, "Simple API version 2.0"},
		{"json,tofile", "app", ERROR_POLICY, "not file"},
		{"json,toftp", "app", ERROR_POLICY, "not ftp"},
		{"json,tohttp", "app", ERROR_POLICY, "plain http"},
		{"json,badhash", "app", ERROR_POLICY, "was expected"},
		{"html,badhash", "app", ERROR_POLICY, "was expected"},
		{"json,meta,badmeta", "app", ERROR_POLICY, "was expected"},
		{"json,files=500", "app", ERROR_INDEX, "answers 500"},
		{"json,files=404", "app", ERROR_NO_SOLUTION, "the index lists it, but answers 404 for the file"},
		{"json,ranges,files=404", "app", ERROR_NO_SOLUTION, "answers 404"},
	};
	for (size_t i = 0; i < ARRAY_LENGTH(table); i++) {
		struct run run;
		RUN(&run, table[i].words, table[i].requirement);
		assert_fails(&run, table[i].code, table[i].says);
	}
}

static void test_survived(void **state)
{
	(void)state;
	static const char *const words[] = {"json,ranges,flaky", "html,moved", "json,moved,meta"};
	for (size_t i = 0; i < ARRAY_LENGTH(words); i++) {
		struct run run;
		RUN(&run, words[i], "app");
		assert_version(&run, "app", "1.1");
		run_clear(&run);
	}
}

static void test_down(void **state)
{
	(void)state;
	struct run run;
	RUN(&run, "json,meta,etag,nostore", "lib<1.3");
	assert_int_equal(run.status, 0);
	struct index_server other = index_server_start();
	free(run.index);
	run.index = index_server_url(&other, "json,meta,etag,nostore", "simple");
	AGAIN(&run, "lib<1.3");
	assert_int_equal(run.status, 0);
	index_server_stop(&other); // from now on nobody is there
	AGAIN(&run, "lib<1.3");
	assert_int_equal(run.err.code, ERROR_NETWORK);
	assert_non_null(strstr(run.err.text, "--offline takes it"));
	run.options.offline = true;
	AGAIN(&run, "lib<1.3");
	assert_int_equal(run.status, 0);
	run_clear(&run);
	*(&run) = (struct run){.index = xstrdup("ftp://127.0.0.1/simple"), .cache = xstrdup(server.folder)};
	AGAIN(&run, "lib");
	assert_fails(&run, ERROR_USAGE, "expected an http, https or file URL");
}

static void test_names(void **state)
{
	(void)state;
	struct run run;
	RUN(&run, "json,meta", "plain");
	assert_int_equal(run.status, 0);
	AGAIN(&run, "plian");
	assert_fails(&run, ERROR_INDEX, "names like plian: plain.");
}

static void test_interrupted(void **state)
{
	(void)state;
	struct run run;
	volatile int interrupted = 1;
	RUN(&run, "json,meta", "lib<1.3");
	run.options.interrupted = &interrupted;
	run.options.refresh = true;
	AGAIN(&run, "app");
	assert_int_equal(run.err.code, ERROR_INTERRUPTED);
	run_clear(&run);
}

// ---- set-up ----------------------------------------------------------------------------------------------------------

static int setup(void **state)
{
	(void)state;
	server = index_server_start();
	tag_list tags = VEC_INIT;
	environment = (struct environment){.implementation_name = "cpython",
					   .implementation_version = "3.11.7",
					   .os_name = "posix",
					   .platform_machine = "x86_64",
					   .platform_release = "6.1",
					   .platform_system = "Linux",
					   .platform_version = "#1",
					   .python_full_version = "3.11.7",
					   .platform_python_implementation = "CPython",
					   .python_version = "3.11",
					   .sys_platform = "linux"};
	tags_for_cpython(&environment.arena, 3, 11, false, "x86_64", 2, 36, &tags);
	vec_each (&tags, tag)
		vec_push(&environment.tags, *tag);
	vec_clear(&tags);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	environment_clear(&environment);
	index_server_stop(&server);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lock),
		cmocka_unit_test(test_ways),
		cmocka_unit_test(test_long_tails),
		cmocka_unit_test(test_order_of_requirements),
		cmocka_unit_test(test_requirements),
		cmocka_unit_test(test_sdists),
		cmocka_unit_test(test_builds_for_metadata),
		cmocka_unit_test(test_direct),
		cmocka_unit_test(test_credentials),
		cmocka_unit_test(test_warm),
		cmocka_unit_test(test_offline_as_online),
		cmocka_unit_test(test_validators),
		cmocka_unit_test(test_damaged_cache),
		cmocka_unit_test(test_cache_unwritable),
		cmocka_unit_test(test_folder),
		cmocka_unit_test(test_failures),
		cmocka_unit_test(test_survived),
		cmocka_unit_test(test_down),
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_interrupted),
	};
	return cmocka_run_group_tests(tests, setup, teardown);
}
