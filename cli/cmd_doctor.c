// gophersnake doctor: what this machine has and lacks for conversions, with the way out.
#include <stdio.h>
#include <sys/utsname.h>

#include "agents/toolchain.h"
#include "cli/common.h"
#include "core/file.h"
#include "core/http.h"

enum { ENOUGH_DISK = 2 };

struct doctor {
	struct cli *cli;
	json_t *checks;
	bool bad;
};

static void add(struct doctor *doctor, const char *what, bool fine, const char *text)
{
	doctor->bad |= !fine;
	json_array_append_new(doctor->checks, json_pack("{s:s, s:b, s:s}", "check", what, "ok", fine, "text", text));
}

static void check_toolchain(struct doctor *doctor)
{
	struct toolchain toolchain = {0};
	struct error err = ERROR_INIT;
	if (toolchain_find(&doctor->cli->config, &toolchain, &err)) {
		add(doctor, "tools", false, err.text);
		return;
	}
	cleanup_free char *python = xasprintf("CPython %s at %s", toolchain.python_version, toolchain.python);
	cleanup_free char *go = xasprintf("%s at %s", toolchain.go_version, toolchain.go);
	add(doctor, "python", true, python);
	add(doctor, "libpython", toolchain.libpython != NULL,
	    toolchain.libpython
		    ? toolchain.libpython
		    : "this CPython has no shared library, so Go programs cannot load it: on Debian install "
		      "libpython3-dev; with pyenv build it with --enable-shared");
	add(doctor, "go", true, go);
	toolchain_clear(&toolchain);
}

static void check_sandbox(struct doctor *doctor)
{
	struct sandbox *sandbox = NULL;
	struct error err = ERROR_INIT;
	if (sandbox_open(doctor->cli->config.sandbox, &sandbox, &err)) {
		add(doctor, "sandbox", false, err.text);
		return;
	}
	cleanup_free char *text = xasprintf("tier %s", sandbox_tier_name(sandbox_tier(sandbox)));
	add(doctor, "sandbox", true, text);
	sandbox_free(sandbox);
}

static void check_redis(struct doctor *doctor)
{
	struct cli *cli = doctor->cli;
	struct error err = ERROR_INIT;
	struct queue *queue = NULL;
	if (cli->config.redis) {
		bool fine = !queue_open(cli->config.redis, &queue, &err);
		add(doctor, "redis", fine, fine ? "the configured one answers" : err.text);
		queue_free(queue);
		return;
	}
	cleanup_free char *program = process_find("redis-server");
	cleanup_free char *text = program ? xasprintf("%s, started when it is needed", program) : NULL;
	add(doctor, "redis", program != NULL,
	    program ? text : "no redis-server on PATH: install Redis 7 or give the address of one with --redis");
}

static void check_index(struct doctor *doctor)
{
	struct cli *cli = doctor->cli;
	struct error err = ERROR_INIT;
	cleanup_free char *url = cli->config.index ? xstrdup(cli->config.index) : NULL;
	if (!url &&
	    index_url_of_pip(cli->config.python ? cli->config.python : "python3", cli->config.cache_dir, &url, &err)) {
		add(doctor, "index", false, err.text);
		return;
	}
	cleanup_free char *shown = index_url_public(url);
	cleanup_free char *page = xasprintf("%s/pip/", url);
	struct http_options options = {
		.retries = -1, .timeout = 10000, .interrupted = cli->interrupted, .allow_file = true};
	struct http_request request = {.url = page, .method = "HEAD"};
	struct http_response response = {0};
	struct http *http = NULL;
	bool fine = !http_open(&options, &http, &err) && !http_fetch(http, &request, &response, &err);
	cleanup_free char *text = fine ? xasprintf("%s answers", shown) : NULL;
	add(doctor, "index", fine, fine ? text : err.text);
	http_response_clear(&response);
	http_free(http);
}

static void check_disk(struct doctor *doctor, const char *what, const char *path)
{
	int64_t bytes = disk_free_bytes(dir_exists(path) ? path : ".");
	double gigabytes = (double)bytes / 1e9;
	cleanup_free char *text = bytes < 0 ? xasprintf("%s: unknown", path)
					    : xasprintf("%s: %.1f GB free%s", path, gigabytes,
							gigabytes < ENOUGH_DISK ? "; a conversion wants 2 GB" : "");
	add(doctor, what, bytes < 0 || gigabytes >= ENOUGH_DISK, text);
}

static void check_system(struct doctor *doctor)
{
	struct utsname system;
	if (uname(&system))
		return;
	cleanup_free char *text = xasprintf("%s %s on %s", system.sysname, system.release, system.machine);
	add(doctor, "system", true, text);
}

int cmd_doctor(struct cli *cli, struct error *err)
{
	(void)err;
	struct doctor doctor = {.cli = cli, .checks = json_array()};
	check_system(&doctor);
	check_toolchain(&doctor);
	check_sandbox(&doctor);
	check_redis(&doctor);
	check_index(&doctor);
	check_disk(&doctor, "workspace", cli->config.workspace);
	check_disk(&doctor, "cache", cli->config.cache_dir);
	cleanup_json json_t *json = json_pack("{s:s, s:b, s:o}", "schema", "gophersnake.doctor/1", "ok", !doctor.bad,
					      "checks", doctor.checks);
	size_t i;
	json_t *check;
	if (cli->json)
		cli_print_json(json);
	json_array_foreach (doctor.checks, i, check) {
		if (!cli->json)
			printf("%-8s %-10s %s\n", json_boolean_value(json_object_get(check, "ok")) ? "ok" : "MISSING",
			       json_string_or(check, "check", ""), json_string_or(check, "text", ""));
	}
	cli->exit_status = doctor.bad ? 1 : 0;
	return 0;
}
