//go:build !gophersnake_bundle

// Makes what was written to a folder's file system survive a power cut: one
// call, since a release has thousands of files.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "bridge.h"

int pyrt_sync(const char *folder)
{
#ifdef __linux__
	int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (file < 0)
		return errno;
	int failure = syncfs(file) ? errno : 0;
	close(file);
	return failure;
#else
	(void)folder;
	sync();
	return 0;
#endif
}
