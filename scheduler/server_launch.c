// Starting redis-server: its configuration, its process, and what its log says
// when it ended at once.
//
// It is started through setsid(1), which gives it a session of its own (Ctrl-C and a closed
// terminal do not reach it) and lets init wait for it, so that it is no child of the command.
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/file.h"
#include "core/process.h"
#include "scheduler/server_place.h"

enum { LOG_KEPT = 4 * 1024 * 1024, LOG_LIMIT = 64 * 1024 * 1024, LINES_SHOWN = 5, ROOM_NEEDED = 64 * 1024 };

// As Redis reads a quoted value (sdssplitargs).
static void add_quoted(struct text *out, const char *value)
{
	text_add_char(out, '"');
	for (const char *p = value; *p; p++) {
		bool plain = (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
			     strchr("/._-", *p);
		if (plain)
			text_add_char(out, *p);
		else
			text_addf(out, "\\x%02x", (unsigned char)*p);
	}
	text_add_char(out, '"');
}

static int write_config(const struct server_place *place, const char *socket, struct error *err)
{
	cleanup_text struct text config = TEXT_INIT, url = TEXT_INIT;
	text_add(&config, "# Written by gophersnake at each start. No TCP port; paths are relative to this folder.\n"
			  "port 0\nunixsocket ");
	add_quoted(&config, socket);
	text_add(&config,
		 "\nunixsocketperm 700\n"
		 "daemonize no\nsupervised no\npidfile redis.pid\nlogfile redis.log\ndatabases 1\n"
		 // Nothing that Redis acknowledged is lost by a power cut; a torn tail is cut off at the next start.
		 "appendonly yes\nappendfsync always\nno-appendfsync-on-rewrite no\naof-load-truncated yes\n"
		 "save \"\"\n"
		 // A full memory is an error, never an eviction.
		 "maxmemory-policy noeviction\n");
	text_addf(&url, "unix:%s\n", socket);
	if (file_write_atomic(place->config, config.ptr, config.len, err))
		return -1;
	return file_write_atomic(place->url_file, url.ptr, url.len, err);
}

static char *find_program(struct error *err)
{
	char *program = process_find("redis-server");
	if (!program)
		program = process_find("valkey-server");
	if (!program)
		error_set(err, ERROR_REDIS,
			  "no redis-server on PATH: install it (Debian: apt-get install redis-server), or name a Redis "
			  "that "
			  "runs with --redis URL");
	return program;
}

static int start_process(const struct server_place *place, const char *program, int lock, struct error *err)
{
	cleanup_fd int log = open(place->log, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (log < 0)
		return file_error(err, "write", place->log);
	const char *const argv[] = {"setsid", "--fork", program, "redis.conf", NULL};
	const char *const environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LC_ALL=C", NULL};
	struct process_options options = {.argv = argv, .environment = environment, .directory = place->folder};
	pid_t pid;
	if (process_start(&options, lock, log, log, &pid, err))
		return -1;
	int status;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return error_errno(err, ERROR_TOOL, "setsid, which starts redis-server, cannot be waited for");
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return error_set(err, ERROR_TOOL, "setsid, which starts redis-server, failed; see %s", place->log);
	return 0;
}

// A log that has grown large becomes redis.log.old. Gives the size that the log has now.
static int64_t turn_log(const struct server_place *place)
{
	struct stat info;
	if (stat(place->log, &info))
		return 0;
	cleanup_free char *old = xasprintf("%s.old", place->log);
	return info.st_size > LOG_KEPT && !rename(place->log, old) ? 0 : info.st_size;
}

int server_launch(struct server_place *place, int lock, struct error *err)
{
	cleanup_free char *socket = NULL, *program = find_program(err);
	if (!program || server_place_socket(place, &socket, err) || write_config(place, socket, err))
		return -1;
	place->log_begin = turn_log(place);
	return start_process(place, program, lock, err);
}

// ---- why it ended ----------------------------------------------------------------------------------------------------

static bool says(const struct text *log, const char *const *words)
{
	for (; *words; words++)
		if (strstr(text_str(log), *words))
			return true;
	return false;
}

// The text of a warning: what stands after "<process>:<role> <date> <time> # ". What has no such head was written before
// logging began. Empty for other levels and for what every start says.
static struct slice warning_of(struct slice line)
{
	static const char *const usual[] = {"oO0OoO0OoO0Oo",
					    "Redis version=",
					    "Configuration loaded",
					    "Server initialized",
					    "WARNING Memory overcommit",
					    "WARNING: The TCP backlog",
					    NULL};
	struct slice rest = line, word = {0}, nothing = {0};
	slice_cut(&rest, ':', &word);
	uint64_t process;
	if (!parse_u64(word, &process) && rest.len > 2 && rest.ptr[1] == ' ') {
		for (int i = 0; i < 6; i++) // role, day, month, year, time, level
			slice_cut(&rest, ' ', &word);
		if (!slice_is(word, "#"))
			return nothing;
		line = rest;
	}
	for (size_t i = 0; usual[i]; i++)
		if (slice_starts(line, usual[i]))
			return nothing;
	return slice_trim(line);
}

static void add_warnings(const struct text *log, struct text *out)
{
	VEC(struct slice) warnings = VEC_INIT;
	struct slice rest = text_slice(log), line;
	while (slice_cut(&rest, '\n', &line)) {
		struct slice warning = warning_of(line);
		if (warning.len)
			vec_push(&warnings, warning);
	}
	for (size_t i = warnings.count > LINES_SHOWN ? warnings.count - LINES_SHOWN : 0; i < warnings.count; i++)
		text_addf(out, "\n  %.*s", (int)(warnings.items[i].len > 300 ? 300 : warnings.items[i].len),
			  warnings.items[i].ptr);
	if (!warnings.count)
		text_add(out, " nothing");
	vec_clear(&warnings);
}

int server_explain_end(const struct server_place *place, struct error *err)
{
	static const char *const full[] = {"No space left on device", "Disk quota exceeded", NULL};
	static const char *const damaged[] = {"reading the append only file",
					      "AOF MANIFEST FILE ERROR",
					      "can't open the append log file",
					      "Unable to obtain the AOF file",
					      "Short read or OOM",
					      "Internal error in RDB",
					      "Wrong signature",
					      "Fatal error loading the DB",
					      "RDB CRC",
					      "RDB checksum",
					      NULL};
	static const char *const old[] = {"FATAL CONFIG FILE ERROR", NULL}, *const asked[] = {"ready to exit", NULL};
	cleanup_text struct text whole = TEXT_INIT, end = TEXT_INIT, shown = TEXT_INIT;
	if (file_read(place->log, LOG_LIMIT, &whole, err))
		return error_context(err, "the private Redis ended at once and its log cannot be read");
	text_add_slice(&end, slice_from(text_slice(&whole), (size_t)place->log_begin));
	if (says(&end, asked))
		return 0;
	int64_t room = disk_free_bytes(place->folder);
	if (says(&end, full) || (room >= 0 && room < ROOM_NEEDED))
		return error_set(
			err, ERROR_WORKSPACE,
			"the private Redis cannot write to %s: the disk is full (%lld bytes free). Make room, then run "
			"the same command again",
			place->folder, (long long)room);
	add_warnings(&end, &shown);
	if (says(&end, damaged))
		return error_set(
			err, ERROR_REDIS,
			"the private Redis cannot read its data in %s; they are damaged. Everything in that folder can "
			"be made again from the plan, the journal and the store: delete it, then run the same command "
			"again. Its log says:%s",
			place->folder, text_str(&shown));
	return error_set(err, ERROR_REDIS, "the private Redis ended at once%s. Its log (%s) says:%s",
			 says(&end, old) ? ": Redis 7.0 or later is needed" : "", place->log, text_str(&shown));
}
