// Finds out which tier of sandbox this machine gives, and runs programs in it.
//
// As root two holes stay open under plain bubblewrap, since the sandbox's user
// is the real root to the kernel, only without capabilities: it may write
// /proc/sys (core_pattern is a way out) and change the mode of the host's
// device nodes. So /proc is mounted read-only, and the launcher gives
// bubblewrap a read-only view of /dev in a mount namespace of its own.
#include "agents/sandbox.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agents/sandbox_group.h"
#include "agents/sandbox_plain.h"
#include "core/arena.h"
#include "core/file.h"
#include "core/vec.h"

enum { PROCESSES = 512, PROBE_TIMEOUT = 20000, LAUNCH_FAILED = 125 };
static const uint64_t tmp_default = 1024UL * 1024 * 1024;
static const uint64_t file_limit = 8UL * 1024 * 1024 * 1024;

struct sandbox {
	enum sandbox_tier tier;
	char *bwrap, *prlimit;                // of the tiers but none
	char *unshare, *sh, *setpriv, *mount; // of root
	bool is_root;
	char *group_parent; // of control groups, "" when there is none
	bool unified;
};

typedef VEC(const char *) words;

void sandbox_free(struct sandbox *sandbox)
{
	if (!sandbox)
		return;
	free(sandbox->bwrap);
	free(sandbox->prlimit);
	free(sandbox->unshare);
	free(sandbox->sh);
	free(sandbox->setpriv);
	free(sandbox->mount);
	free(sandbox->group_parent);
	free(sandbox);
}

enum sandbox_tier sandbox_tier(const struct sandbox *sandbox)
{
	return sandbox->tier;
}

const char *sandbox_tier_name(enum sandbox_tier tier)
{
	static const char *const names[] = {"none", "root", "userns"};
	return names[tier];
}

const char *sandbox_process_bound(const struct sandbox *sandbox)
{
	if (sandbox->tier == SANDBOX_NONE)
		return "none";
	return !sandbox->is_root ? "rlimit" : *sandbox->group_parent ? "cgroup" : "none";
}

// ---- the command line ------------------------------------------------------------------------------------------------

static void add_words(words *argv, const char *const *more)
{
	for (; *more; more++)
		vec_push(argv, *more);
}
#define ADD(argv, ...) add_words(argv, (const char *const[]){__VA_ARGS__, NULL})

// /bin, /lib… are links into /usr where /usr is merged, folders elsewhere.
static void add_system(words *argv, struct arena *arena)
{
	static const char *const folders[] = {"/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"};
	static const char *const files[] = {"/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d",
					    "/etc/alternatives"};
	ADD(argv, "--ro-bind", "/usr", "/usr");
	for (size_t i = 0; i < ARRAY_LENGTH(folders); i++) {
		struct stat status;
		char target[256];
		if (lstat(folders[i], &status))
			continue;
		ssize_t length = S_ISLNK(status.st_mode) ? readlink(folders[i], target, sizeof target) : -1;
		if (length > 0 && length < (ssize_t)sizeof target)
			ADD(argv, "--symlink", arena_slice(arena, (struct slice){target, (size_t)length}), folders[i]);
		else
			ADD(argv, "--ro-bind", folders[i], folders[i]);
	}
	for (size_t i = 0; i < ARRAY_LENGTH(files); i++)
		ADD(argv, "--ro-bind-try", files[i], files[i]);
}

