// The resolver without the command line's settings: for end-to-end tests of the room alone and for measuring.
//
//     resolve_driver [--index URL] [--cache DIR] [--python PROGRAM] [--freshness SECONDS] [--format FORMAT]
//                    [--offline] [--refresh] [--fetch] REQUIREMENT…
//
// Prints the lock, then one line of figures on standard error; exits as gophersnake would. --fetch downloads the files.
#include <getopt.h>
#include <stdio.h>

#include "core/clock.h"
#include "resolver/lock_output.h"
#include "resolver/resolve.h"

struct arguments {
	const char *index, *cache, *python, *format;
	int64_t freshness;
	bool offline, refresh, fetch;
};

static int read_arguments(int argc, char **argv, struct arguments *out)
{
	static const struct option options[] = {
		{"index", 1, NULL, 'i'},     {"cache", 1, NULL, 'c'},   {"python", 1, NULL, 'p'},
		{"format", 1, NULL, 'f'},    {"offline", 0, NULL, 'o'}, {"refresh", 0, NULL, 'r'},
		{"freshness", 1, NULL, 's'}, {"fetch", 0, NULL, 'd'},   {NULL, 0, NULL, 0}};
	for (int c; (c = getopt_long(argc, argv, "", options, NULL)) >= 0;) {
		switch (c) {
		case 'i': out->index = optarg; break;
		case 'c': out->cache = optarg; break;
		case 'p': out->python = optarg; break;
		case 'f': out->format = optarg; break;
		case 's': out->freshness = atoll(optarg); break;
		case 'o': out->offline = true; break;
		case 'r': out->refresh = true; break;
		case 'd': out->fetch = true; break;
		default: return -1;
		}
	}
	return 0;
}

static int fetch_all(const struct lock *lock, const char *cache, struct error *err)
{
	struct http *http = NULL;
	if (http_open(NULL, &http, err))
		return -1;
	int status = 0;
	vec_each (&lock->packages, package) {
		cleanup_free char *path = NULL;
		if (!status && !(status = fetch_file(http, &package->files.items[0], cache, &path, err)))
			fprintf(stderr, "%s\n", path);
	}
	http_free(http);
	return status;
}

static int run(const struct arguments *arguments, char **requirements, size_t count, struct error *err)
{
	struct environment environment = {0};
	struct lock lock;
	struct resolve_statistics seen = {0};
	cleanup_text struct text text = TEXT_INIT;
	lock_init(&lock);
	int64_t begin = system_clock.monotonic(system_clock.context);
	cleanup_free char *index = arguments->index ? xstrdup(arguments->index) : NULL;
	int status = environment_of_python(arguments->python, &environment, err);
	if (!status && !index)
		status = index_url_of_pip(arguments->python, arguments->cache, &index, err);
	int64_t asked = system_clock.monotonic(system_clock.context);
	struct resolve_options options = {.index_url = index,
					  .cache_dir = arguments->cache,
					  .environment = &environment,
					  .freshness = arguments->freshness,
					  .refresh = arguments->refresh,
					  .offline = arguments->offline};
	if (!status)
		status = resolve((const char *const *)requirements, count, &options, &lock, &seen, err);
	if (!status)
		status = lock_output(&lock, arguments->format, &text, err);
	if (!status)
		fwrite(text_str(&text), 1, text.len, stdout);
	if (!status && arguments->fetch)
		status = fetch_all(&lock, arguments->cache, err);
	fprintf(stderr,
		"# %zu releases, %d pages, %d metadata, %llu requests, %llu retries, %llu bytes, %d decisions, %d "
		"conflicts; "
		"wall %lld ms (of it asking Python %lld), network %lld ms, processor %lld ms\n",
		lock.packages.count, seen.pages, seen.metadata, (unsigned long long)seen.http.requests,
		(unsigned long long)seen.http.retries, (unsigned long long)seen.http.bytes_received, seen.decisions,
		seen.conflicts, (long long)(system_clock.monotonic(system_clock.context) - begin),
		(long long)(asked - begin), (long long)seen.network_time, (long long)seen.own_time);
	lock_clear(&lock);
	environment_clear(&environment);
	return status;
}

int main(int argc, char **argv)
{
	struct arguments arguments = {
		.cache = "/tmp/gophersnake-driver-cache", .python = "python3", .format = "text", .freshness = 600};
	struct error err = ERROR_INIT;
	if (read_arguments(argc, argv, &arguments) || optind == argc)
		return 2;
	if (!run(&arguments, argv + optind, (size_t)(argc - optind), &err))
		return 0;
	fprintf(stderr, "%s: %s\n", error_code_name(err.code), err.text);
	return error_exit_status(err.code);
}
