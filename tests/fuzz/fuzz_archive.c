// Archives from outside, unpacked and searched. Beyond memory errors: whatever was unpacked stays in its folder, has
// harmless modes, and a failure leaves nothing.
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/archive.h"
#include "core/file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool right)
{
	if (!right)
		abort();
}

// Every name beneath must be a folder, a plain file, or a link that stays beneath root.
static void check_tree(int root, const char *path)
{
	struct error err = ERROR_INIT;
	file_names names = VEC_INIT;
	must(!dir_list(path, &names, &err));
	vec_each (&names, name) {
		cleanup_free char *below = xasprintf("%s/%s", path, *name);
		struct stat status;
		must(!lstat(below, &status));
		if (S_ISDIR(status.st_mode)) {
			must((status.st_mode & 07777) == 0755);
			check_tree(root, below);
		} else if (S_ISREG(status.st_mode)) {
			must((status.st_mode & 07777) == 0644 || (status.st_mode & 07777) == 0755);
		} else {
			must(S_ISLNK(status.st_mode));
			struct open_how how = {.flags = O_PATH, .resolve = RESOLVE_BENEATH};
			const char *relative = strstr(below, "/out/") + 5;
			long fd = syscall(SYS_openat2, root, relative, &how, sizeof how);
			must(fd >= 0 || errno != EXDEV); // EXDEV: it leaves
			if (fd >= 0)
				close((int)fd);
		}
	}
	file_names_clear(&names);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char folder[] = "/dev/shm/fuzz-archive-XXXXXX"; // one for the process
	static bool made;
	const struct archive_limits limits = {.entries = 200, .bytes = 1 << 20, .entry_bytes = 1 << 19};
	struct error err = ERROR_INIT;
	if (!made)
		must(mkdtemp(folder) != NULL);
	made = true;
	cleanup_text struct text out = TEXT_INIT;
	struct slice archive = {(const char *)data, size};
	archive_read_member(archive, "*/METADATA", 1000, &out, &err);
	must(out.len <= 1000);
	archive_read_member(archive, "a", 1000, &out, &err);

	cleanup_fd int fd = memfd_create("archive", MFD_CLOEXEC);
	must(fd >= 0 && !file_write_all(fd, data, size));
	cleanup_free char *path = xasprintf("/proc/self/fd/%d", fd), *to = xasprintf("%s/out", folder);
	err = (struct error)ERROR_INIT;
	int status = archive_unpack(path, to, &limits, &err);
	must(status ? err.code == ERROR_INPUT && !dir_exists(to) : dir_exists(to));
	if (!status) {
		cleanup_fd int root = open(to, O_PATH | O_DIRECTORY | O_CLOEXEC);
		check_tree(root, to);
		must(!dir_remove_tree(to, &err));
	}
	file_names rest = VEC_INIT;
	must(!dir_list(folder, &rest, &err) && rest.count == 0);
	file_names_clear(&rest);
	return 0;
}