static void add_bubblewrap(const struct sandbox *sandbox, const struct sandbox_task *task, words *argv,
			   struct arena *arena)
{
	const char *size =
		arena_printf(arena, "%llu", (unsigned long long)(task->tmp_bytes ? task->tmp_bytes : tmp_default));
	ADD(argv, sandbox->bwrap);
	// One by one: --unshare-all goes on silently where a namespace cannot be had.
	if (sandbox->tier == SANDBOX_USERNS)
		ADD(argv, "--unshare-user", "--disable-userns");
	ADD(argv, "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--hostname", "sandbox",
	    "--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL");
	if (sandbox->tier == SANDBOX_ROOT)
		ADD(argv, "--cap-add", "CAP_SETPCAP"); // for setpriv, which empties the bounding set
	add_system(argv, arena);
	ADD(argv, "--proc", "/proc", "--dev", "/dev", "--size", size, "--tmpfs", "/dev/shm", "--perms", "1777",
	    "--size", size, "--tmpfs", "/tmp");
	for (size_t i = 0; i < task->mount_count; i++) {
		const struct sandbox_mount *mount = &task->mounts[i];
		ADD(argv, mount->writable ? "--bind" : "--ro-bind", mount->outside,
		    mount->inside ? mount->inside : mount->outside);
	}
	ADD(argv, "--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/");
	for (const char *const *variable = task->environment; variable && *variable; variable++) {
		const char *equals = strchr(*variable, '=');
		if (equals)
			ADD(argv, "--setenv",
			    arena_slice(arena, (struct slice){*variable, (size_t)(equals - *variable)}), equals + 1);
	}
	ADD(argv, "--chdir", task->directory ? task->directory : "/tmp", "--");
}

// What root starts first: a mount namespace in which /dev is read-only, and the control group.
static void add_launcher(const struct sandbox *sandbox, const char *group, words *argv, struct arena *arena)
{
	static const char script[] = "\"$1\" --bind /dev /dev && \"$1\" -o remount,bind,ro /dev || exit 125\n"
				     "if [ -n \"$2\" ]; then echo $$ >\"$2/cgroup.procs\" || exit 125; fi\n"
				     "shift 2; exec \"$@\"";
	ADD(argv, sandbox->unshare, "--mount", "--propagation", "private", "--", sandbox->sh, "-c", script, "sandbox",
	    sandbox->mount, group ? arena_strdup(arena, group) : "");
}

static void add_limits(const struct sandbox *sandbox, const struct sandbox_task *task, words *argv, struct arena *arena)
{
	if (sandbox->tier == SANDBOX_ROOT)
		ADD(argv, sandbox->setpriv, "--bounding-set=-all", "--inh-caps=-all", "--no-new-privs", "--");
	// Inside of the namespace: there only the sandbox's own processes count.
	unsigned int processes = task->processes ? task->processes : PROCESSES;
	ADD(argv, sandbox->prlimit, "--core=0", arena_printf(arena, "--nproc=%u", processes), "--");
	add_words(argv, task->argv);
	vec_push(argv, NULL);
}

// ---- running ---------------------------------------------------------------------------------------------------------

static int launch(const struct sandbox *sandbox, const struct sandbox_task *task, const char *group,
		  struct process_result *result, struct error *err)
{
	cleanup_arena struct arena arena = ARENA_INIT;
	words argv = VEC_INIT;
	if (sandbox->is_root)
		add_launcher(sandbox, group, &argv, &arena);
	add_bubblewrap(sandbox, task, &argv, &arena);
	add_limits(sandbox, task, &argv, &arena);
	struct process_options options = {
		.argv = argv.items,
		.input = task->input,
		.output_limit = task->output_limit,
		.timeout = task->timeout,
		.interrupted = task->interrupted,
		.limit_memory = task->memory,
		.limit_file_size = file_limit,
	};
	int status = process_run(&options, result, err);
	vec_clear(&argv);
	if (status)
		return -1;
	const char *said = text_str(&result->error_output);
	bool failed =
		(result->exit_status == 1 && !strncmp(said, "bwrap: ", 7)) || result->exit_status == LAUNCH_FAILED;
	if (failed) {
		error_set(err, ERROR_TOOL, "sandbox (%s): %.600s", sandbox_tier_name(sandbox->tier),
			  *said ? said : "it could not be set up");
		process_result_clear(result);
		return -1;
	}
	return 0;
}

