// Unpacks an archive from outside into a new folder. Everything is made beneath
// that folder through descriptors of real folders, links are made last, so no
// member is ever written through a link; modes are 0644, 0755 and nothing else.
// The policy for names is in archive_names.c, for bytes in archive_open.c.
#include "core/archive.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "core/archive_open.h"
#include "core/file.h"
#include "core/vec.h"

struct link {
	char *path, *target;
	bool hard;
};

struct unpacking {
	struct archive_reader reader;
	struct archive_names names;
	int root;          // descriptor of the new folder
	int folder;        // of the folder of the last member, or -1
	char *folder_path; // its path beneath root
	VEC(struct link) links;
	char *buffer;
};

enum { BUFFER = 128 << 10, TARGET_LIMIT = 4096 };

static int disk_error(struct unpacking *unpacking, struct error *err)
{
	int saved = errno;
	return error_set(err, ERROR_WORKSPACE, "%s: member %s: %s", unpacking->reader.what,
			 unpacking->reader.shown ? unpacking->reader.shown : "", strerror(saved));
}

// ---- folders and files beneath the root ------------------------------------------------------------------------------

static int open_one(int parent, const char *name)
{
	int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	int at = openat(parent, name, flags);
	if (at >= 0 || errno != ENOENT || mkdirat(parent, name, 0755))
		return at;
	at = openat(parent, name, flags);
	if (at >= 0 && fchmod(at, 0755)) { // whatever the umask is
		close(at);
		at = -1;
	}
	return at;
}

// A descriptor of the folder (path "" is the root), made when absent. Never goes through a link.
static int open_folder(struct unpacking *unpacking, struct slice path)
{
	cleanup_free char *whole = slice_dup(path);
	struct open_how how = {.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
			       .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};
	// At once, when it is there and the kernel knows how (5.6, and not under every container's filter).
	int at = (int)syscall(SYS_openat2, unpacking->root, path.len ? whole : ".", &how, sizeof how);
	struct slice component;
	if (at >= 0)
		return at;
	at = fcntl(unpacking->root, F_DUPFD_CLOEXEC, 0);
	while (at >= 0 && path.len && slice_cut(&path, '/', &component)) {
		cleanup_free char *name = slice_dup(component);
		cleanup_fd int parent = at;
		at = open_one(parent, name);
	}
	return at;
}

static struct slice parent_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return (struct slice){path, slash ? (size_t)(slash - path) : 0};
}

