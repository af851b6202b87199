// Control groups of sandboxes, cgroup v1 (pids) and v2 (pids, memory), through
// the file system: make, limit, remove. Nothing here is needed for isolation.
#include "agents/sandbox_group.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/file.h"

enum { PROC_LIMIT = 1024 * 1024, REMOVE_TRIES = 100 };
static const char prefix[] = "gophersnake-";

// True when list, separated by commas or spaces, has the word.
static bool has_word(struct slice list, const char *word)
{
	struct slice part;
	for (size_t i = 0; i < list.len; i++)
		if (list.ptr[i] == ' ' || list.ptr[i] == '\n')
			return has_word((struct slice){list.ptr, i}, word) || has_word(slice_from(list, i + 1), word);
	while (slice_cut(&list, ',', &part))
		if (slice_is(part, word))
			return true;
	return false;
}

static struct slice field(struct slice line, int number)
{
	struct slice part = {NULL, 0};
	for (int i = 0; i <= number; i++)
		if (!slice_cut(&line, ' ', &part))
			return (struct slice){NULL, 0};
	return part;
}

// The mount point of the hierarchy in mountinfo: v1's with the pids controller first, else v2's.
static char *find_mount(struct slice mountinfo, bool *unified)
{
	char *found = NULL;
	struct slice line;
	while (slice_cut(&mountinfo, '\n', &line)) {
		const char *dash = line.len ? memmem(line.ptr, line.len, " - ", 3) : NULL;
		struct slice point = field(line, 4);
		if (!dash || !point.len || memchr(point.ptr, '\\', point.len))
			continue;
		struct slice rest = slice_from(line, (size_t)(dash - line.ptr) + 3);
		struct slice type = field(rest, 0), options = field(rest, 2);
		if (slice_is(type, "cgroup") && has_word(options, "pids")) {
			free(found);
			*unified = false;
			return slice_dup(point);
		}
		if (slice_is(type, "cgroup2") && !found) {
			found = slice_dup(point);
			*unified = true;
		}
	}
	return found;
}

// This process's own group in that hierarchy, "" when unknown.
static struct slice own_group(struct slice cgroup, bool unified)
{
	struct slice line;
	while (slice_cut(&cgroup, '\n', &line)) { // "8:pids:/user.slice", "0::/user.slice"
		struct slice rest = line, number, controllers;
		if (!slice_cut(&rest, ':', &number) || !slice_cut(&rest, ':', &controllers))
			continue;
		if (unified ? controllers.len == 0 : has_word(controllers, "pids"))
			return rest;
	}
	return (struct slice){NULL, 0};
}

static int write_value(const char *folder, const char *name, const char *value)
{
	cleanup_free char *path = xasprintf("%s/%s", folder, name);
	cleanup_fd int fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd >= 0 && write(fd, value, strlen(value)) == (ssize_t)strlen(value) ? 0 : -1;
}

// cgroup v2 gives a controller to groups only where the parent says so; at the top, and only there, we may say so.
static bool gives_pids(const char *parent, bool top)
{
	cleanup_free char *path = xasprintf("%s/cgroup.subtree_control", parent);
	for (int try = 0; try < 2; try++) {
		cleanup_text struct text text = TEXT_INIT;
		struct error ignored = ERROR_INIT; // no such file: no such hierarchy
		if (file_read(path, PROC_LIMIT, &text, &ignored))
			return false;
		if (has_word(text_slice(&text), "pids"))
			return true;
		if (!top || write_value(parent, "cgroup.subtree_control", "+pids +memory"))
			return false;
	}
	return false;
}

char *sandbox_group_parent(struct slice mountinfo, struct slice cgroup, bool *unified)
{
	cleanup_free char *mount = find_mount(mountinfo, unified);
	struct slice own = mount ? own_group(cgroup, *unified) : (struct slice){NULL, 0};
	if (!mount || !own.len || own.ptr[0] != '/')
		return xstrdup("");
	bool top = own.len == 1;
	while (own.len > 1 && own.ptr[own.len - 1] != '/') // beside our own group, under the same limits as it
		own.len--;
	if (own.len > 1)
		own.len--;
	cleanup_free char *parent = own.len == 1 ? xstrdup(mount) : xasprintf("%s%.*s", mount, (int)own.len, own.ptr);
	return !*unified || gives_pids(parent, top) ? steal(&parent) : xstrdup("");
}

char *sandbox_group_find(bool *unified)
{
	cleanup_text struct text mountinfo = TEXT_INIT, cgroup = TEXT_INIT;
	struct error ignored = ERROR_INIT; // no /proc: no groups
	if (file_read("/proc/self/mountinfo", PROC_LIMIT, &mountinfo, &ignored) ||
	    file_read("/proc/self/cgroup", PROC_LIMIT, &cgroup, &ignored))
		return xstrdup("");
	return sandbox_group_parent(text_slice(&mountinfo), text_slice(&cgroup), unified);
}

void sandbox_group_sweep(const char *parent)
{
	file_names names = VEC_INIT;
	struct error ignored = ERROR_INIT; // sweeping is a courtesy
	if (dir_list(parent, &names, &ignored))
		return;
	vec_each (&names, name) {
		uint64_t holder = 0;
		struct slice rest = slice_of(*name), number;
		if (!slice_starts(rest, prefix))
			continue;
		rest = slice_from(rest, strlen(prefix));
		if (!slice_cut(&rest, '-', &number) || parse_u64(number, &holder) || holder == 0 || holder > INT32_MAX)
			continue;
		if (kill((pid_t)holder, 0) && errno == ESRCH) {
			cleanup_free char *path = xasprintf("%s/%s", parent, *name);
			rmdir(path);
		}
	}
	file_names_clear(&names);
}

int sandbox_group_make(const char *parent, bool unified, unsigned int processes, uint64_t total_memory, char **out,
		       struct error *err)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	cleanup_free char *group =
		xasprintf("%s/%s%d-%lld%09ld", parent, prefix, (int)getpid(), (long long)now.tv_sec, (long)now.tv_nsec);
	cleanup_free char *count = xasprintf("%u", processes);
	cleanup_free char *bytes = xasprintf("%llu", (unsigned long long)total_memory);
	if (mkdir(group, 0755))
		return error_errno(err, ERROR_TOOL, "sandbox: control group %s", group);
	if (write_value(group, "pids.max", count)) {
		error_errno(err, ERROR_TOOL, "sandbox: %s/pids.max", group);
		rmdir(group);
		return -1;
	}
	// The memory controller may be missing where pids is there; then RLIMIT_AS of each process is what bounds it.
	if (unified && total_memory && !write_value(group, "memory.max", bytes))
		write_value(group, "memory.swap.max", "0");
	*out = steal(&group);
	return 0;
}

void sandbox_group_remove(const char *group)
{
	// The kernel takes a moment to let go of processes that it has reaped.
	for (int try = 0; try < REMOVE_TRIES && rmdir(group) && errno == EBUSY; try++)
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}