int sandbox_run(const struct sandbox *sandbox, const struct sandbox_task *task, struct process_result *result,
		struct error *err)
{
	*result = (struct process_result){0};
	if (task->timeout <= 0)
		return error_set(err, ERROR_TOOL, "sandbox: %s has no time limit", task->argv[0]);
	if (sandbox->tier == SANDBOX_NONE)
		return sandbox_plain_run(task, result, err);
	cleanup_free char *group = NULL;
	if (sandbox->is_root && *sandbox->group_parent &&
	    sandbox_group_make(sandbox->group_parent, sandbox->unified, task->processes ? task->processes : PROCESSES,
			       task->total_memory, &group, err))
		return -1;
	int status = launch(sandbox, task, group, result, err);
	if (group)
		sandbox_group_remove(group);
	return status;
}

int sandbox_run_ok(const struct sandbox *sandbox, const struct sandbox_task *task, struct process_result *result,
		   struct error *err)
{
	if (sandbox_run(sandbox, task, result, err))
		return -1;
	if (result->exit_status == 0 && !result->timed_out && !result->output_cut)
		return 0;
	const char *said = text_str(&result->error_output);
	size_t length = strlen(said);
	const char *end = said + (length > 1500 ? length - 1500 : 0);
	if (result->timed_out)
		error_set(err, ERROR_TOOL, "%s: stopped after %lld ms: %s", task->argv[0], (long long)task->timeout,
			  end);
	else if (result->output_cut)
		error_set(err, ERROR_TOOL, "%s: stopped: it wrote too much: %s", task->argv[0], end);
	else if (result->signal)
		error_set(err, ERROR_TOOL, "%s: ended by signal %d: %s", task->argv[0], result->signal, end);
	else
		error_set(err, ERROR_TOOL, "%s: exit status %d: %s", task->argv[0], result->exit_status, end);
	process_result_clear(result);
	return -1;
}

// ---- probing ---------------------------------------------------------------------------------------------------------

static int find_tool(const char *name, const char *package, char **out, struct error *err)
{
	*out = process_find(name);
	return *out ? 0
		    : error_set(err, ERROR_POLICY, "%s is missing: install %s (apt-get install %s)", name, package,
				package);
}

static int find_tools(struct sandbox *sandbox, struct error *err)
{
	if (find_tool("bwrap", "bubblewrap", &sandbox->bwrap, err) ||
	    find_tool("prlimit", "util-linux", &sandbox->prlimit, err))
		return -1;
	if (!sandbox->is_root)
		return 0;
	return find_tool("unshare", "util-linux", &sandbox->unshare, err) ||
			       find_tool("mount", "mount", &sandbox->mount, err) ||
			       find_tool("setpriv", "util-linux", &sandbox->setpriv, err) ||
			       find_tool("sh", "dash", &sandbox->sh, err)
		       ? -1
		       : 0;
}

static bool has_line(const char *text, const char *line)
{
	const char *at = strstr(text, line);
	return at && (at == text || at[-1] == '\n');
}

// Looks around inside: what it sees decides, not what was asked for.
static int look_around(const struct sandbox *sandbox, struct error *err)
{
	static const char script[] =
		"cat /proc/self/status /proc/net/dev && echo \"pid $$\"\n"
		"chmod 666 /dev/null 2>/dev/null && echo hole: the mode of /dev/null can be changed\n"
		"for f in /usr/.x /.x /proc/sys/kernel/core_pattern; do\n"
		"( : >>$f ) 2>/dev/null && echo hole: $f is writable; done\n"
		"( : >>/tmp/x ) || echo hole: /tmp is not writable\n:";
	static const char *const argv[] = {"/bin/sh", "-c", script, NULL};
	static const char *const environment[] = {"PATH=/usr/bin:/bin", NULL};
	struct sandbox_task task = {
		.argv = argv, .environment = environment, .timeout = PROBE_TIMEOUT, .tmp_bytes = 1 << 20};
	struct process_result result = {0};
	if (sandbox_run_ok(sandbox, &task, &result, err)) {
		if (err->code == ERROR_TOOL)
			err->code = ERROR_POLICY;
		return -1;
	}
	const char *seen = text_str(&result.output);
	const char *hole = strstr(seen, "hole: ");
	int interfaces = 0;
	for (const char *at = strstr(seen, "Inter-|"); at && *at; at++)
		interfaces += *at == ':';
	interfaces -= hole ? 1 : 0;
	int status = 0;
	if (hole)
		status = error_set(err, ERROR_POLICY, "%.*s", (int)strcspn(hole + 6, "\n"), hole + 6);
	else if (!has_line(seen, "NoNewPrivs:\t1") || !has_line(seen, "CapEff:\t0000000000000000") ||
		 !has_line(seen, "CapBnd:\t0000000000000000"))
		status = error_set(err, ERROR_POLICY, "a program in it keeps privileges");
	else if (interfaces != 1 || !strstr(seen, "    lo:"))
		status = error_set(err, ERROR_POLICY, "a program in it sees the network");
	process_result_clear(&result);
	return status;
}