static const char *last_of(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

// The folder of a member; members of one folder mostly come one after the other.
static int enter_folder(struct unpacking *unpacking, struct slice path)
{
	if (unpacking->folder >= 0 && slice_is(path, unpacking->folder_path))
		return unpacking->folder;
	if (unpacking->folder >= 0)
		close(unpacking->folder);
	free(unpacking->folder_path);
	unpacking->folder_path = slice_dup(path);
	unpacking->folder = open_folder(unpacking, path);
	return unpacking->folder;
}

// What the archive says, within what zip and tar can both say again; else the beginning of 1980.
static struct timespec time_of(struct archive_entry *entry)
{
	const time_t first = 315532800, last = 4294967295; // 1980-01-01, 2106-02-07
	time_t time = archive_entry_mtime_is_set(entry) ? archive_entry_mtime(entry) : first;
	return (struct timespec){.tv_sec = time < first || time > last ? first : time};
}

static int copy_data(struct unpacking *unpacking, int fd, struct error *err)
{
	size_t bytes = 0;
	ssize_t got;
	while ((got = archive_reader_read(&unpacking->reader, bytes, unpacking->buffer, BUFFER, err)) > 0) {
		bytes += (size_t)got;
		for (ssize_t done = 0; done < got;) {
			ssize_t wrote = write(fd, unpacking->buffer + done, (size_t)(got - done));
			if (wrote < 0 && errno != EINTR)
				return disk_error(unpacking, err);
			done += wrote > 0 ? wrote : 0;
		}
	}
	return got < 0 ? -1 : 0;
}

static int make_file(struct unpacking *unpacking, const char *path, struct archive_entry *entry, struct error *err)
{
	if (archive_reader_check_size(&unpacking->reader, entry, err))
		return -1;
	int folder = enter_folder(unpacking, parent_of(path));
	cleanup_fd int fd =
		folder < 0 ? -1
			   : openat(folder, last_of(path), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return disk_error(unpacking, err);
	if (copy_data(unpacking, fd, err))
		return -1;
	mode_t mode = archive_entry_perm(entry) & 0111 ? 0755 : 0644; // no setuid, no world-writable
	struct timespec times[2] = {time_of(entry), time_of(entry)};
	if (fchmod(fd, mode) || futimens(fd, times))
		return disk_error(unpacking, err);
	int closing = fd;
	fd = -1;
	return close(closing) ? disk_error(unpacking, err) : 0; // NFS reports a full disk here
}

// ---- links -----------------------------------------------------------------------------------------------------------

// A symbolic link may climb to the root with leading ".." only: after a name, ".." would leave from wherever that
// name leads, if it is a link itself. As every link keeps to this, none leaves.
static int check_target(struct unpacking *unpacking, const char *path, const char *target, struct error *err)
{
	size_t depth = 0;
	bool named = false;
	struct slice rest = slice_of(target), component;
	for (const char *at = path; *at; at++)
		depth += *at == '/';
	if (!*target || rest.len > TARGET_LIMIT || *target == '/')
		return archive_reader_refuse(&unpacking->reader, err, "a link that leaves the archive");
	while (slice_cut(&rest, '/', &component)) {
		if (component.len == 0 || slice_is(component, "."))
			continue;
		bool up = slice_is(component, "..");
		if (up && (named || depth-- == 0))
			return archive_reader_refuse(&unpacking->reader, err, "a link that leaves the archive");
		named |= !up;
	}
	return 0;
}

static int note_link(struct unpacking *unpacking, const char *path, struct archive_entry *entry, struct error *err)
{
	const char *hard = archive_entry_hardlink(entry), *target = archive_entry_symlink(entry);
	if (hard) {
		char *clean = NULL;
		if (archive_path_clean(&unpacking->reader, hard, "its target", &clean, err))
			return -1;
		if (!archive_names_has_file(&unpacking->names, &unpacking->reader, clean)) {
			free(clean);
			return archive_reader_refuse(&unpacking->reader, err,
						     "a hard link to what is not a file before it in the archive");
		}
		vec_push(&unpacking->links, (struct link){xstrdup(path), clean, true});
		return 0;
	}
	if (!target)
		return archive_reader_refuse(&unpacking->reader, err,
					     "a link to nothing, or whose target is not UTF-8");
	if (check_target(unpacking, path, target, err))
		return -1;
	vec_push(&unpacking->links, (struct link){xstrdup(path), xstrdup(target), false});
	return 0;
}

static int make_links(struct unpacking *unpacking, struct error *err)
{
	vec_each (&unpacking->links, link) {
		free(unpacking->reader.shown);
		unpacking->reader.shown = archive_printable(link->path);
		int folder = enter_folder(unpacking, parent_of(link->path));
		if (folder < 0)
			return disk_error(unpacking, err);
		cleanup_fd int from = link->hard ? open_folder(unpacking, parent_of(link->target)) : -1;
		if (link->hard ? from < 0 || linkat(from, last_of(link->target), folder, last_of(link->path), 0)
			       : symlinkat(link->target, folder, last_of(link->path)))
			return disk_error(unpacking, err);
	}
	return 0;
}

// ---- members ---------------------------------------------------------------------------------------------------------

static const char *kind_word(unsigned type)
{
	switch (type) {
	case AE_IFIFO: return "a FIFO";
	case AE_IFCHR:
	case AE_IFBLK: return "a device";
	case AE_IFSOCK: return "a socket";
	default: return "neither a file nor a folder";
	}
}

static int unpack_member(struct unpacking *unpacking, struct archive_entry *entry, struct error *err)
{
	struct archive_reader *reader = &unpacking->reader;
	cleanup_free char *path = NULL;
	unsigned type = archive_entry_filetype(entry);
	bool is_link = type == AE_IFLNK || archive_entry_hardlink(entry);
	if (archive_path_clean(reader, archive_entry_pathname(entry), "its name", &path, err))
		return -1;
	if (!is_link && type != AE_IFREG && type != AE_IFDIR)
		return archive_reader_refuse(reader, err, "it is %s; only files and folders are taken",
					     kind_word(type));
	if (!*path) // the root itself
		return type == AE_IFDIR ? 0
					: archive_reader_refuse(reader, err, "its name is that of the folder itself");
	enum archive_name_kind kind = is_link ? ARCHIVE_LINK : type == AE_IFDIR ? ARCHIVE_FOLDER : ARCHIVE_FILE;
	if (archive_names_add(&unpacking->names, reader, path, kind, err))
		return -1;
	if (is_link)
		return note_link(unpacking, path, entry, err);
	if (type == AE_IFDIR)
		return enter_folder(unpacking, slice_of(path)) < 0 ? disk_error(unpacking, err) : 0;
	return make_file(unpacking, path, entry, err);
}

static void unpacking_clear(struct unpacking *unpacking)
{
	archive_reader_close(&unpacking->reader);
	archive_names_clear(&unpacking->names);
	if (unpacking->folder >= 0)
		close(unpacking->folder);
	free(unpacking->folder_path);
	vec_each (&unpacking->links, link) {
		free(link->path);
		free(link->target);
	}
	vec_clear(&unpacking->links);
	free(unpacking->buffer);
}

static int unpack_into(int archive, const char *what, enum archive_kind kind, int root,
		       const struct archive_limits *limits, struct error *err)
{
	cleanup_with(unpacking_clear) struct unpacking unpacking = {
		.root = root, .folder = -1, .names = {.arena = ARENA_INIT}};
	struct archive_entry *entry;
	if (archive_reader_open_fd(&unpacking.reader, archive, what, kind, limits, err))
		return -1;
	unpacking.buffer = xmalloc(BUFFER);
	int more;
	while ((more = archive_reader_next(&unpacking.reader, &entry, err)) > 0)
		if (unpack_member(&unpacking, entry, err))
			return -1;
	return more < 0 ? -1 : make_links(&unpacking, err);
}

static enum archive_kind kind_of(const char *path)
{
	struct slice name = slice_of(path);
	if (slice_ends(name, ".whl") || slice_ends(name, ".zip"))
		return ARCHIVE_ZIP; // as pip reads it, whatever it begins with
	return ARCHIVE_ANY;
}

int archive_unpack(const char *path, const char *folder, const struct archive_limits *limits, struct error *err)
{
	cleanup_fd int archive = open(path, O_RDONLY | O_CLOEXEC);
	if (archive < 0)
		return error_errno(err, ERROR_INPUT, "%s", path);
	if (mkdir(folder, 0755))
		return error_errno(err, ERROR_WORKSPACE, "%s: unpack into %s", last_of(path), folder);
	cleanup_fd int root = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int status = root < 0 ? error_errno(err, ERROR_WORKSPACE, "%s", folder)
			      : unpack_into(archive, last_of(path), kind_of(path), root, limits, err);
	if (status) {
		struct error removal = ERROR_INIT; // the first error is the one to tell
		dir_remove_tree(folder, &removal);
	}
	return status;
}