static const char *advice_of(const char *text)
{
	if (strstr(text, "disable-userns"))
		return "bubblewrap 0.8 or later is needed";
	if (strstr(text, "amespace") || strstr(text, "uid map") || strstr(text, "ermi"))
		return "enable user namespaces (sysctl -w user.max_user_namespaces=15000, and where they are there "
		       "kernel.unprivileged_userns_clone=1, kernel.apparmor_restrict_unprivileged_userns=0); in a "
		       "container, run it with the right to make namespaces";
	return "see the message";
}

int sandbox_open_tier(enum sandbox_tier tier, struct sandbox **out, struct error *err)
{
	struct sandbox *sandbox = xcalloc(1, sizeof *sandbox);
	sandbox->tier = tier;
	sandbox->is_root = geteuid() == 0;
	sandbox->group_parent = xstrdup("");
	if (tier == SANDBOX_NONE) {
		*out = sandbox;
		return 0;
	}
	int status = find_tools(sandbox, err);
	if (!status && tier == SANDBOX_ROOT && !sandbox->is_root)
		status = error_set(err, ERROR_POLICY, "only root has it");
	if (!status && sandbox->is_root) {
		free(sandbox->group_parent);
		sandbox->group_parent = sandbox_group_find(&sandbox->unified);
		if (*sandbox->group_parent)
			sandbox_group_sweep(sandbox->group_parent);
	}
	if (!status)
		status = look_around(sandbox, err);
	if (status && *sandbox->group_parent &&
	    err->code != ERROR_INTERRUPTED) { // perhaps only the control group cannot be had
		*sandbox->group_parent = '\0';
		*err = (struct error)ERROR_INIT;
		status = look_around(sandbox, err);
	}
	if (status) {
		sandbox_free(sandbox);
		return error_context(err, "sandbox tier \"%s\"", sandbox_tier_name(tier));
	}
	*out = sandbox;
	return 0;
}

int sandbox_open(enum sandbox_tier minimum, struct sandbox **out, struct error *err)
{
	struct error userns = ERROR_INIT, root = ERROR_INIT;
	if (!sandbox_open_tier(SANDBOX_USERNS, out, &userns))
		return 0;
	if (userns.code != ERROR_POLICY) {
		*err = userns;
		return -1;
	}
	bool have_root = !sandbox_open_tier(SANDBOX_ROOT, out, &root);
	if (have_root && minimum <= SANDBOX_ROOT)
		return 0;
	if (have_root)
		sandbox_free(*out);
	*out = NULL;
	if (minimum == SANDBOX_NONE)
		return sandbox_open_tier(SANDBOX_NONE, out, err);
	const char *best = have_root ? "root" : "none";
	return error_set(err, ERROR_POLICY,
			 "code from outside may not run here: the configuration asks for sandbox tier \"%s\", the best "
			 "that this "
			 "machine gives is \"%s\"\n  %.900s\n%s%.900s%s  way out: %s; or lower the tier by name: "
			 "`sandbox: %s` in "
			 "the configuration, GOPHERSNAKE_SANDBOX=%s",
			 sandbox_tier_name(minimum), best, userns.text, have_root ? "" : "  ",
			 have_root ? "" : root.text, have_root ? "" : "\n", advice_of(userns.text), best, best);
}
